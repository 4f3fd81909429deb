#include "daemon/experiment/table_comparison.h"

#include <algorithm>

#include "pipeline/report/safe_text.h"

namespace dinsd {
namespace {

constexpr int kComparedAt[] = {1, 3, 5, 10, 20};

std::string Signed(double value) {
  std::string words = FixedDigits(value, 3);
  if (value >= 0) words.insert(words.begin(), '+');
  return words;
}

std::string PWords(const std::optional<double>& p) {
  constexpr double kLeast = 0.0001;
  if (!p) return "-";
  return *p < kLeast ? "under 0.0001" : FixedDigits(*p, 4);
}

}  // namespace

std::optional<MethodComparison> ComparisonOf(const Experiment& experiment, const DataResult& data) {
  std::vector<InteractionRun> runs;
  for (std::size_t r = 0; r < data.rows.size(); ++r) {
    if (data.rows[r].runs.empty()) continue;
    const bool is_first = experiment.rows[r].name == experiment.compared;
    runs.insert(is_first ? runs.begin() : runs.end(), data.rows[r].runs.front());
    runs[is_first ? 0 : runs.size() - 1].method = experiment.rows[r].label;
  }
  const auto first = std::find_if(experiment.rows.begin(), experiment.rows.end(),
                                  [&](const ExperimentRow& row) { return row.name == experiment.compared; });
  if (runs.size() < 2 || first == experiment.rows.end() || runs.front().method != first->label) return std::nullopt;
  std::vector<int> at_clicks;
  for (const int clicks : kComparedAt) {
    if (clicks <= experiment.clicks) at_clicks.push_back(clicks);
  }
  return CompareMethods(std::move(runs), at_clicks, experiment.bootstrap);
}

std::vector<std::vector<std::string>> ComparisonCells(const MethodComparison& comparison) {
  std::vector<std::vector<std::string>> cells = {
      {"against", "clicks", "DSC: " + comparison.first, "DSC: the other", "difference", "interval", "p", "p (Holm)"}};
  std::vector<MethodRow> rows = comparison.rows;
  const auto place = [&](const MethodRow& row) {
    return std::find_if(comparison.runs.begin(), comparison.runs.end(),
                        [&](const InteractionRun& run) { return run.method == row.other; }) -
           comparison.runs.begin();
  };
  std::stable_sort(rows.begin(), rows.end(), [&](const auto& a, const auto& b) { return place(a) < place(b); });
  for (const MethodRow& row : rows) {
    std::string interval = "-";
    if (row.interval) interval = Signed(row.interval->low).append(" to ").append(Signed(row.interval->high));
    cells.push_back({row.other, std::to_string(row.clicks), FixedDigits(row.first_mean, 3),
                     FixedDigits(row.other_mean, 3), Signed(row.difference), interval, PWords(row.p),
                     PWords(row.p_holm)});
  }
  return cells;
}

std::string ComparisonWords(const MethodComparison& comparison) {
  const std::string count = std::to_string(comparison.cases.size());
  std::string words = comparison.first + " against each other method on the same " + count +
                      " cases (first seed): mean difference of DSC with its interval by bootstrap over cases";
  if (comparison.cases.size() < kTestedFromCases) return words + "; fewer than 20 cases, so no test.";
  return words + ", Wilcoxon's signed-rank test and its p by Holm over the methods at that number of clicks.";
}

}  // namespace dinsd
