#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/followup/change.h"
#include "pipeline/segment/study_result.h"

namespace dinsd {

/// One lesion of the prior beside what today's study has of it.
struct FollowUpRow {
  const FollowedLesion* followed = nullptr;
  const LesionResult* today = nullptr;      // nothing: it got no click
  std::optional<PercentInterval> interval;  // 95 %, of the change
  VolumeChange change;
  std::vector<std::string> flags;  // those of `followed`, volume_ratio, model_mismatch
};

/// The lesions of the prior that a result was followed from, in its order; none for a result with clicks of its own.
/// A change has an interval where both timepoints say how sure they are and the same weights measured both; without one
/// it is `uncertain` from 20 % on. A lesion that reaches the border of either image has no interval, and its change is
/// `uncertain` also below 20 %. They point into `result`.
[[nodiscard]] std::vector<FollowUpRow> FollowUpRows(const StudyResult& result);

/// The row of today's lesion `index`; nothing where it follows none.
[[nodiscard]] std::optional<FollowUpRow> FollowUpRowOf(const StudyResult& result, std::size_t index);

/// In what the prior was measured otherwise than today's study, a clause such as "the prior was measured with other
/// weights and another version of the program"; empty where both were measured alike, and without a prior. Each of its
/// rows then has the flag model_mismatch.
[[nodiscard]] std::string MethodDifference(const StudyResult& result);

/// The same rows and the registration as report.json has them; null where there are none.
[[nodiscard]] nlohmann::json FollowUpJson(const StudyResult& result);

/// Days between two dates YYYY-MM-DD; nothing where one is none.
[[nodiscard]] std::optional<double> DaysBetween(const std::string& earlier, const std::string& later);

}  // namespace dinsd
