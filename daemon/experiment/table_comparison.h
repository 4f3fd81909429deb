#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/experiment/experiment.h"
#include "daemon/experiment/run_experiment.h"
#include "pipeline/evaluate/comparison.h"

namespace dinsd {

/// The row Experiment::compared against each other row of a data set after 1, 3, 5, 10 and 20 clicks, as far as the
/// budget goes; of trained rows by their first seed. Nothing where the table compares none, where that row has no run,
/// or no other one has.
[[nodiscard]] std::optional<MethodComparison> ComparisonOf(const Experiment& experiment, const DataResult& data);

/// The same as cells for people, the first line the headings. Rows go by the other method, then by clicks.
[[nodiscard]] std::vector<std::vector<std::string>> ComparisonCells(const MethodComparison& comparison);

/// What was compared with what, how, and on how many cases: a sentence or two.
[[nodiscard]] std::string ComparisonWords(const MethodComparison& comparison);

}  // namespace dinsd
