#pragma once

#include "pipeline/report/follow_up_rows.h"
#include "pipeline/write/dicom_sr.h"

namespace dinsd {

/// What the structured report says of one lesion of the prior that `result` was followed from, with the digits of
/// lesions.csv: the interval of today's volume, the volume then with the prior's objects that it was measured in
/// (PriorLesion::objects), the change in percent and its interval, each where it is known; the class with its reason,
/// the flags, the date of the prior study and, in words, the object of it that the lesion's clicks name, else the
/// parts of structure sets and label maps among its objects. `row` is one of FollowUpRows(result).
[[nodiscard]] SrComparison ComparisonOf(const StudyResult& result, const FollowUpRow& row);

/// The same of a lesion that was followed from no prior: the interval of its volume, where it has one.
[[nodiscard]] SrComparison WithoutPrior(const LesionResult& lesion);

}  // namespace dinsd
