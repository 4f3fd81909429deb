#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "pipeline/segment/study_result.h"

namespace dinsd {

/// Adds to a lesion's row of report.json: `interval` {low_ml, high_ml, level, runs, change_log_sd}, or null and the
/// reason in `no_interval`; `spread` {volumes_ml, run_log_sd, sampling_log_sd}, null where there were no re-runs.
void AddInterval(const LesionResult& lesion, nlohmann::json& row);

/// `interval.change_log_sd` of such a row; nothing where the lesion has no interval, or the report is older than they
/// are. Throws nlohmann::json::exception where it is of another form.
[[nodiscard]] std::optional<double> ChangeLogSdOf(const nlohmann::json& row);

/// How the re-runs were made, as report.json and provenance.json have it: `runs` alone where there were none. It is
/// apart from the options that volumes hang on.
[[nodiscard]] nlohmann::json IntervalOptionsJson(const IntervalOptions& options);

}  // namespace dinsd
