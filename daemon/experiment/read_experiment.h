#pragma once

#include <filesystem>

#include "daemon/experiment/experiment.h"

namespace dinsd {

/// Reads an experiment's TOML file (tests/experiments/README.md has every key). The options of a training are those of
/// [train], then [data.train], then [row.train], each over the ones before; `is_quick`: then those of [quick.train],
/// and the clicks, cases and seeds of [quick].
///
/// Throws std::runtime_error with file and line for an unknown table name, an unknown or missing key, a value of
/// another type or out of range, and two rows of one name. An option of [row.train] that the trainer does not have
/// refuses that row only (ExperimentRow::refused).
[[nodiscard]] Experiment ReadExperiment(const std::filesystem::path& file, bool is_quick);

}  // namespace dinsd
