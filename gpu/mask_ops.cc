#include "gpu/mask_ops.h"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace dinsd {
namespace {

// 1 at each voxel that is inside and has all neighbours inside (erosion), or that has any of them inside (dilation).
template <bool kErode>
std::vector<std::uint8_t> Morph(std::span<const std::uint8_t> mask, const Size3& size, Connectivity connectivity) {
  if (mask.size() != size.VoxelCount()) throw std::invalid_argument("mask and its size differ");
  const std::vector<Index3> offsets = NeighbourOffsets(connectivity);
  std::vector<std::uint8_t> out(mask.size());
  for (std::size_t at = 0; at < mask.size(); ++at) {
    bool is_in = mask[at] != 0;
    if (is_in == kErode) {
      const Index3 v = IndexAt(size, at);
      const auto is_neighbour_in = [&](const Index3& d) {
        const Index3 n{v.z + d.z, v.y + d.y, v.x + d.x};
        return Contains(size, n) && mask[Offset(size, n)] != 0;
      };
      is_in = kErode ? std::all_of(offsets.begin(), offsets.end(), is_neighbour_in)
                     : std::any_of(offsets.begin(), offsets.end(), is_neighbour_in);
    }
    out[at] = is_in ? 1 : 0;
  }
  return out;
}

}  // namespace

std::vector<Index3> NeighbourOffsets(Connectivity connectivity) {
  const int reach = connectivity == Connectivity::k6 ? 1 : connectivity == Connectivity::k18 ? 2 : 3;
  std::vector<Index3> offsets;
  for (std::int64_t z = -1; z <= 1; ++z) {
    for (std::int64_t y = -1; y <= 1; ++y) {
      for (std::int64_t x = -1; x <= 1; ++x) {
        const auto steps = std::abs(z) + std::abs(y) + std::abs(x);
        if (steps > 0 && steps <= reach) offsets.push_back({z, y, x});
      }
    }
  }
  return offsets;
}

std::vector<std::uint8_t> SymmetricDifference(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  if (a.size() != b.size()) throw std::invalid_argument("symmetric difference: masks differ in size");
  std::vector<std::uint8_t> out(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) out[i] = (a[i] != 0) != (b[i] != 0) ? 1 : 0;
  return out;
}

Vec3 Centroid(std::span<const std::int32_t> labels, const Size3& size, std::int32_t label) {
  Index3 sum;
  std::int64_t count = 0;
  for (std::size_t at = 0; at < labels.size(); ++at) {
    if (labels[at] != label) continue;
    const Index3 v = IndexAt(size, at);
    sum = {sum.z + v.z, sum.y + v.y, sum.x + v.x};
    ++count;
  }
  if (count == 0) throw std::invalid_argument("centroid: no voxel has label " + std::to_string(label));
  const auto mean = [&](std::int64_t s) { return static_cast<double>(s) / static_cast<double>(count); };
  return {mean(sum.z), mean(sum.y), mean(sum.x)};
}

std::vector<std::uint8_t> Dilate(std::span<const std::uint8_t> mask, const Size3& size, Connectivity connectivity) {
  return Morph<false>(mask, size, connectivity);
}

std::vector<std::uint8_t> Erode(std::span<const std::uint8_t> mask, const Size3& size, Connectivity connectivity) {
  return Morph<true>(mask, size, connectivity);
}

std::optional<IndexBox> BoundingBox(std::span<const std::uint8_t> mask, const Size3& size) {
  std::optional<IndexBox> box;
  for (std::size_t at = 0; at < mask.size(); ++at) {
    if (mask[at] == 0) continue;
    const Index3 v = IndexAt(size, at);
    if (!box) box = IndexBox{v, v};
    box->begin = {std::min(box->begin.z, v.z), std::min(box->begin.y, v.y), std::min(box->begin.x, v.x)};
    box->end = {std::max(box->end.z, v.z), std::max(box->end.y, v.y), std::max(box->end.x, v.x)};
  }
  if (box) box->end = {box->end.z + 1, box->end.y + 1, box->end.x + 1};
  return box;
}

}  // namespace dinsd
