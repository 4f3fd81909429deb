#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "pipeline/segment/study_result.h"

namespace dinsd {

/// Adds to a lesion's row of report.json: `interval` {low_ml, high_ml, level, runs, change_log_sd (null where the
/// weights are not calibrated for a change of such a lesion)}, or null and the reason in `no_interval`; `spread`
/// {volumes_ml, run_log_sd, sampling_log_sd}, null where there were no re-runs.
void AddInterval(const LesionResult& lesion, nlohmann::json& row);

/// `interval.change_log_sd` of such a row; nothing where the lesion has no interval or its changes have none, or the
/// report is older than they are. Throws nlohmann::json::exception where it is of another form.
[[nodiscard]] std::optional<double> ChangeLogSdOf(const nlohmann::json& row);

}  // namespace dinsd
