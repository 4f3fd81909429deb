#pragma once

#include <dcmtk/dcmdata/dcdatset.h>

#include <string>

#include "pipeline/read/dicom_file.h"

namespace dinsd {

/// Whether objects of this class say by functional groups what each frame is: Enhanced MR and legacy-converted enhanced
/// MR (DICOM PS3.3 A.36.2, A.71).
[[nodiscard]] bool IsMultiFrameMr(const std::string& sop_class_uid);

/// Fills `whole.slices` from the functional groups of a multi-frame MR object: a record per frame, in stored order and
/// numbered from 1, with all that `whole` says and the frame's own plane, pixel spacing, scaling, contrast, stack and
/// dimension indices. Where the object does not describe each of its frames, `whole.problem` is set instead
/// (UNDECODABLE). A frame that cannot be decoded has a problem of its own. Throws InputError LIMIT_EXCEEDED for a text
/// above 1024 bytes.
void ReadFrames(DcmDataset& data_set, DicomInstance& whole);

}  // namespace dinsd
