#include "model/click_simulation.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "gpu/connected_components.h"
#include "gpu/mask_ops.h"
#include "gpu/skeleton.h"
#include "model/published_sort.h"

namespace dinsd {
namespace {

using Mask = std::vector<std::uint8_t>;

Index3 Rounded(const Vec3& v) {  // half to even, the default rounding mode
  return {static_cast<std::int64_t>(std::nearbyint(v.z)), static_cast<std::int64_t>(std::nearbyint(v.y)),
          static_cast<std::int64_t>(std::nearbyint(v.x))};
}

std::optional<Index3> NearestVoxel(const Mask& mask, const Size3& size, const Index3& to) {
  std::optional<Index3> nearest;
  std::int64_t least = 0;
  for (std::size_t at = 0; at < mask.size(); ++at) {
    if (mask[at] == 0) continue;
    const Index3 v = IndexAt(size, at);
    const std::int64_t dz = v.z - to.z, dy = v.y - to.y, dx = v.x - to.x;
    const std::int64_t squared = dz * dz + dy * dy + dx * dx;
    if (!nearest || squared < least) {
      nearest = v;
      least = squared;
    }
  }
  return nearest;
}

// The slice with most error alone, thinned within itself.
Mask SliceSkeleton(const Mask& error, const Size3& size) {
  const auto slice_voxels = static_cast<std::size_t>(size.y * size.x);
  std::size_t fullest = 0;
  std::int64_t most = -1;
  for (std::size_t z = 0; z < static_cast<std::size_t>(size.z); ++z) {
    const auto begin = error.begin() + static_cast<std::ptrdiff_t>(z * slice_voxels);
    const std::int64_t count =
        std::count_if(begin, begin + static_cast<std::ptrdiff_t>(slice_voxels), [](std::uint8_t v) { return v != 0; });
    if (count > most) {
      most = count;
      fullest = z;
    }
  }
  const std::span<const std::uint8_t> slice(&error[fullest * slice_voxels], slice_voxels);
  const Mask thin = Skeletonize2d(slice, size.y, size.x);
  Mask skeleton(error.size());
  std::copy(thin.begin(), thin.end(), skeleton.begin() + static_cast<std::ptrdiff_t>(fullest * slice_voxels));
  return skeleton;
}

bool IsEmpty(const Mask& mask) {
  return std::none_of(mask.begin(), mask.end(), [](std::uint8_t v) { return v != 0; });
}

class ClickChooser {
 public:
  ClickChooser(Mask error, const Size3& size, const ClickRules& rules)
      : error_(std::move(error)), size_(size), rules_(rules) {}

  std::optional<Index3> Choose(std::span<const Index3> earlier) {
    while (!IsEmpty(error_)) {
      const Components pieces = LabelComponents(error_, size_, Connectivity::k6);
      skeleton_.clear();
      std::optional<Index3> first;
      for (const std::int32_t label : LargestFirst(pieces)) {
        const std::optional<Index3> point = PointOf(pieces, label);
        if (!point) return std::nullopt;
        if (std::find(earlier.begin(), earlier.end(), *point) == earlier.end()) return point;
        if (!first) first = point;
      }
      error_[Offset(size_, *first)] = 0;
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] std::vector<std::int32_t> LargestFirst(const Components& pieces) const {
    std::vector<std::int32_t> order;
    for (const std::size_t position : PublishedArgsort(pieces.sizes))
      order.push_back(static_cast<std::int32_t>(position) + 1);
    std::reverse(order.begin(), order.end());
    if (rules_.tie_takes_last) return order;
    const auto size_of = [&](std::int32_t label) { return pieces.sizes[static_cast<std::size_t>(label - 1)]; };
    std::sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
      return size_of(a) != size_of(b) ? size_of(a) > size_of(b) : a < b;
    });
    return order;
  }

  std::optional<Index3> PointOf(const Components& pieces, std::int32_t label) {
    const Index3 centre = Rounded(Centroid(pieces.labels, size_, label));
    if (error_[Offset(size_, centre)] != 0) return centre;
    if (rules_.skeleton_of_whole_error) {
      if (skeleton_.empty()) skeleton_ = SkeletonOf(error_);
      return NearestVoxel(skeleton_, size_, centre);
    }
    Mask piece(error_.size());
    for (std::size_t i = 0; i < piece.size(); ++i) piece[i] = pieces.labels[i] == label ? 1 : 0;
    return NearestVoxel(SkeletonOf(piece), size_, centre);
  }

  [[nodiscard]] Mask SkeletonOf(const Mask& mask) const {
    Mask skeleton = Skeletonize3d(mask, size_);
    if (IsEmpty(skeleton)) skeleton = SliceSkeleton(mask, size_);
    return IsEmpty(skeleton) ? mask : skeleton;
  }

  Mask error_;
  Size3 size_;
  ClickRules rules_;
  Mask skeleton_;
};

}  // namespace

std::optional<Click> NextClick(std::span<const std::uint8_t> prediction, std::span<const std::uint8_t> label,
                               const Size3& size, std::span<const Index3> earlier, const ClickRules& rules) {
  ClickChooser chooser(SymmetricDifference(prediction, label), size, rules);
  const std::optional<Index3> point = chooser.Choose(earlier);
  if (!point) return std::nullopt;
  return Click{*point, label[Offset(size, *point)] != 0 ? Polarity::kPositive : Polarity::kNegative};
}

}  // namespace dinsd
