#pragma once

#include <cstddef>
#include <vector>

#include "pipeline/segment/lesions.h"
#include "pipeline/segment/segment_options.h"
#include "pipeline/segment/study_result.h"

namespace dinsd {

/// Volume, extent along the slice axis (0 = i, 1 = j, 2 = k), clicks and flags of each lesion of a divided mask:
/// `empty` without a voxel, `touches_border` where one lies on the outermost voxels of the volume (the lesion may go on
/// outside), `below_measurable` where it spans fewer slices than `options.measurable_slices`. Method of the last:
/// extent along the slice axis of at least 2.5 slice spacings, which on a mask reads 3 slices.
[[nodiscard]] std::vector<LesionResult> MeasureLesions(const DividedMask& divided, const GridGeometry& grid,
                                                       std::size_t slice_axis, const ResolvedPrompts& prompts,
                                                       const SegmentOptions& options);

}  // namespace dinsd
