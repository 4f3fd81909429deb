#include "pipeline/evaluate/comparison.h"

#include <algorithm>
#include <map>
#include <set>

#include "pipeline/evaluate/paired_tests.h"
#include "pipeline/read/input_error.h"

namespace dinsd {
namespace {

using CasesByName = std::map<std::string, InteractionCase>;

CasesByName ByName(const InteractionRun& run) {
  CasesByName cases;
  for (const InteractionCase& a_case : run.cases) cases[a_case.name] = a_case;
  return cases;
}

[[noreturn]] void Differ(const InteractionRun& run, const std::string& field, const std::string& sentence) {
  throw InputError("RUNS_DIFFER", run.method, field, sentence);
}

void RequireSameCases(const InteractionRun& first, const InteractionRun& other) {
  if (other.dataset != first.dataset || other.split != first.split)
    Differ(other, "dataset", "another data set or split than that of " + first.method);
  const CasesByName cases = ByName(other);
  if (cases.size() != first.cases.size())
    Differ(other, "cases",
           std::to_string(cases.size()) + " cases, " + std::to_string(first.cases.size()) + " in " + first.method);
  for (const InteractionCase& expected : first.cases) {
    const auto found = cases.find(expected.name);
    if (found == cases.end()) Differ(other, "cases", "has no case " + expected.name);
    if (found->second.truth_sha256 != expected.truth_sha256 || found->second.image_sha256 != expected.image_sha256)
      Differ(other, "cases", "image or truth of " + expected.name + " is another file than that of " + first.method);
  }
}

void CheckRuns(const std::vector<InteractionRun>& runs, const std::vector<int>& at_clicks) {
  if (runs.size() < 2) throw InputError("RUN_EMPTY", "", "", "two methods are the least that can be compared");
  std::set<std::string> methods;
  for (const InteractionRun& run : runs) {
    if (!methods.insert(run.method).second) Differ(run, "method", "two runs have this method's name");
    RequireSameCases(runs.front(), run);
    for (const int clicks : at_clicks) {
      if (clicks < 1 || clicks > run.budget)
        throw InputError("RUN_FORMAT", run.method, "budget",
                         std::to_string(run.budget) + " clicks, asked for " + std::to_string(clicks));
    }
  }
}

// Leaves in every run only the cases that all have without an error, ordered by name.
void KeepCommonCases(MethodComparison& comparison) {
  std::map<std::string, bool> is_good;
  for (const InteractionRun& run : comparison.runs) {
    for (const InteractionCase& a_case : run.cases) {
      const auto [found, is_new] = is_good.emplace(a_case.name, a_case.IsOk());
      if (!is_new) found->second = found->second && a_case.IsOk();
    }
  }
  for (const auto& [name, good] : is_good) (good ? comparison.cases : comparison.left_out).push_back(name);
  for (InteractionRun& run : comparison.runs) {
    std::erase_if(run.cases, [&](const InteractionCase& a_case) { return !is_good.at(a_case.name); });
    std::sort(run.cases.begin(), run.cases.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  }
}

std::vector<double> DiceAfter(const InteractionRun& run, int clicks) {
  std::vector<double> dice;
  for (const InteractionCase& a_case : run.cases) dice.push_back(a_case.dice.at(static_cast<std::size_t>(clicks - 1)));
  return dice;
}

MethodRow Row(const InteractionRun& first, const InteractionRun& other, int clicks, const BootstrapOptions& bootstrap) {
  const std::vector<double> a = DiceAfter(first, clicks), b = DiceAfter(other, clicks);
  std::vector<double> differences(a.size());
  std::transform(a.begin(), a.end(), b.begin(), differences.begin(), [](double x, double y) { return x - y; });
  MethodRow row{clicks, other.method, Mean(a), Mean(b), Mean(differences), BootstrapMean(differences, bootstrap)};
  if (differences.size() >= kTestedFromCases) row.p = WilcoxonSignedRank(differences).p;
  return row;
}

std::vector<MethodRow> RowsAt(const std::vector<InteractionRun>& runs, int clicks, const BootstrapOptions& bootstrap) {
  std::vector<MethodRow> rows;
  std::vector<double> p_values;
  for (std::size_t i = 1; i < runs.size(); ++i) {
    rows.push_back(Row(runs.front(), runs[i], clicks, bootstrap));
    if (rows.back().p) p_values.push_back(*rows.back().p);
  }
  const std::vector<double> adjusted = HolmAdjusted(p_values);
  for (std::size_t i = 0; i < adjusted.size(); ++i) rows[i].p_holm = adjusted[i];  // all rows have a p, or none
  return rows;
}

}  // namespace

MethodComparison CompareMethods(std::vector<InteractionRun> runs, const std::vector<int>& at_clicks,
                                const BootstrapOptions& bootstrap) {
  CheckRuns(runs, at_clicks);
  MethodComparison comparison;
  comparison.first = runs.front().method;
  comparison.runs = std::move(runs);
  KeepCommonCases(comparison);
  if (comparison.cases.empty()) throw InputError("RUN_EMPTY", comparison.first, "", "no case went well in every run");
  for (InteractionRun& run : comparison.runs) run.bootstrap = bootstrap;
  for (const int clicks : at_clicks) {
    const std::vector<MethodRow> rows = RowsAt(comparison.runs, clicks, bootstrap);
    comparison.rows.insert(comparison.rows.end(), rows.begin(), rows.end());
  }
  return comparison;
}

}  // namespace dinsd
