#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/dins/interactive_method.h"
#include "pipeline/evaluate/evaluate_options.h"
#include "pipeline/evaluate/interaction_run.h"

namespace dinsd {

/// What `dins evaluate` was asked for.
struct EvaluateArguments {
  std::string predictions;
  std::string truths;
  std::string simulate;              // a data set
  std::vector<std::string> compare;  // runs.json of several methods
  std::string out;
  EvaluateOptions options;
  int parallel = 0;

  // of --simulate
  std::vector<std::string> methods;  // words of MakeMethod; none: `weights`
  std::string weights;               // one such word
  std::string device = "auto";
  std::string split = "val";
  std::string method;  // its name in tables; of a command, empty: NameOfMethod
  int clicks = 20;
  double target = 0.8;

  // of simulations that an experiment asks for
  std::vector<std::string> cases;  // where not empty: these, whatever their split is
  std::function<std::unique_ptr<InteractiveMethod>(const std::string& device)> make_method;  // instead of `weights`
  std::function<bool()> is_stopped;  // asked before each case: true ends it by ExperimentStopped; may be empty

  // of --compare
  std::vector<int> at_clicks{1, 3, 5, 10, 20};
};

void EvaluateBySimulation(const EvaluateArguments& arguments);  // evaluate_simulate.cc

/// The simulation alone: cases are kept in `out`/cases, nothing else is written or printed but the progress. Throws
/// where there is no case; a case that fails says so itself.
[[nodiscard]] InteractionRun RunSimulation(const EvaluateArguments& arguments);

void EvaluateComparison(const EvaluateArguments& arguments);  // evaluate_compare.cc

/// Replaces a file of a report. Throws std::system_error.
void WriteReportFile(const std::string& out, const std::string& name, const std::string& content);

}  // namespace dinsd
