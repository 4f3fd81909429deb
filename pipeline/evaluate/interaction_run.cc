#include "pipeline/evaluate/interaction_run.h"

#include "pipeline/evaluate/csv_line.h"

namespace dinsd {
namespace {

std::vector<const InteractionCase*> GoodCases(const InteractionRun& run) {
  std::vector<const InteractionCase*> good;
  for (const InteractionCase& a_case : run.cases) {
    if (a_case.IsOk()) good.push_back(&a_case);
  }
  return good;
}

std::vector<Summary> SummariseClicks(const std::vector<const InteractionCase*>& cases, const InteractionRun& run) {
  std::vector<Summary> summaries;
  for (int click = 0; click < run.budget; ++click) {
    std::vector<double> dice;
    dice.reserve(cases.size());
    for (const InteractionCase* a_case : cases) dice.push_back(a_case->dice.at(static_cast<std::size_t>(click)));
    summaries.push_back(*Summarise(dice, run.bootstrap));
  }
  return summaries;
}

}  // namespace

std::optional<RunSummary> SummariseRun(const InteractionRun& run) {
  const std::vector<const InteractionCase*> cases = GoodCases(run);
  if (cases.empty()) return std::nullopt;
  std::vector<double> areas, clicks;
  std::vector<ClicksToTarget> to_target;
  for (const InteractionCase* a_case : cases) {
    areas.push_back(AreaUnderDice(a_case->dice));
    to_target.push_back(FindClicksToTarget(a_case->dice, run.target));
    clicks.push_back(to_target.back().clicks);
  }
  return RunSummary{SummariseClicks(cases, run), *Summarise(areas, run.bootstrap), *Summarise(clicks, run.bootstrap),
                    EstimateSurvival(to_target, run.budget)};
}

std::string RunCsv(const InteractionRun& run) {
  std::vector<std::string> headings = {"case", "clicks_to_target", "target_reached", "clicks_made", "area_under_dsc"};
  for (int click = 1; click <= run.budget; ++click) headings.push_back("dsc_" + std::to_string(click));
  headings.insert(headings.end(), {"error", "image_sha256", "truth_sha256"});
  std::string csv = CsvLine(headings);
  for (const InteractionCase& a_case : run.cases) {
    std::vector<std::string> cells = {a_case.name};
    if (a_case.IsOk()) {
      const ClicksToTarget to_target = FindClicksToTarget(a_case.dice, run.target);
      cells.insert(cells.end(), {std::to_string(to_target.clicks), to_target.is_reached ? "yes" : "no",
                                 std::to_string(a_case.clicks_made), NumberCell(AreaUnderDice(a_case.dice))});
      for (const double dice : a_case.dice) cells.push_back(NumberCell(dice));
    }
    cells.resize(5 + static_cast<std::size_t>(run.budget));
    cells.insert(cells.end(), {a_case.error, a_case.image_sha256, a_case.truth_sha256});
    csv += CsvLine(cells);
  }
  return csv;
}

}  // namespace dinsd
