#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pipeline/evaluate/interaction_run.h"

namespace dinsd {

/// The first method against another after so many clicks, on the same cases.
struct MethodRow {
  int clicks = 0;
  std::string other;
  double first_mean = 0;  // DSC
  double other_mean = 0;
  double difference = 0;             // mean of first - other over cases
  std::optional<Interval> interval;  // of it, by bootstrap over cases
  std::optional<double> p;           // Wilcoxon's signed rank; nothing where there are too few cases to test
  std::optional<double> p_holm;      // Holm over the other methods at this number of clicks
};

struct MethodComparison {
  std::string first;
  std::vector<std::string> cases;     // that every run has without an error
  std::vector<std::string> left_out;  // the others: in no number of any method
  std::vector<InteractionRun> runs;   // with those cases only
  std::vector<MethodRow> rows;
};

/// From so many cases on a difference is tested; below there are intervals only.
inline constexpr std::size_t kTestedFromCases = 20;

/// Compares the first run with each other one after each number of clicks in `at_clicks`. Throws InputError where the
/// runs cannot be compared: RUNS_DIFFER (another data set, split, case or truth, two runs of one method name; the file
/// named is the method), RUN_FORMAT (fewer clicks than asked for), and where there is nothing to compare: RUN_EMPTY (no
/// second run, or no case that all have).
[[nodiscard]] MethodComparison CompareMethods(std::vector<InteractionRun> runs, const std::vector<int>& at_clicks,
                                              const BootstrapOptions& bootstrap);

// The same comparison gives the same bytes.
[[nodiscard]] std::string ComparisonCsv(const MethodComparison& comparison);
[[nodiscard]] std::string ComparisonJson(const MethodComparison& comparison);  // schema dins-comparison/1
[[nodiscard]] std::string ComparisonHtml(const MethodComparison& comparison);

}  // namespace dinsd
