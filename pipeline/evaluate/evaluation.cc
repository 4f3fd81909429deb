#include "pipeline/evaluate/evaluation.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "pipeline/report/safe_text.h"

namespace dinsd {
namespace {

std::size_t ColumnOf(const EvaluateOptions& options, const std::string& metric) {
  const std::vector<Metric> metrics = MetricsUnder(options);
  const auto found = std::find_if(metrics.begin(), metrics.end(), [&](const Metric& m) { return m.name == metric; });
  if (found == metrics.end()) throw std::invalid_argument("'" + metric + "' is no metric");
  return static_cast<std::size_t>(found - metrics.begin());
}

double Sum(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum;
}

// Sum over cases of the IoUs of what was matched.
double SumOfIou(const Evaluation& evaluation, const std::string& at) {
  const std::size_t matched = ColumnOf(evaluation.options, "matched" + at);
  const std::size_t quality = ColumnOf(evaluation.options, "sq" + at);
  double sum = 0;
  for (const CaseRow& row : evaluation.rows) {
    if (row.IsOk()) sum += *row.values[matched] * row.values[quality].value_or(0);
  }
  return sum;
}

}  // namespace

std::vector<double> ValuesOf(const Evaluation& evaluation, const std::string& metric) {
  const std::size_t column = ColumnOf(evaluation.options, metric);
  std::vector<double> values;
  for (const CaseRow& row : evaluation.rows) {
    if (row.IsOk() && row.values[column]) values.push_back(*row.values[column]);
  }
  return values;
}

std::vector<MetricSummary> SummariseMetrics(const Evaluation& evaluation) {
  const auto ok = std::count_if(evaluation.rows.begin(), evaluation.rows.end(), [](const auto& r) { return r.IsOk(); });
  std::vector<MetricSummary> summaries;
  for (const Metric& metric : MetricsUnder(evaluation.options)) {
    const std::vector<double> values = ValuesOf(evaluation, metric.name);
    summaries.push_back(
        {metric, ok - static_cast<std::int64_t>(values.size()), Summarise(values, evaluation.options.bootstrap)});
  }
  return summaries;
}

std::vector<PooledLesions> PoolLesions(const Evaluation& evaluation) {
  const double prediction = Sum(ValuesOf(evaluation, "lesions_prediction"));
  const double truth = Sum(ValuesOf(evaluation, "lesions_truth"));
  std::vector<PooledLesions> pooled;
  for (const double threshold : evaluation.options.iou_thresholds) {
    const std::string at = "_iou" + ExactDigits(threshold);
    PooledLesions lesions{threshold, prediction, truth, Sum(ValuesOf(evaluation, "matched" + at))};
    if (truth > 0) lesions.sensitivity = lesions.matched / truth;
    if (prediction > 0) lesions.precision = lesions.matched / prediction;
    if (prediction + truth > 0) {
      lesions.f1 = 2 * lesions.matched / (prediction + truth);
      lesions.pq = 2 * SumOfIou(evaluation, at) / (prediction + truth);
    }
    pooled.push_back(lesions);
  }
  return pooled;
}

std::optional<VolumeAgreement> CompareVolumes(const Evaluation& evaluation) {
  constexpr double kAgrees = 0.2, kNormal95 = 1.96;
  const std::vector<double> differences = ValuesOf(evaluation, "vd_ml");
  if (differences.empty()) return std::nullopt;
  VolumeAgreement agreement;
  agreement.cases = static_cast<std::int64_t>(differences.size());
  const std::vector<double> rvd = ValuesOf(evaluation, "rvd");
  agreement.under_20_percent = std::count_if(rvd.begin(), rvd.end(), [](double r) { return std::abs(r) < kAgrees; });
  agreement.bias_ml = Mean(differences);
  if (const auto sd = StandardDeviation(differences)) {
    agreement.limits_ml = Interval{agreement.bias_ml - kNormal95 * *sd, agreement.bias_ml + kNormal95 * *sd};
  }
  return agreement;
}

}  // namespace dinsd
