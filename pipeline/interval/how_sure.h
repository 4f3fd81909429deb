#pragma once

#include <string>
#include <vector>

#include "pipeline/segment/study_result.h"

namespace dinsd {

/// Why no volume of a result can have an interval, a clause; empty where it can: re-runs were made, and the weights say
/// how far volumes are off for just such runs and images.
[[nodiscard]] std::string WhyNoInterval(const StudyResult& result);

/// Gives each lesion of `result`, which is complete but for this, its spread in the re-runs (`volumes_ml` of
/// RerunVolumes) and, where the weights are calibrated for them, its interval; else the reason why it has none.
/// Thread-safe.
void TellHowSure(const std::vector<std::vector<double>>& volumes_ml, StudyResult& result);

}  // namespace dinsd
