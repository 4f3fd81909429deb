#include "pipeline/report/lesion_extent.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <set>

namespace dinsd {
namespace {

void Include(LesionExtent& extent, std::int64_t z, std::int64_t y, std::int64_t x) {
  if (extent.z1 == 0) extent.z0 = z;
  if (z >= extent.z1) {
    extent.z1 = z + 1;
    extent.voxels_on_slice.resize(static_cast<std::size_t>(extent.z1 - extent.z0));
  }
  extent.box.Include(x, y);
  ++extent.voxels_on_slice.back();
}

}  // namespace

std::vector<LesionExtent> ExtentsOf(const LabelMap& mask, const SliceView& view, std::size_t labels) {
  std::vector<LesionExtent> extents(labels);
  const Size3 size = view.size();
  for (std::int64_t z = 0; z < size.z; ++z) {
    for (std::int64_t y = 0; y < size.y; ++y) {
      for (std::int64_t x = 0; x < size.x; ++x) {
        const std::uint16_t label = mask.labels[view.Offset(z, y, x)];
        if (label > 0 && label < labels) Include(extents[label], z, y, x);
      }
    }
  }
  for (LesionExtent& extent : extents) {
    const auto& counts = extent.voxels_on_slice;
    extent.largest_slice = extent.z0 + (std::max_element(counts.begin(), counts.end()) - counts.begin());
  }
  return extents;
}

std::vector<std::int64_t> ChooseSlices(const std::vector<std::int64_t>& wanted, std::int64_t start, std::int64_t begin,
                                       std::int64_t end, std::size_t most) {
  std::set<std::int64_t> chosen;
  for (const std::int64_t z : wanted) {
    if (chosen.size() < most) chosen.insert(z);
  }
  if (chosen.empty() && end > begin) chosen.insert(std::clamp(start, begin, end - 1));
  while (chosen.size() < most) {
    std::int64_t farthest = -1, distance = 0;
    for (std::int64_t z = begin; z < end; ++z) {
      std::int64_t nearest = std::numeric_limits<std::int64_t>::max();
      for (const std::int64_t c : chosen) nearest = std::min<std::int64_t>(nearest, std::abs(z - c));
      if (nearest > distance) {
        farthest = z;
        distance = nearest;
      }
    }
    if (distance == 0) break;
    chosen.insert(farthest);
  }
  return {chosen.begin(), chosen.end()};
}

}  // namespace dinsd
