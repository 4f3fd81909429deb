#include <nlohmann/json.hpp>

#include "pipeline/evaluate/evaluation.h"
#include "pipeline/evaluate/statistics_json.h"
#include "pipeline/report/safe_text.h"

namespace dinsd {
namespace {

nlohmann::json SummariesJson(const Evaluation& evaluation) {
  nlohmann::json all = nlohmann::json::object();
  for (const MetricSummary& of : SummariseMetrics(evaluation)) {
    all[of.metric.name] = SummaryJson(of.summary);
    all[of.metric.name]["undefined"] = of.undefined;
  }
  return all;
}

nlohmann::json PooledJson(const Evaluation& evaluation) {
  nlohmann::json all = nlohmann::json::array();
  for (const PooledLesions& lesions : PoolLesions(evaluation)) {
    all.push_back({{"iou_threshold", lesions.iou_threshold},
                   {"prediction", lesions.prediction},
                   {"truth", lesions.truth},
                   {"matched", lesions.matched},
                   {"sensitivity", NumberOrNull(lesions.sensitivity)},
                   {"precision", NumberOrNull(lesions.precision)},
                   {"f1", lesions.f1},
                   {"pq", lesions.pq}});
  }
  return all;
}

nlohmann::json AgreementJson(const Evaluation& evaluation) {
  const std::optional<VolumeAgreement> agreement = CompareVolumes(evaluation);
  if (!agreement) return nullptr;
  return {{"cases", agreement->cases},
          {"under_20_percent", agreement->under_20_percent},
          {"bias_ml", agreement->bias_ml},
          {"limits_ml", IntervalJson(agreement->limits_ml)}};
}

}  // namespace

nlohmann::json MeasureJson(const EvaluateOptions& options) {
  return {{"metrics_version", kMetricsVersion},
          {"surface_erosion", static_cast<int>(options.surface_erosion)},
          {"lesions", options.lesions == LesionRule::kComponents ? "components" : "labels"},
          {"iou_thresholds", options.iou_thresholds}};
}

nlohmann::json RowJson(const CaseRow& row, const EvaluateOptions& options) {
  nlohmann::json json = {{"case", CleanUtf8(row.name)}};
  if (!row.prediction_sha256.empty()) json["prediction_sha256"] = row.prediction_sha256;
  if (!row.truth_sha256.empty()) json["truth_sha256"] = row.truth_sha256;
  if (!row.IsOk()) {
    json["error"] = {{"code", row.error_code}, {"sentence", CleanUtf8(row.error)}};
    return json;
  }
  const std::vector<Metric> metrics = MetricsUnder(options);
  for (std::size_t i = 0; i < metrics.size(); ++i) json["values"][metrics[i].name] = NumberOrNull(row.values[i]);
  return json;
}

std::optional<CaseRow> RowFromJson(const nlohmann::json& json, const EvaluateOptions& options) {
  try {
    CaseRow row{json.at("case"), json.at("prediction_sha256"), json.at("truth_sha256"), {}, "", ""};
    const nlohmann::json& values = json.at("values");
    const std::vector<Metric> metrics = MetricsUnder(options);
    if (values.size() != metrics.size()) return std::nullopt;
    for (const Metric& metric : metrics) {
      const nlohmann::json& value = values.at(metric.name);
      row.values.push_back(value.is_null() ? std::nullopt : std::optional(value.get<double>()));
    }
    return row;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

std::string EvaluationJson(const Evaluation& evaluation) {
  nlohmann::json json = {{"schema", "dins-evaluation/1"},
                         {"measure", MeasureJson(evaluation.options)},
                         {"bootstrap", BootstrapJson(evaluation.options.bootstrap)},
                         {"summary", SummariesJson(evaluation)},
                         {"lesions_of_all_cases", PooledJson(evaluation)},
                         {"volumes", AgreementJson(evaluation)}};
  json["cases"] = nlohmann::json::array();
  for (const CaseRow& row : evaluation.rows) json["cases"].push_back(RowJson(row, evaluation.options));
  json["metrics"] = nlohmann::json::array();
  for (const Metric& metric : MetricsUnder(evaluation.options)) {
    json["metrics"].push_back({{"name", metric.name}, {"definition", metric.definition}});
  }
  return json.dump(2) + "\n";
}

}  // namespace dinsd
