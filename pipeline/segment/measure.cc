#include "pipeline/segment/measure.h"

#include <algorithm>
#include <limits>

namespace dinsd {
namespace {

struct Extent {
  std::int64_t voxels = 0;
  std::array<std::int64_t, 3> first{};
  std::array<std::int64_t, 3> last{};

  void Add(const std::array<std::int64_t, 3>& ijk) {
    for (std::size_t axis = 0; axis < 3; ++axis) {
      first[axis] = voxels == 0 ? ijk[axis] : std::min(first[axis], ijk[axis]);
      last[axis] = voxels == 0 ? ijk[axis] : std::max(last[axis], ijk[axis]);
    }
    ++voxels;
  }
};

std::vector<Extent> Extents(const std::vector<std::uint16_t>& labels, const Size3& size, std::size_t lesions) {
  std::vector<Extent> extents(lesions);
  for (std::size_t at = 0; at < labels.size(); ++at) {
    if (labels[at] == 0) continue;
    const Index3 kji = IndexAt(size, at);
    extents[labels[at] - 1U].Add({kji.x, kji.y, kji.z});
  }
  return extents;
}

bool TouchesBorder(const Extent& extent, const GridGeometry& grid) {
  for (std::size_t axis = 0; axis < 3; ++axis) {
    if (extent.first[axis] == 0 || extent.last[axis] == grid.size[axis] - 1) return true;
  }
  return false;
}

void CountClicks(const ResolvedLesion& lesion, LesionResult& result) {
  for (const ResolvedClick& click : lesion.clicks) {
    ++(click.sign == Polarity::kPositive ? result.clicks_positive : result.clicks_negative);
  }
}

void AddFlags(const std::vector<std::string>& from, std::vector<std::string>& to) {
  for (const std::string& flag : from) {
    if (std::find(to.begin(), to.end(), flag) == to.end()) to.push_back(flag);
  }
}

}  // namespace

std::vector<LesionResult> MeasureLesions(const DividedMask& divided, const GridGeometry& grid, std::size_t slice_axis,
                                         const ResolvedPrompts& prompts, const SegmentOptions& options) {
  const std::vector<Extent> extents = Extents(divided.labels, grid.SizeZyx(), prompts.lesions.size());
  std::vector<LesionResult> results;
  for (std::size_t k = 0; k < prompts.lesions.size(); ++k) {
    const Extent& extent = extents[k];
    LesionResult result{.id = prompts.lesions[k].id, .label = static_cast<std::uint16_t>(k + 1)};
    result.voxels = extent.voxels;
    result.volume_ml = static_cast<double>(extent.voxels) * grid.VoxelVolumeMl();
    CountClicks(prompts.lesions[k], result);
    AddFlags(prompts.lesions[k].flags, result.flags);
    AddFlags(divided.lesions[k].flags, result.flags);
    result.warnings = divided.lesions[k].warnings;
    if (extent.voxels == 0) {
      result.flags.emplace_back("empty");
      if (result.clicks_positive == 0 && prompts.lesions[k].box) {
        result.warnings.emplace_back("it has a box and no positive click, and the network saw nothing in the box");
      }
    } else {
      result.slices_spanned = static_cast<int>(extent.last[slice_axis] - extent.first[slice_axis] + 1);
      if (TouchesBorder(extent, grid)) result.flags.emplace_back("touches_border");
      result.is_below_measurable = result.slices_spanned < options.measurable_slices;
      if (result.is_below_measurable) result.flags.emplace_back("below_measurable");
    }
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace dinsd
