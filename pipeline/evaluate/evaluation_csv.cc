#include "pipeline/evaluate/csv_line.h"
#include "pipeline/evaluate/evaluation.h"

namespace dinsd {
namespace {

std::string CaseLine(const CaseRow& row, std::size_t columns) {
  std::vector<std::string> cells = {row.name};
  for (std::size_t i = 0; i < columns; ++i) cells.push_back(row.IsOk() ? NumberCell(row.values[i]) : std::string());
  cells.insert(cells.end(), {row.error_code, row.error, row.prediction_sha256, row.truth_sha256});
  return CsvLine(cells);
}

std::string SummaryLine(const MetricSummary& of) {
  std::vector<std::string> cells = {of.metric.name, std::to_string(of.summary ? of.summary->count : 0),
                                    std::to_string(of.undefined)};
  if (of.summary) {
    const Summary& summary = *of.summary;
    const auto& interval = summary.mean_interval;
    for (const std::optional<double>& value :
         {std::optional(summary.mean), summary.sd, std::optional(summary.median), std::optional(summary.least),
          std::optional(summary.largest), interval ? std::optional(interval->low) : std::nullopt,
          interval ? std::optional(interval->high) : std::nullopt}) {
      cells.push_back(NumberCell(value));
    }
  }
  cells.resize(10);
  return CsvLine(cells);
}

}  // namespace

std::string EvaluationCsv(const Evaluation& evaluation) {
  const std::vector<Metric> metrics = MetricsUnder(evaluation.options);
  std::vector<std::string> headings = {"case"};
  for (const Metric& metric : metrics) headings.push_back(metric.name);
  headings.insert(headings.end(), {"error_code", "error", "prediction_sha256", "truth_sha256"});
  std::string csv = CsvLine(headings);
  for (const CaseRow& row : evaluation.rows) csv += CaseLine(row, metrics.size());
  return csv;
}

std::string SummaryCsv(const Evaluation& evaluation) {
  std::string csv =
      CsvLine({"metric", "cases", "undefined", "mean", "sd", "median", "min", "max", "mean_low", "mean_high"});
  for (const MetricSummary& of : SummariseMetrics(evaluation)) csv += SummaryLine(of);
  return csv;
}

}  // namespace dinsd
