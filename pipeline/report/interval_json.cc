#include "pipeline/report/interval_json.h"

#include <nlohmann/json.hpp>

#include "pipeline/report/report_json.h"

namespace dinsd {

using nlohmann::json;

void AddInterval(const LesionResult& lesion, json& row) {
  row["interval"] = nullptr;
  row["no_interval"] = lesion.interval ? json() : TextOrNull(lesion.no_interval);
  row["spread"] = nullptr;
  if (lesion.interval) {
    row["interval"] = {{"low_ml", lesion.interval->low_ml},
                       {"high_ml", lesion.interval->high_ml},
                       {"level", lesion.interval->level},
                       {"runs", lesion.interval->runs},
                       {"change_log_sd", nullptr}};
    if (lesion.interval->change_log_sd) row["interval"]["change_log_sd"] = *lesion.interval->change_log_sd;
  }
  if (lesion.spread) {
    row["spread"] = {{"volumes_ml", lesion.spread->volumes_ml},
                     {"run_log_sd", lesion.spread->run_log_sd},
                     {"sampling_log_sd", lesion.spread->sampling_log_sd}};
  }
}

std::optional<double> ChangeLogSdOf(const json& row) {
  if (!row.contains("interval") || row.at("interval").is_null()) return std::nullopt;
  const json& log_sd = row.at("interval").at("change_log_sd");
  return log_sd.is_null() ? std::nullopt : std::optional(log_sd.get<double>());
}

}  // namespace dinsd
