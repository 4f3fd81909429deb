#pragma once

#include <vector>

#include "pipeline/read/dicom_file.h"
#include "pipeline/read/dicom_read_options.h"
#include "pipeline/read/dicom_study.h"
#include "pipeline/read/read_options.h"

namespace dinsd {

/// Turns all instances of one SeriesInstanceUID into the volumes that they hold, each with grid or error.
///
/// Exact copies of a file are dropped. What concerns the whole series becomes the error of all of it: WRONG_MODALITY,
/// DUPLICATE_SOP, NOT_MONOCHROME and UNDECODABLE of any slice, MISSING_SLICE (an instance of a concatenation is not
/// there), NO_GEOMETRY, MIXED_ORIENTATION. Of a multi-frame instance each frame is a slice, in whatever order they are
/// stored. Then DivideIntoVolumes gives the volumes, and each is checked by BuildGrid. A few slices split off so that
/// lie where another volume of the series has room for them (beside it or in a hole) make that one a MISSING_SLICE: a
/// volume is never silently shorter.
[[nodiscard]] std::vector<DicomSeries> AssembleSeries(std::vector<DicomInstance> instances,
                                                      const DicomReadOptions& options, const ReadLimits& limits);

}  // namespace dinsd
