#pragma once

#include <string>
#include <vector>

#include "pipeline/evaluate/evaluate_options.h"

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
  std::string weights;
  std::string device = "auto";
  std::string split = "val";
  std::string method = "dins";
  int clicks = 20;
  double target = 0.8;

  // of --compare
  std::vector<int> at_clicks{1, 3, 5, 10, 20};
};

void EvaluateBySimulation(const EvaluateArguments& arguments);  // evaluate_simulate.cc
void EvaluateComparison(const EvaluateArguments& arguments);    // evaluate_compare.cc

/// Replaces a file of a report. Throws std::system_error.
void WriteReportFile(const std::string& out, const std::string& name, const std::string& content);

}  // namespace dinsd
