#include <algorithm>

#include "pipeline/evaluate/chart.h"
#include "pipeline/evaluate/evaluation.h"
#include "pipeline/evaluate/page.h"
#include "pipeline/report/safe_text.h"

namespace dinsd {
namespace {

std::string Digits(const std::optional<double>& value) {
  return value ? FixedDigits(*value, 3) : "not defined";
}

std::string IntervalWords(const std::optional<Interval>& interval) {
  return interval ? FixedDigits(interval->low, 3) + " to " + FixedDigits(interval->high, 3) : "not defined";
}

std::string PercentWords(double share) {
  return ExactDigits(100 * share) + " %";
}

Html StateSection(const Evaluation& evaluation) {
  const auto failed =
      std::count_if(evaluation.rows.begin(), evaluation.rows.end(), [](const CaseRow& row) { return !row.IsOk(); });
  Html html;
  html << "<p>" << Text{std::to_string(evaluation.rows.size())} << " cases.</p>\n";
  if (failed > 0) {
    html << "<p class=\"alert\"><strong>" << Text{std::to_string(failed)}
         << " of them could not be compared</strong> and are in no mean below:</p>\n<dl>\n";
    for (const CaseRow& row : evaluation.rows) {
      if (!row.IsOk())
        html << "<div><dt>" << Text{row.name} << "</dt><dd>" << Text{row.error_code + ": " + row.error}
             << "</dd></div>\n";
    }
    html << "</dl>\n";
  }
  return html;
}

Html SummarySection(const Evaluation& evaluation) {
  const BootstrapOptions& bootstrap = evaluation.options.bootstrap;
  std::vector<std::vector<std::string>> rows;
  for (const MetricSummary& of : SummariseMetrics(evaluation)) {
    std::vector<std::string> row = {of.metric.name, std::to_string(of.summary ? of.summary->count : 0),
                                    std::to_string(of.undefined)};
    if (of.summary) {
      row.insert(row.end(), {Digits(of.summary->mean), IntervalWords(of.summary->mean_interval), Digits(of.summary->sd),
                             Digits(of.summary->median), Digits(of.summary->least), Digits(of.summary->largest)});
    } else {
      row.resize(9);
    }
    rows.push_back(row);
  }
  Html html;
  html << "<section>\n<h2>Over the cases</h2>\n<p>Interval of the mean: percentile bootstrap over cases, "
       << Text{std::to_string(bootstrap.resamples)} << " resamples, seed " << Text{std::to_string(bootstrap.seed)}
       << ". Cases where a metric is not defined are in none of its numbers.</p>\n"
       << NumberTable({"metric", "cases", "not defined", "mean", PercentWords(bootstrap.level) + " interval", "sd",
                       "median", "least", "largest"},
                      rows)
       << "</section>\n";
  return html;
}

Html LesionSection(const Evaluation& evaluation) {
  std::vector<std::vector<std::string>> rows;
  for (const PooledLesions& lesions : PoolLesions(evaluation)) {
    rows.push_back({ExactDigits(lesions.iou_threshold), ExactDigits(lesions.truth), ExactDigits(lesions.prediction),
                    ExactDigits(lesions.matched), Digits(lesions.sensitivity), Digits(lesions.precision),
                    Digits(lesions.f1), Digits(lesions.pq)});
  }
  Html html;
  html << "<section>\n<h2>Lesions of all cases together</h2>\n"
       << NumberTable({"IoU at least", "in truth", "in prediction", "matched", "sensitivity", "precision", "F1", "PQ"},
                      rows)
       << "</section>\n";
  return html;
}

std::vector<Chart::Point> BlandAltmanPoints(const Evaluation& evaluation) {
  const std::vector<double> p = ValuesOf(evaluation, "prediction_ml"), q = ValuesOf(evaluation, "truth_ml");
  std::vector<Chart::Point> points;
  for (std::size_t i = 0; i < p.size(); ++i) points.emplace_back((p[i] + q[i]) / 2, p[i] - q[i]);
  return points;
}

Html BlandAltman(const Evaluation& evaluation) {
  const std::optional<VolumeAgreement> agreement = CompareVolumes(evaluation);
  Html nothing;
  if (!agreement) return nothing;
  const std::vector<Chart::Point> points = BlandAltmanPoints(evaluation);
  Chart::Axis x{"mean of the two volumes, mL", 0, 0}, y{"prediction - truth, mL", 0, 0};
  const Interval limits = agreement->limits_ml.value_or(Interval{agreement->bias_ml, agreement->bias_ml});
  y.from = std::min(y.from, limits.low);
  y.to = std::max(y.to, limits.high);
  for (const auto& [mean, difference] : points) {
    x.to = std::max(x.to, mean);
    y.from = std::min(y.from, difference);
    y.to = std::max(y.to, difference);
  }
  Chart chart(x, y);
  chart.AddDots(points);
  chart.AddLevel(agreement->bias_ml, "bias " + FixedDigits(agreement->bias_ml, 2));
  if (agreement->limits_ml) {
    chart.AddLevel(limits.high, "+1.96 sd " + FixedDigits(limits.high, 2));
    chart.AddLevel(limits.low, "-1.96 sd " + FixedDigits(limits.low, 2));
  }
  return chart.Svg();
}

Html VolumeSection(const Evaluation& evaluation) {
  Html html;
  const std::optional<VolumeAgreement> agreement = CompareVolumes(evaluation);
  if (!agreement) return html;
  html << "<section>\n<h2>Volumes</h2>\n<p>" << Text{std::to_string(agreement->under_20_percent)} << " of "
       << Text{std::to_string(agreement->cases)} << " cases differ by less than 20 % (RVD). Bias "
       << Text{FixedDigits(agreement->bias_ml, 3)} << " mL, limits of agreement (bias -+ 1.96 sd) "
       << Text{IntervalWords(agreement->limits_ml)} << " mL.</p>\n"
       << BlandAltman(evaluation) << "</section>\n";
  return html;
}

Html CaseSection(const Evaluation& evaluation) {
  const std::vector<Metric> metrics = MetricsUnder(evaluation.options);
  std::vector<std::string> headings = {"case"};
  for (const Metric& metric : metrics) headings.push_back(metric.name);
  std::vector<std::vector<std::string>> rows;
  for (const CaseRow& row : evaluation.rows) {
    if (!row.IsOk()) continue;
    std::vector<std::string> cells = {row.name};
    for (const auto& value : row.values) cells.push_back(Digits(value));
    rows.push_back(cells);
  }
  Html html;
  html << "<section>\n<h2>Cases</h2>\n" << NumberTable(headings, rows) << "</section>\n";
  return html;
}

Html DefinitionSection(const Evaluation& evaluation) {
  Html html;
  html << "<section>\n<h2>What the metrics are</h2>\n<p>P is the prediction, Q the truth: the voxels whose label is "
          "above 0.</p>\n<dl>\n";
  for (const Metric& metric : MetricsUnder(evaluation.options)) {
    html << "<div><dt>" << Text{metric.name} << "</dt><dd>" << Text{metric.definition} << "</dd></div>\n";
  }
  html << "</dl>\n</section>\n";
  return html;
}

}  // namespace

std::string EvaluationHtml(const Evaluation& evaluation) {
  Html body;
  body << StateSection(evaluation) << SummarySection(evaluation) << LesionSection(evaluation)
       << VolumeSection(evaluation) << CaseSection(evaluation) << DefinitionSection(evaluation);
  return EvaluationPage("Predictions against truths", body);
}

std::string BlandAltmanSvg(const Evaluation& evaluation) {
  return BlandAltman(evaluation).page();
}

}  // namespace dinsd
