#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "pipeline/evaluate/interaction_run.h"
#include "pipeline/evaluate/statistics_json.h"
#include "pipeline/read/input_error.h"
#include "pipeline/report/safe_text.h"

namespace dinsd {
namespace {

constexpr const char* kSchema = "dins-interactions/1";
constexpr int kMostClicks = 1000;

nlohmann::json SurvivalJson(const ClickSurvival& survival) {
  nlohmann::json steps = nlohmann::json::array();
  for (const SurvivalStep& step : survival.steps) {
    steps.push_back({{"click", step.clicks},
                     {"at_risk", step.at_risk},
                     {"reached", step.reached},
                     {"short_of_target", step.short_of_target}});
  }
  return {{"reached", survival.reached},
          {"cases", survival.total},
          {"median", survival.median ? nlohmann::json(*survival.median) : nlohmann::json()},
          {"restricted_mean", survival.restricted_mean},
          {"steps", steps}};
}

nlohmann::json SummaryOf(const InteractionRun& run) {
  const std::optional<RunSummary> summary = SummariseRun(run);
  if (!summary) return nullptr;
  nlohmann::json dice = nlohmann::json::array();
  for (const Summary& at_click : summary->dice) dice.push_back(SummaryJson(at_click));
  return {{"dsc_after_click", dice},
          {"area_under_dsc", SummaryJson(summary->area)},
          {"clicks_to_target", SummaryJson(summary->clicks)},
          {"survival", SurvivalJson(summary->survival)}};
}

[[noreturn]] void Refuse(const std::string& file, const std::string& field, const std::string& sentence) {
  throw InputError("RUN_FORMAT", file, field, sentence);
}

std::vector<InteractionCase> CasesFrom(const nlohmann::json& json, int budget, const std::string& file) {
  std::vector<InteractionCase> cases;
  std::set<std::string> names;
  for (const nlohmann::json& one : json) {
    const std::string field = "/cases/" + std::to_string(cases.size());
    std::optional<InteractionCase> a_case = CaseFromJson(one, budget);
    if (!a_case)
      Refuse(file, field, "is no case with a DSC in [0, 1] after each of " + std::to_string(budget) + " clicks");
    if (!names.insert(a_case->name).second) Refuse(file, field, "a case of this name came before");
    cases.push_back(*std::move(a_case));
  }
  return cases;
}

}  // namespace

nlohmann::json CaseJson(const InteractionCase& a_case) {
  nlohmann::json json = {
      {"case", CleanUtf8(a_case.name)}, {"image_sha256", a_case.image_sha256}, {"truth_sha256", a_case.truth_sha256}};
  if (a_case.IsOk()) {
    json["dsc"] = a_case.dice;
    json["clicks_made"] = a_case.clicks_made;
  } else {
    json["error"] = CleanUtf8(a_case.error);
  }
  return json;
}

std::optional<InteractionCase> CaseFromJson(const nlohmann::json& json, int budget) {
  try {
    InteractionCase a_case;
    a_case.name = json.at("case");
    a_case.image_sha256 = json.at("image_sha256");
    a_case.truth_sha256 = json.at("truth_sha256");
    if (json.contains("error")) {
      a_case.error = json.at("error");
      return a_case.error.empty() ? std::nullopt : std::optional(a_case);
    }
    a_case.dice = json.at("dsc").get<std::vector<double>>();
    a_case.clicks_made = json.at("clicks_made");
    const bool is_in_range =
        std::all_of(a_case.dice.begin(), a_case.dice.end(), [](double d) { return d >= 0 && d <= 1; });
    const bool is_of_budget = a_case.dice.size() == static_cast<std::size_t>(budget);
    return is_in_range && is_of_budget ? std::optional(a_case) : std::nullopt;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

std::string RunJson(const InteractionRun& run) {
  nlohmann::json json = {{"schema", kSchema},
                         {"method", CleanUtf8(run.method)},
                         {"method_sha256", run.method_sha256},
                         {"dataset", CleanUtf8(run.dataset)},
                         {"split", CleanUtf8(run.split)},
                         {"budget", run.budget},
                         {"target", run.target},
                         {"bootstrap", BootstrapJson(run.bootstrap)},
                         {"summary", SummaryOf(run)}};
  json["cases"] = nlohmann::json::array();
  for (const InteractionCase& a_case : run.cases) json["cases"].push_back(CaseJson(a_case));
  return json.dump(2) + "\n";
}

InteractionRun ParseRun(const std::string& text, const std::string& file) {
  try {
    const nlohmann::json json = nlohmann::json::parse(text);
    if (json.at("schema") != kSchema) Refuse(file, "/schema", std::string("is not ") + kSchema);
    InteractionRun run;
    run.method = json.at("method");
    run.method_sha256 = json.at("method_sha256");
    run.dataset = json.at("dataset");
    run.split = json.at("split");
    run.budget = json.at("budget");
    run.target = json.at("target");
    if (run.budget < 1 || run.budget > kMostClicks) Refuse(file, "/budget", "lies outside 1 to 1000 clicks");
    run.bootstrap.seed = json.at("bootstrap").at("seed");
    run.bootstrap.resamples = json.at("bootstrap").at("resamples");
    run.bootstrap.level = json.at("bootstrap").at("level");
    run.cases = CasesFrom(json.at("cases"), run.budget, file);
    return run;
  } catch (const nlohmann::json::exception& error) {
    Refuse(file, "", error.what());
  }
}

}  // namespace dinsd
