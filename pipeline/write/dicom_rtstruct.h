#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/read/dicom_source.h"
#include "pipeline/read/volume.h"

namespace dinsd {

/// How regions came to be (ROIGenerationAlgorithm).
enum class RtAlgorithm { kUnknown, kAutomatic, kSemiautomatic, kManual };

/// What one label of a mask is called.
struct RtRegionName {
  std::uint16_t label;  // above 0; becomes the ROINumber
  std::string name;     // ROIName, at most 64 characters of it
};

struct RtStructOptions {
  std::string key;                    // what the result is known by: all UIDs are made of it and the series
  std::string created;                // RFC 3339; StructureSetDate and StructureSetTime, in UTC
  std::vector<RtRegionName> regions;  // one without voxels becomes a region without contours; a label of the mask that
                                      // is not here is called "Lesion LABEL"
  RtAlgorithm algorithm = RtAlgorithm::kUnknown;
  std::string label = "dinsd";  // StructureSetLabel, at most 16 characters of it
  std::string series_description = "dinsd regions";
  int series_number = 9003;
};

/// Writes a mask on the grid of `series` as an RT Structure Set (DICOM PS3.3 A.19), as the bytes of a Part 10 file.
///
/// Each label is a region of interest, each part of it in a slice that hangs together by pixel edges a CLOSED_PLANAR
/// contour along pixel edges, its holes joined to it by keyholes; points are LPS mm in the plane of the slice that the
/// contour refers to. Everything in the file follows from the arguments alone. The file is read back (RtStructToMask)
/// and compared with the mask before it is returned.
///
/// Throws InputError: GRID_MISMATCH (another grid than the series), EMPTY_MASK (no region at all),
/// NO_GEOMETRY (the series states no frame of reference), VARIABLE_SPACING (its slices were interpolated),
/// LIMIT_EXCEEDED (more contours than a reader takes); std::invalid_argument (label 0 has a name, `created` is no
/// date-time); ReadBackError when what was written is not what was to be written. Thread-safe.
[[nodiscard]] std::string MaskToRtStruct(const LabelMap& mask, const SourceSeries& series,
                                         const RtStructOptions& options);

}  // namespace dinsd
