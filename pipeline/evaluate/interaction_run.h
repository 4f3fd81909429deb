#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pipeline/evaluate/click_curve.h"
#include "pipeline/evaluate/statistics.h"

namespace dinsd {

/// One simulated interaction, or why there is none.
struct InteractionCase {
  std::string name;
  std::string image_sha256;
  std::string truth_sha256;
  std::vector<double> dice;  // after click 1, 2, ... budget; the last one stays where no error was left to click
  int clicks_made = 0;
  std::string error;  // empty when all went well
  /// Of wall time for each click that was made; empty where it was not measured. In no file of a run: the same run
  /// gives the same bytes.
  std::vector<double> seconds = {};

  [[nodiscard]] bool IsOk() const { return error.empty(); }
};

/// One method's interactions with the cases of a data set.
struct InteractionRun {
  std::string method;
  std::string method_sha256;  // of its weights or settings
  std::string dataset;
  std::string split;
  int budget = 20;      // clicks of both signs together
  double target = 0.8;  // DSC
  BootstrapOptions bootstrap;
  std::vector<InteractionCase> cases;
};

/// What a run says, over its cases without an error.
struct RunSummary {
  std::vector<Summary> dice;  // after click 1, 2, ... budget
  Summary area;               // AreaUnderDice
  Summary clicks;             // to the target; where it was not reached, the budget
  ClickSurvival survival;     // of clicks to the target
};
/// Nothing without such a case.
[[nodiscard]] std::optional<RunSummary> SummariseRun(const InteractionRun& run);

/// A case as an object, and back; nothing where `json` is no case of that budget.
[[nodiscard]] nlohmann::json CaseJson(const InteractionCase& a_case);
[[nodiscard]] std::optional<InteractionCase> CaseFromJson(const nlohmann::json& json, int budget);

// The same run gives the same bytes: no time, no folder, no machine in any of them.

/// Schema dins-interactions/1.
[[nodiscard]] std::string RunJson(const InteractionRun& run);

/// Reads what RunJson wrote. Throws InputError RUN_FORMAT that names `file`.
[[nodiscard]] InteractionRun ParseRun(const std::string& text, const std::string& file);

/// One line per case: clicks to target, area, DSC after each click.
[[nodiscard]] std::string RunCsv(const InteractionRun& run);

/// One page for people.
[[nodiscard]] std::string RunHtml(const InteractionRun& run);

/// The curve of mean DSC over clicks of each run, an SVG file. Runs without a case are left out.
[[nodiscard]] std::string DiceCurvesSvg(std::span<const InteractionRun> runs);

}  // namespace dinsd
