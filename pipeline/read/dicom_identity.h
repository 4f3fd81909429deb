#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/read/dicom_file.h"
#include "pipeline/read/dicom_study.h"

namespace dinsd {

/// Whose study these objects are, from the first that says it. `instances` may be empty. A StudyDate that is none, lies
/// before 1900 or in the future of `unix_now` is not taken: a study without a date has no place in a history, one with
/// a wrong date a wrong one.
[[nodiscard]] DicomIdentity IdentityOf(const std::vector<DicomInstance>& instances, std::int64_t unix_now);

/// IDENTITY_CONFLICT (kQuarantined) where two objects of a study folder disagree on StudyInstanceUID, PatientID or
/// IssuerOfPatientID, or, where both state it, on the normalised name, the birth date or the study date; or where a
/// SOPInstanceUID is used again with other PixelData or in another series. The sentence says what differs, never the
/// values.
[[nodiscard]] std::optional<InputError> FindIdentityConflict(const std::vector<DicomInstance>& instances);

}  // namespace dinsd
