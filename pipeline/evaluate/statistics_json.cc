#include "pipeline/evaluate/statistics_json.h"

#include <nlohmann/json.hpp>

namespace dinsd {

nlohmann::json NumberOrNull(const std::optional<double>& value) {
  return value ? nlohmann::json(*value) : nlohmann::json();
}

nlohmann::json IntervalJson(const std::optional<Interval>& interval) {
  return interval ? nlohmann::json::array({interval->low, interval->high}) : nlohmann::json();
}

nlohmann::json SummaryJson(const std::optional<Summary>& summary) {
  if (!summary) return {{"count", 0}};
  return {{"count", summary->count},
          {"mean", summary->mean},
          {"sd", NumberOrNull(summary->sd)},
          {"median", summary->median},
          {"min", summary->least},
          {"max", summary->largest},
          {"mean_interval", IntervalJson(summary->mean_interval)}};
}

nlohmann::json BootstrapJson(const BootstrapOptions& options) {
  return {{"method", "percentile bootstrap of the mean over cases"},
          {"seed", options.seed},
          {"resamples", options.resamples},
          {"level", options.level}};
}

}  // namespace dinsd
