#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "daemon/experiment/run_experiment.h"

namespace dinsd {

/// Records of runs that have ended, one JSON file each, small enough to be kept with the project: what one machine has
/// trained and evaluated, another one need not do again. Schema dins-run-record/1: the run (dins-interactions/1, see
/// interaction_run.h) and, of a training, its steps, minutes, how it ended and its log.

/// Nothing where `folder` holds no record of that name with that budget of clicks, or one that cannot be read.
[[nodiscard]] std::optional<RunRecord> ReadRecord(const std::filesystem::path& folder, const EvaluationOrder& order);

/// The file appears whole or not at all. Throws std::system_error.
void WriteRecord(const std::filesystem::path& folder, const EvaluationOrder& order, const RunRecord& record);

}  // namespace dinsd
