#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "pipeline/evaluate/statistics.h"

namespace dinsd {

/// The value, or null where there is none: not defined is never 0.
[[nodiscard]] nlohmann::json NumberOrNull(const std::optional<double>& value);

/// [low, high], or null.
[[nodiscard]] nlohmann::json IntervalJson(const std::optional<Interval>& interval);

/// {count, mean, sd, median, min, max, mean_interval}; {count: 0} where there is none.
[[nodiscard]] nlohmann::json SummaryJson(const std::optional<Summary>& summary);

/// How intervals were drawn.
[[nodiscard]] nlohmann::json BootstrapJson(const BootstrapOptions& options);

}  // namespace dinsd
