#include <algorithm>

#include "pipeline/evaluate/chart.h"
#include "pipeline/evaluate/comparison.h"
#include "pipeline/evaluate/page.h"
#include "pipeline/report/safe_text.h"

namespace dinsd {
namespace {

std::string Three(double value) {
  return FixedDigits(value, 3);
}

std::string IntervalWords(const std::optional<Interval>& interval) {
  return interval ? Three(interval->low) + " to " + Three(interval->high) : "-";
}

std::string PWords(const std::optional<double>& p) {
  if (!p) return "not tested";
  return *p < 0.0001 ? "below 0.0001" : FixedDigits(*p, 4);
}

Html DiceCurves(std::span<const InteractionRun> runs) {
  int budget = 1;
  for (const InteractionRun& run : runs) budget = std::max(budget, run.budget);
  Chart chart({"clicks", 1, static_cast<double>(budget)}, {"mean DSC", 0, 1});
  for (const InteractionRun& run : runs) {
    const std::optional<RunSummary> summary = SummariseRun(run);
    if (!summary) continue;
    std::vector<Chart::Point> points;
    for (const Summary& at_click : summary->dice) {
      points.emplace_back(static_cast<double>(points.size() + 1), at_click.mean);
    }
    chart.AddLine(run.method, points);
  }
  return chart.Svg();
}

Html TargetSection(std::span<const InteractionRun> runs) {
  std::vector<std::vector<std::string>> rows;
  for (const InteractionRun& run : runs) {
    const std::optional<RunSummary> summary = SummariseRun(run);
    if (!summary) continue;
    const ClickSurvival& survival = summary->survival;
    rows.push_back({run.method, Three(run.target),
                    std::to_string(survival.reached) + " of " + std::to_string(survival.total),
                    survival.median ? std::to_string(*survival.median) : "more than " + std::to_string(run.budget),
                    FixedDigits(survival.restricted_mean, 2), IntervalWords(summary->clicks.mean_interval),
                    Three(summary->area.mean), IntervalWords(summary->area.mean_interval)});
  }
  Html html;
  html
      << "<section>\n<h2>Clicks to the target</h2>\n<p>Kaplan and Meier's estimate; an interaction that does not reach "
         "the target is censored at the budget. The restricted mean counts it as the budget. Area: mean height of DSC "
         "over clicks, from the first to the last.</p>\n"
      << NumberTable({"method", "target DSC", "reached", "median clicks", "restricted mean", "interval",
                      "area under DSC", "interval"},
                     rows)
      << "</section>\n";
  return html;
}

Html BootstrapWords(const BootstrapOptions& bootstrap) {
  Html html;
  html << "<p>Intervals: percentile bootstrap over cases, " << Text{std::to_string(bootstrap.resamples)}
       << " resamples, seed " << Text{std::to_string(bootstrap.seed)} << ", level "
       << Text{ExactDigits(bootstrap.level)} << ".</p>\n";
  return html;
}

Html FailedSection(const InteractionRun& run) {
  Html html;
  for (const InteractionCase& a_case : run.cases) {
    if (!a_case.IsOk())
      html << "<p class=\"alert\"><strong>" << Text{a_case.name}
           << "</strong> is in no number below: " << Text{a_case.error} << "</p>\n";
  }
  return html;
}

Html ClickSection(const InteractionRun& run) {
  std::vector<std::vector<std::string>> rows;
  const std::optional<RunSummary> summary = SummariseRun(run);
  for (std::size_t k = 0; summary && k < summary->dice.size(); ++k) {
    const Summary& dice = summary->dice[k];
    rows.push_back({std::to_string(k + 1), Three(dice.mean), IntervalWords(dice.mean_interval),
                    dice.sd ? Three(*dice.sd) : "-", Three(dice.median),
                    Three(summary->survival.steps[k].short_of_target)});
  }
  Html html;
  html << "<section>\n<h2>DSC after each click</h2>\n"
       << NumberTable({"click", "mean DSC", "interval", "sd", "median", "share short of the target"}, rows)
       << "</section>\n";
  return html;
}

Html CaseSection(const InteractionRun& run) {
  std::vector<std::string> headings = {"case", "clicks to target", "area"};
  for (int click = 1; click <= run.budget; ++click) headings.push_back(std::to_string(click));
  std::vector<std::vector<std::string>> rows;
  for (const InteractionCase& a_case : run.cases) {
    if (!a_case.IsOk()) continue;
    const ClicksToTarget to_target = FindClicksToTarget(a_case.dice, run.target);
    std::vector<std::string> row = {a_case.name,
                                    (to_target.is_reached ? "" : "more than ") + std::to_string(to_target.clicks),
                                    Three(AreaUnderDice(a_case.dice))};
    for (const double dice : a_case.dice) row.push_back(Three(dice));
    rows.push_back(row);
  }
  Html html;
  html << "<section>\n<h2>Cases</h2>\n" << NumberTable(headings, rows) << "</section>\n";
  return html;
}

Html DifferenceSection(const MethodComparison& comparison) {
  std::vector<std::vector<std::string>> rows;
  for (const MethodRow& row : comparison.rows) {
    rows.push_back({std::to_string(row.clicks), row.other, Three(row.first_mean), Three(row.other_mean),
                    Three(row.difference), IntervalWords(row.interval), PWords(row.p), PWords(row.p_holm)});
  }
  Html html;
  html << "<section>\n<h2>" << Text{comparison.first} << " against the others</h2>\n<p>Difference of DSC case by case, "
       << Text{comparison.first} << " minus the other. Paired Wilcoxon signed-rank test, Holm over the methods at each "
       << "number of clicks, where there are at least " << Text{std::to_string(kTestedFromCases)}
       << " cases; intervals only where there are fewer.</p>\n"
       << NumberTable({"clicks", "other", "first mean", "other mean", "difference", "interval", "p", "p (Holm)"}, rows)
       << "</section>\n";
  return html;
}

}  // namespace

std::string DiceCurvesSvg(std::span<const InteractionRun> runs) {
  return DiceCurves(runs).page();
}

std::string RunHtml(const InteractionRun& run) {
  Html body;
  body << FailedSection(run) << "<p>Method " << Text{run.method} << ", data set " << Text{run.dataset} << ", split "
       << Text{run.split} << ", " << Text{std::to_string(run.cases.size())} << " cases, "
       << Text{std::to_string(run.budget)} << " clicks of both signs.</p>\n"
       << BootstrapWords(run.bootstrap) << TargetSection({&run, 1}) << "<section>\n<h2>Mean DSC over clicks</h2>\n"
       << DiceCurves({&run, 1}) << "</section>\n"
       << ClickSection(run) << CaseSection(run);
  return EvaluationPage("Simulated interaction: " + run.method, body);
}

std::string ComparisonHtml(const MethodComparison& comparison) {
  const InteractionRun& first = comparison.runs.front();
  Html body;
  for (const std::string& name : comparison.left_out) {
    body << "<p class=\"alert\"><strong>" << Text{name}
         << "</strong> failed with one of the methods and is in no number of any.</p>\n";
  }
  body << "<p>Data set " << Text{first.dataset} << ", split " << Text{first.split} << ", "
       << Text{std::to_string(comparison.cases.size())} << " cases that every method has.</p>\n"
       << BootstrapWords(first.bootstrap) << "<section>\n<h2>Mean DSC over clicks</h2>\n"
       << DiceCurves(comparison.runs) << "</section>\n"
       << DifferenceSection(comparison) << TargetSection(comparison.runs);
  return EvaluationPage("Methods on the same cases", body);
}

}  // namespace dinsd
