#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "pipeline/read/dicom_source.h"
#include "pipeline/read/rtstruct_file.h"
#include "pipeline/read/volume.h"

namespace dinsd {

/// A region of interest that became a label.
struct RtRegion {
  std::int64_t number = 0;  // ROINumber
  std::string name;         // ROIName; may hold anything, escape it
  std::uint16_t label = 0;  // the number, where all numbers are from 1 to 65535; else counted from 1 in file order
  std::uint64_t voxels = 0;
};

struct RtStructReading {
  LabelMap mask;                   // on the grid of the series
  std::vector<RtRegion> regions;   // also those without a voxel
  std::vector<std::string> notes;  // `rt_reference_unresolved: ...`, `rt_snapped: ...`, `rt_contour_ignored: ...`
};

/// Whether a file's SOP class is RT Structure Set Storage.
[[nodiscard]] bool IsRtStructClass(const std::string& sop_class_uid);

/// Reads an RT Structure Set as a mask on the grid of an image series: a voxel belongs to a region when its centre lies
/// in an odd number of the region's contours in that slice. `names` are the ROINames to take; none takes all.
///
/// A contour belongs to the slice of the image that it names, or, where it names none or none of this series (told as
/// rt_reference_unresolved), to the nearest; in either case it lies within half a slice spacing of it, parallel to it
/// within 0.1 mm or 2 % of the spacing, whichever is more.
///
/// Throws InputError that names `file`: those of ReadRtStructFile; RT_ROI_NOT_FOUND (no region of a wanted name, or
/// none at all); RT_FRAME_OF_REFERENCE (another one than the series has, or none and an image that is not of the
/// series); RT_OFF_PLANE (not parallel to the slices, beyond them, or two planes of a region in one slice);
/// RT_REFERENCE_CONFLICT (names one slice and lies in another); RT_OUTSIDE_IMAGE (leaves the image by more than a
/// pixel); RT_OVERLAP (a voxel of two regions: take them one by one); LIMIT_EXCEEDED. Thread-safe.
[[nodiscard]] RtStructReading RtStructToMask(std::span<const std::byte> bytes, const std::string& file,
                                             const SourceSeries& series, const std::vector<std::string>& names = {});

/// The same of regions that were read already: region n has the label n + 1.
[[nodiscard]] RtStructReading RegionsToMask(const std::vector<RtRoi>& rois, const std::string& file,
                                            const SourceSeries& series);

}  // namespace dinsd
