#include "pipeline/interval/lesion_inside.h"

#include <algorithm>

#include "gpu/distance_transform.h"

namespace dinsd {
namespace {

// The box round the voxels of one label, both corners included.
struct Extent {
  Index3 low, high;
  bool is_there = false;

  void Add(const Index3& v) {
    low = is_there ? Index3{std::min(low.z, v.z), std::min(low.y, v.y), std::min(low.x, v.x)} : v;
    high = is_there ? Index3{std::max(high.z, v.z), std::max(high.y, v.y), std::max(high.x, v.x)} : v;
    is_there = true;
  }
};

std::vector<Extent> ExtentsOf(const LabelMap& mask, std::size_t lesions) {
  std::vector<Extent> extents(lesions);
  for (std::size_t at = 0; at < mask.labels.size(); ++at) {
    const std::uint16_t label = mask.labels[at];
    if (label > 0 && label <= lesions) extents[label - 1U].Add(IndexAt(mask.grid.SizeZyx(), at));
  }
  return extents;
}

InsideVoxels DeepOf(const LabelMap& mask, std::uint16_t label, const Extent& extent) {
  const Size3 whole = mask.grid.SizeZyx();
  const Size3 size{extent.high.z - extent.low.z + 3, extent.high.y - extent.low.y + 3,
                   extent.high.x - extent.low.x + 3};
  std::vector<std::uint8_t> outside(size.VoxelCount(), 1);
  const auto placed = [&](std::size_t at) -> Index3 {
    const Index3 v = IndexAt(size, at);
    return {v.z - 1 + extent.low.z, v.y - 1 + extent.low.y, v.x - 1 + extent.low.x};
  };
  for (std::size_t at = 0; at < outside.size(); ++at) {
    const Index3 v = placed(at);
    if (Contains(whole, v) && mask.labels[Offset(whole, v)] == label) outside[at] = 0;
  }
  const auto& mm = mask.grid.spacing;
  const std::vector<float> depth = DistanceToMask(outside, size, {mm[2], mm[1], mm[0]});
  const float least = *std::max_element(depth.begin(), depth.end()) / 2;
  InsideVoxels deep;
  for (std::size_t at = 0; at < depth.size(); ++at) {
    const Index3 v = placed(at);
    if (outside[at] == 0 && depth[at] >= least) deep.push_back({v.x, v.y, v.z});
  }
  return deep;
}

}  // namespace

std::vector<InsideVoxels> DeepVoxels(const LabelMap& mask, std::size_t lesions) {
  const std::vector<Extent> extents = ExtentsOf(mask, lesions);
  std::vector<InsideVoxels> deep(lesions);
  for (std::size_t k = 0; k < lesions; ++k) {
    if (extents[k].is_there) deep[k] = DeepOf(mask, static_cast<std::uint16_t>(k + 1), extents[k]);
  }
  return deep;
}

}  // namespace dinsd
