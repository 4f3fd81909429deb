#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/evaluate/case_metrics.h"
#include "pipeline/evaluate/statistics.h"

namespace dinsd {

/// One pair of prediction and truth, or why there is no number for it.
struct CaseRow {
  std::string name;
  std::string prediction_sha256;  // of the files; empty where one was not read
  std::string truth_sha256;
  std::vector<std::optional<double>> values;  // in the order of MetricsUnder; empty after an error
  std::string error_code;                     // MISSING_PREDICTION, GRID_MISMATCH, ...; empty when all went well
  std::string error;

  [[nodiscard]] bool IsOk() const { return error_code.empty(); }
};

/// All pairs of two folders, by name.
struct Evaluation {
  EvaluateOptions options;
  std::vector<CaseRow> rows;
};

/// One metric over the cases.
struct MetricSummary {
  Metric metric;
  std::int64_t undefined = 0;      // cases without an error whose value is not defined: in no mean
  std::optional<Summary> summary;  // of the others
};

/// In the order of MetricsUnder.
[[nodiscard]] std::vector<MetricSummary> SummariseMetrics(const Evaluation& evaluation);

/// Lesions of all cases together at one IoU threshold, where every lesion counts the same.
struct PooledLesions {
  double iou_threshold = 0;
  double prediction = 0;
  double truth = 0;
  double matched = 0;
  std::optional<double> sensitivity;
  std::optional<double> precision;
  double f1 = 1;
  double pq = 1;
};
[[nodiscard]] std::vector<PooledLesions> PoolLesions(const Evaluation& evaluation);

/// How the volumes of prediction and truth agree (the paper's Table IV; Bland and Altman, Lancet 327, 1986).
struct VolumeAgreement {
  std::int64_t cases = 0;
  std::int64_t under_20_percent = 0;  // |RVD| below 0.2
  double bias_ml = 0;                 // mean of VD
  std::optional<Interval> limits_ml;  // bias -+ 1.96 sd of VD; nothing for fewer than two cases
};
/// Nothing without a case.
[[nodiscard]] std::optional<VolumeAgreement> CompareVolumes(const Evaluation& evaluation);

/// The values of one column over the cases that have it, in their order. Throws std::invalid_argument for a name that
/// is no metric.
[[nodiscard]] std::vector<double> ValuesOf(const Evaluation& evaluation, const std::string& metric);

/// What the numbers of a case depend on besides its two files.
[[nodiscard]] nlohmann::json MeasureJson(const EvaluateOptions& options);

/// A row as an object, and back; nothing where `json` is no row under these options.
[[nodiscard]] nlohmann::json RowJson(const CaseRow& row, const EvaluateOptions& options);
[[nodiscard]] std::optional<CaseRow> RowFromJson(const nlohmann::json& json, const EvaluateOptions& options);

// The same evaluation gives the same bytes: no time, no folder, no machine in any of them.

/// One line per case: name, metrics (an empty cell where one is not defined), error, digests.
[[nodiscard]] std::string EvaluationCsv(const Evaluation& evaluation);
/// One line per metric.
[[nodiscard]] std::string SummaryCsv(const Evaluation& evaluation);
/// All of it, schema dins-evaluation/1.
[[nodiscard]] std::string EvaluationJson(const Evaluation& evaluation);
/// One page for people, no script; every string escaped.
[[nodiscard]] std::string EvaluationHtml(const Evaluation& evaluation);
/// Difference of the volumes over their mean, one dot a case, with bias and limits of agreement; an SVG file.
[[nodiscard]] std::string BlandAltmanSvg(const Evaluation& evaluation);

}  // namespace dinsd
