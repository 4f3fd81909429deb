#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipeline/read/dicom_file.h"
#include "pipeline/read/input_error.h"

namespace dinsd {

/// Slices of a volume to be, and what tells it from the others of its series.
struct SliceGroup {
  std::vector<DicomInstance> slices;
  std::string part;
};

/// Divides the slices of one series, each with a usable geometry, into volumes: by stack (of frames), orientation,
/// frame of reference, matrix, pixel spacing, ImageType from its third value on (of frames: FrameType), complex
/// component, echo and inversion time; by table station; and, where positions repeat, by acquisition number, stack,
/// temporal position, b value, sequence name, dimension index and multi-frame instance, each where it leaves fewer
/// slices at one place.
[[nodiscard]] std::vector<SliceGroup> DivideIntoVolumes(const std::vector<DicomInstance>& slices);

/// MIXED_ORIENTATION of the first slice that is not parallel to the first of them all, or, among frames, of its stack.
[[nodiscard]] std::optional<InputError> MixedOrientation(const std::vector<DicomInstance>& slices);

}  // namespace dinsd
