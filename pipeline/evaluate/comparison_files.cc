#include <nlohmann/json.hpp>

#include "pipeline/evaluate/comparison.h"
#include "pipeline/evaluate/csv_line.h"
#include "pipeline/evaluate/statistics_json.h"
#include "pipeline/report/report_json.h"

namespace dinsd {
namespace {

nlohmann::json RowJson(const MethodRow& row) {
  return {{"clicks", row.clicks},         {"other", row.other},
          {"first_mean", row.first_mean}, {"other_mean", row.other_mean},
          {"difference", row.difference}, {"interval", IntervalJson(row.interval)},
          {"p", NumberOrNull(row.p)},     {"p_holm", NumberOrNull(row.p_holm)}};
}

nlohmann::json MethodJson(const InteractionRun& run) {
  const RunSummary summary = *SummariseRun(run);
  const ClickSurvival& survival = summary.survival;
  return {{"method", run.method},
          {"method_sha256", run.method_sha256},
          {"budget", run.budget},
          {"target", run.target},
          {"area_under_dsc", SummaryJson(summary.area)},
          {"clicks_to_target", SummaryJson(summary.clicks)},
          {"target_reached", survival.reached},
          {"median_clicks", survival.median ? nlohmann::json(*survival.median) : nlohmann::json()},
          {"restricted_mean_clicks", survival.restricted_mean}};
}

}  // namespace

std::string ComparisonCsv(const MethodComparison& comparison) {
  std::string csv = CsvLine({"clicks", "first", "other", "cases", "first_mean", "other_mean", "difference",
                             "difference_low", "difference_high", "p_wilcoxon", "p_holm"});
  for (const MethodRow& row : comparison.rows) {
    const auto& interval = row.interval;
    csv += CsvLine({std::to_string(row.clicks), comparison.first, row.other, std::to_string(comparison.cases.size()),
                    NumberCell(row.first_mean), NumberCell(row.other_mean), NumberCell(row.difference),
                    NumberCell(interval ? std::optional(interval->low) : std::nullopt),
                    NumberCell(interval ? std::optional(interval->high) : std::nullopt), NumberCell(row.p),
                    NumberCell(row.p_holm)});
  }
  return csv;
}

std::string ComparisonJson(const MethodComparison& comparison) {
  nlohmann::json json = {{"schema", "dins-comparison/1"},
                         {"first", comparison.first},
                         {"dataset", comparison.runs.front().dataset},
                         {"split", comparison.runs.front().split},
                         {"cases", comparison.cases},
                         {"left_out", comparison.left_out},
                         {"tested_from_cases", kTestedFromCases},
                         {"bootstrap", BootstrapJson(comparison.runs.front().bootstrap)}};
  json["methods"] = nlohmann::json::array();
  for (const InteractionRun& run : comparison.runs) json["methods"].push_back(MethodJson(run));
  json["rows"] = nlohmann::json::array();
  for (const MethodRow& row : comparison.rows) json["rows"].push_back(RowJson(row));
  CleanStrings(json);
  return json.dump(2) + "\n";
}

}  // namespace dinsd
