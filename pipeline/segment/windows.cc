#include "pipeline/segment/windows.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "gpu/connected_components.h"
#include "model/box_mode.h"

namespace dinsd {
namespace {

struct Stretch {
  std::int64_t begin;
  std::int64_t end;
};

std::int64_t RoundUp(std::int64_t n, std::int64_t step) {
  return (n + step - 1) / step * step;
}

// `in` grown by equal parts to a legal length and moved inside an axis of `length` (itself a multiple of `step`).
Stretch Fit(Stretch in, std::int64_t smallest, std::int64_t step, std::int64_t length) {
  const std::int64_t own = in.end - in.begin;
  const std::int64_t wanted = std::min(RoundUp(std::max(own, smallest), step), length);
  const std::int64_t begin = std::clamp<std::int64_t>(in.begin - (wanted - own) / 2, 0, length - wanted);
  return {begin, begin + wanted};
}

Stretch Grow(Stretch in, bool at_begin, bool at_end, std::int64_t length) {
  const std::int64_t half = (in.end - in.begin + 1) / 2;
  return {at_begin ? std::max<std::int64_t>(0, in.begin - half) : in.begin,
          at_end ? std::min(length, in.end + half) : in.end};
}

// A grown stretch made legal by taking more at its end, or at its begin where the axis ends.
Stretch Extend(Stretch in, std::int64_t step, std::int64_t length) {
  const std::int64_t wanted = std::min(RoundUp(in.end - in.begin, step), length);
  const std::int64_t end = std::min(length, in.begin + wanted);
  return {end - wanted, end};
}

std::int64_t Scaled(std::int64_t k, std::int64_t in, std::int64_t out) {
  if (in <= 1) return 0;
  return std::llround(static_cast<double>(k) * static_cast<double>(out - 1) / static_cast<double>(in - 1));
}

Size3 SizeOf(const IndexBox& box) {
  return {box.end.z - box.begin.z, box.end.y - box.begin.y, box.end.x - box.begin.x};
}

IndexBox Box(const Stretch& z, const Stretch& y, const Stretch& x) {
  return {{z.begin, y.begin, x.begin}, {z.end, y.end, x.end}};
}

}  // namespace

bool WindowSides::Any() const {
  const auto is_set = [](bool b) { return b; };
  return std::any_of(at_begin.begin(), at_begin.end(), is_set) || std::any_of(at_end.begin(), at_end.end(), is_set);
}

WindowRule::WindowRule(const ModelManifest& manifest, const NetworkGrid& grid)
    : is_on_network_grid_(manifest.grid_rule == GridRule::kSpacing),
      array_(grid.padded()),
      size_(is_on_network_grid_ ? grid.network() : grid.image()),
      smallest_(is_on_network_grid_ ? manifest.training_crop : Size3{6, 128, 128}),
      step_(is_on_network_grid_ ? Size3{2, 16, 16} : Size3{1, 1, 1}) {}

Index3 WindowRule::Locate(const Index3& v) const {
  if (!is_on_network_grid_) return v;
  return {v.z, Scaled(v.y, array_.y, size_.y), Scaled(v.x, array_.x, size_.x)};
}

IndexBox WindowRule::Locate(const IndexBox& box) const {
  const Index3 first = Locate(box.begin);
  const Index3 last = Locate(Index3{box.end.z - 1, box.end.y - 1, box.end.x - 1});
  return {first, {last.z + 1, last.y + 1, last.x + 1}};
}

IndexBox WindowRule::Around(const ArrayLesion& lesion) const {
  const IndexBox marked = Locate(lesion.Bounds());
  return Box(Fit({marked.begin.z, marked.end.z}, smallest_.z, step_.z, size_.z),
             Fit({marked.begin.y, marked.end.y}, smallest_.y, step_.y, size_.y),
             Fit({marked.begin.x, marked.end.x}, smallest_.x, step_.x, size_.x));
}

IndexBox WindowRule::Grown(const IndexBox& w, const WindowSides& sides) const {
  return Legal(Box(Grow({w.begin.z, w.end.z}, sides.at_begin[0], sides.at_end[0], size_.z),
                   Grow({w.begin.y, w.end.y}, sides.at_begin[1], sides.at_end[1], size_.y),
                   Grow({w.begin.x, w.end.x}, sides.at_begin[2], sides.at_end[2], size_.x)));
}

IndexBox WindowRule::Legal(const IndexBox& w) const {
  return Box(Extend({w.begin.z, w.end.z}, step_.z, size_.z), Extend({w.begin.y, w.end.y}, step_.y, size_.y),
             Extend({w.begin.x, w.end.x}, step_.x, size_.x));
}

WindowSides WindowRule::SidesReached(const IndexBox& window, std::span<const std::uint8_t> mask,
                                     std::span<const Index3> voxels) const {
  const Size3 size = SizeOf(window);
  const Components parts = LabelComponents(mask, size, Connectivity::k26);
  std::set<std::int32_t> own;
  for (const Index3& v : voxels) {
    const Index3 inside{v.z - window.begin.z, v.y - window.begin.y, v.x - window.begin.x};
    if (Contains(size, inside)) own.insert(parts.labels[Offset(size, inside)]);
  }
  own.erase(0);
  WindowSides sides;
  if (own.empty()) return sides;
  const std::array<bool, 3> opens_at_begin = {window.begin.z > 0, window.begin.y > 0, window.begin.x > 0};
  const std::array<bool, 3> opens_at_end = {window.end.z < size_.z, window.end.y < size_.y, window.end.x < size_.x};
  const std::array<std::int64_t, 3> last = {size.z - 1, size.y - 1, size.x - 1};
  for (std::size_t at = 0; at < mask.size(); ++at) {
    if (parts.labels[at] == 0 || !own.contains(parts.labels[at])) continue;
    const Index3 v = IndexAt(size, at);
    const std::array<std::int64_t, 3> zyx = {v.z, v.y, v.x};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      if (zyx[axis] == 0 && opens_at_begin[axis]) sides.at_begin[axis] = true;
      if (zyx[axis] == last[axis] && opens_at_end[axis]) sides.at_end[axis] = true;
    }
  }
  return sides;
}

std::int64_t WindowRule::PassVoxels(const IndexBox& window) const {
  const Size3 size = is_on_network_grid_ ? SizeOf(window) : WindowGrid(window).network();
  return static_cast<std::int64_t>(size.VoxelCount());
}

}  // namespace dinsd
