#pragma once

#include <cstdint>
#include <vector>

#include "pipeline/report/slice_view.h"
#include "pipeline/segment/study_result.h"

namespace dinsd {

/// Where a label lies in a view, and on which slice most of it.
struct LesionExtent {
  ViewBox box;
  std::int64_t z0 = 0, z1 = 0;  // half-open; both 0 where the label has no voxel
  std::int64_t largest_slice = 0;
  std::vector<std::int64_t> voxels_on_slice;  // of the slices z0 .. z1 - 1
};

/// The extents of all labels 0 .. `labels` - 1; that of 0, the background, stays empty.
[[nodiscard]] std::vector<LesionExtent> ExtentsOf(const LabelMap& mask, const SliceView& view, std::size_t labels);

/// At most `most` slices that show a lesion best, ascending: those of `wanted` (its clicks) first, then always the one
/// of `candidates` farthest from all chosen; with nothing wanted, `start` is the first.
[[nodiscard]] std::vector<std::int64_t> ChooseSlices(const std::vector<std::int64_t>& wanted, std::int64_t start,
                                                     std::int64_t begin, std::int64_t end, std::size_t most);

}  // namespace dinsd
