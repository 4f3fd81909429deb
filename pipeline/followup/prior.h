#pragma once

#include <string>

#include "pipeline/followup/timepoint.h"

namespace dinsd {

/// A prior timepoint: an earlier study of the same patient with a final result.
struct Prior {
  std::string study_date;  // YYYY-MM-DD
  MeasuredStudy measured;
};

/// Reads the prior of the study that `today` says whose and of when it is, with the objects that show its lesions
/// (NameObjects). Throws InputError: PRIOR_OTHER_PATIENT
/// (kQuarantined) where result or images name another patient or none, and with the verdict kNeedsPrompts, since a
/// person can click instead: PRIOR_NOT_EARLIER; PRIOR_PRELIMINARY where nobody verified its clicks; PRIOR_EMPTY where
/// no lesion of it has a voxel; those of ReadMeasuredStudy.
[[nodiscard]] Prior ReadPrior(const ResultPlace& place, const StudyIdentity& today, const StudyReadOptions& options);

}  // namespace dinsd
