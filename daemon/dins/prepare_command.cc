#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "daemon/command_line/path_check.h"
#include "daemon/dins/commands.h"
#include "daemon/dins/dataset.h"
#include "model/train/case_file.h"

namespace dinsd {
namespace {

struct Options {
  std::string dataset;
  std::string out;
  double spacing_mm = 2;
  std::vector<std::string> choose;
  std::vector<std::string> leave_out;
};

bool Has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// A case of another spelling would silently be trained on.
void CheckNames(const std::vector<std::string>& names, const std::vector<DatasetCase>& cases,
                const std::string& option) {
  for (const std::string& name : names) {
    const bool is_known =
        std::any_of(cases.begin(), cases.end(), [&](const DatasetCase& known) { return known.name == name; });
    if (!is_known) throw std::runtime_error(option + ": the data set has no case '" + name + "'");
  }
}

void TellOfTests(const std::vector<DatasetCase>& cases) {
  const auto tests = std::count_if(cases.begin(), cases.end(), [](const DatasetCase& c) { return c.split == "test"; });
  if (tests > 0) std::printf("%lld of split test: never prepared\n", static_cast<long long>(tests));
}

void Run(const Options& options) {
  ModelManifest manifest;
  manifest.grid_rule = GridRule::kSpacing;
  manifest.spacing_mm = options.spacing_mm;
  std::size_t number = 0;
  const std::vector<DatasetCase> cases = ListCases(options.dataset);
  CheckNames(options.choose, cases, "--choose");
  CheckNames(options.leave_out, cases, "--leave-out");
  TellOfTests(cases);
  std::filesystem::create_directories(options.out);
  for (const DatasetCase& c : cases) {
    ++number;
    if (c.split != "train" || Has(options.leave_out, c.name)) continue;
    const std::string split = Has(options.choose, c.name) ? "choose" : "train";
    const PreparedCase prepared = PrepareCase(options.dataset, {c.set, c.name, split}, manifest);
    WriteCase(std::filesystem::path(options.out) / (c.set + "_" + c.name + ".case"), prepared);
    std::printf("[%zu/%zu] %s %s: %lldx%lldx%lld, %s\n", number, cases.size(), c.set.c_str(), c.name.c_str(),
                static_cast<long long>(prepared.size.z), static_cast<long long>(prepared.size.y),
                static_cast<long long>(prepared.size.x), split.c_str());
  }
}

}  // namespace

void AddPrepareCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("prepare", "bring the training cases of a data set onto the network grid");
  const auto options = std::make_shared<Options>();
  command
      ->add_option(
          "DATASET", options->dataset,
          "folder with images/ and masks/ (NAME.nii.gz), and splits.csv (set, case, split) in it or beside it; or "
          "one with folders that `dins phantom` wrote")
      ->required()
      ->check(IsPath);
  command->add_option("--out", options->out, "folder for the prepared cases")->required()->check(IsPath);
  command->add_option("--spacing", options->spacing_mm, "in-plane size of a network voxel in mm")
      ->check(CLI::Range(0.1, 20.0))
      ->capture_default_str();
  command->add_option("--choose", options->choose, "training cases that are kept to choose the weights by");
  command->add_option("--leave-out", options->leave_out, "training cases that are left out");
  command->callback([options] { Run(*options); });
}

}  // namespace dinsd
