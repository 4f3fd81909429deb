#include "daemon/experiment/experiment_table.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "pipeline/evaluate/click_curve.h"
#include "pipeline/report/safe_text.h"

namespace dinsd {
namespace {

constexpr int kPaperWidth = 30;

// Nothing where a case lacks it.
std::optional<std::vector<double>> ByCase(const InteractionRun& run, const Measure& measure) {
  std::vector<double> values;
  values.reserve(run.cases.size());
  for (const InteractionCase& a_case : run.cases) {
    const std::optional<double> value = MeasureOf(measure, a_case, run.target);
    if (!value) return std::nullopt;
    values.push_back(*value);
  }
  return values;
}

// A person who is content at the target, or stops where no error is left.
std::optional<double> MinutesOf(const InteractionCase& a_case, int clicks) {
  constexpr double kSecondsPerMinute = 60;
  if (a_case.seconds.size() != static_cast<std::size_t>(a_case.clicks_made)) return std::nullopt;
  const auto made = std::min(static_cast<std::size_t>(clicks), a_case.seconds.size());
  return std::accumulate(a_case.seconds.begin(), a_case.seconds.begin() + static_cast<std::ptrdiff_t>(made), 0.0) /
         kSecondsPerMinute;
}

void RequireSameCases(const InteractionRun& first, const InteractionRun& other) {
  const bool is_same = std::equal(first.cases.begin(), first.cases.end(), other.cases.begin(), other.cases.end(),
                                  [](const auto& a, const auto& b) { return a.name == b.name; });
  if (!is_same) throw std::runtime_error("the seeds of a row have other cases");
}

}  // namespace

std::string Measure::Title(double target) const {
  if (kind == MeasureKind::kDsc) return "DSC after " + std::to_string(click) + (click == 1 ? " click" : " clicks");
  if (kind == MeasureKind::kDscAtStop) return "DSC when stopped at " + FixedDigits(target, 2);
  return (kind == MeasureKind::kMinutes ? "minutes to " : "clicks to ") + FixedDigits(target, 2);
}

std::optional<double> MeasureOf(const Measure& measure, const InteractionCase& a_case, double target) {
  if (measure.kind == MeasureKind::kDsc) return a_case.dice.at(static_cast<std::size_t>(measure.click - 1));
  const int clicks = FindClicksToTarget(a_case.dice, target).clicks;
  if (measure.kind == MeasureKind::kMinutes) return MinutesOf(a_case, clicks);
  return measure.kind == MeasureKind::kClicks ? clicks : a_case.dice.at(static_cast<std::size_t>(clicks - 1));
}

std::optional<TableCell> CellOf(const RowResult& row, const Measure& measure, const Experiment& experiment) {
  if (row.runs.empty()) return std::nullopt;
  std::vector<double> means, sums(row.runs.front().cases.size());
  for (const InteractionRun& run : row.runs) {
    RequireSameCases(row.runs.front(), run);
    const std::optional<std::vector<double>> values = ByCase(run, measure);
    if (!values) return std::nullopt;
    means.push_back(Mean(*values));
    for (std::size_t i = 0; i < values->size(); ++i) sums[i] += (*values)[i];
  }
  for (double& sum : sums) sum /= static_cast<double>(row.runs.size());
  const Summary summary = Summarise(sums, experiment.bootstrap).value();
  return TableCell{summary.mean,           summary.mean_interval, StandardDeviation(means),
                   summary.sd.value_or(0), sums.size(),           row.runs.size()};
}

std::vector<std::string> PanelsOf(const Experiment& experiment) {
  std::vector<std::string> panels;
  for (const ExperimentRow& row : experiment.rows) {
    if (std::find(panels.begin(), panels.end(), row.panel) == panels.end()) panels.push_back(row.panel);
  }
  return panels;
}

std::string ReductionWords(const Experiment& experiment, std::size_t data) {
  for (const ExperimentRow& row : experiment.rows) {
    if (row.trainings.size() <= data || row.trainings[data].empty()) continue;
    const TrainOptions& o = row.trainings[data].front().options;
    std::string words = "Networks of width " + std::to_string(o.width);
    if (o.width != kPaperWidth) words += " (the paper: " + std::to_string(kPaperWidth) + ")";
    return words + ", at most " + std::to_string(o.steps) + " steps of one crop of " + std::to_string(o.crop.z) + "x" +
           std::to_string(o.crop.y) + "x" + std::to_string(o.crop.x) + " voxels at " + ExactDigits(o.spacing_mm) +
           " mm (the paper: 50,000 of eight crops of 10x512x160).";
  }
  return "";
}

}  // namespace dinsd
