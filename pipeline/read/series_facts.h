#pragma once

#include <string>

#include "pipeline/read/dicom_file.h"
#include "pipeline/read/series_rule_options.h"

namespace dinsd {

// What the headers of a volume's first slice say of its series.

/// One image out of several table stations: ImageType or a name says so.
[[nodiscard]] bool IsComposed(const DicomInstance& first);

/// Only there to plan others: ImageType or a name says so.
[[nodiscard]] bool IsLocalizer(const DicomInstance& first);

/// How its slices lie, when the normal is within 37 degrees of an axis of the body; kAny where it is not, or unknown.
[[nodiscard]] SliceOrientation OrientationOfSlices(const DicomInstance& first);

/// A word for the contrast: stir, t2fs, t1, t2, dwi; empty where nothing says.
[[nodiscard]] std::string SequenceOf(const DicomInstance& first);

}  // namespace dinsd
