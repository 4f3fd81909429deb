#include "daemon/dins/evaluate_command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <thread>

#include "daemon/command_line/path_check.h"
#include "daemon/dins/commands.h"
#include "daemon/dins/share_check.h"
#include "daemon/dins/study_argument.h"
#include "daemon/evaluate/evaluate_folders.h"
#include "daemon/publish/durable_files.h"
#include "pipeline/report/safe_text.h"

namespace dinsd {
namespace {

void Print(const Evaluation& evaluation) {
  std::printf("%-24s %6s %12s %12s %12s   %s\n", "metric", "cases", "mean", "sd", "median", "interval of the mean");
  for (const MetricSummary& of : SummariseMetrics(evaluation)) {
    if (!of.summary) continue;
    const Summary& s = *of.summary;
    const std::string interval =
        s.mean_interval ? FixedDigits(s.mean_interval->low, 4) + " to " + FixedDigits(s.mean_interval->high, 4) : "";
    std::printf("%-24s %6lld %12.4f %12s %12.4f   %s\n", of.metric.name.c_str(), static_cast<long long>(s.count),
                s.mean, s.sd ? FixedDigits(*s.sd, 4).c_str() : "", s.median, interval.c_str());
  }
}

void EvaluatePairs(const EvaluateArguments& arguments) {
  const std::filesystem::path out = arguments.out;
  Evaluation evaluation;
  {
    ConsoleProgress progress;
    evaluation =
        EvaluateFolders({arguments.predictions, arguments.truths, out / "cases"}, arguments.options, arguments.parallel,
                        [&](std::size_t done, std::size_t total, const std::string& name) {
                          progress.Show(CleanLine(name), static_cast<double>(done) / static_cast<double>(total));
                        });
  }
  WriteReportFile(arguments.out, "cases.csv", EvaluationCsv(evaluation));
  WriteReportFile(arguments.out, "summary.csv", SummaryCsv(evaluation));
  WriteReportFile(arguments.out, "evaluation.json", EvaluationJson(evaluation));
  WriteReportFile(arguments.out, "evaluation.html", EvaluationHtml(evaluation));
  const std::string picture = BlandAltmanSvg(evaluation);
  if (!picture.empty()) WriteReportFile(arguments.out, "bland_altman.svg", picture);
  Print(evaluation);
  const auto failed =
      std::count_if(evaluation.rows.begin(), evaluation.rows.end(), [](const CaseRow& row) { return !row.IsOk(); });
  if (failed > 0) {
    throw std::runtime_error(std::to_string(failed) + " of " + std::to_string(evaluation.rows.size()) +
                             " cases could not be compared: see " + (out / "cases.csv").string());
  }
}

void Run(EvaluateArguments arguments) {
  const bool has_folders = !arguments.predictions.empty();
  if (has_folders + !arguments.simulate.empty() + !arguments.compare.empty() != 1)
    throw std::runtime_error("name two folders, or --simulate, or --compare: one of the three");
  if (has_folders && arguments.truths.empty()) throw std::runtime_error("name the folder of the truths too");
  std::filesystem::create_directories(arguments.out);
  // A network uses all cores by itself; a second one takes its memory twice.
  if (arguments.parallel == 0)
    arguments.parallel = has_folders ? static_cast<int>(std::thread::hardware_concurrency()) : 1;
  if (has_folders) return EvaluatePairs(arguments);
  if (!arguments.simulate.empty()) return EvaluateBySimulation(arguments);
  EvaluateComparison(arguments);
}

void AddSharedOptions(CLI::App& command, EvaluateArguments& arguments) {
  BootstrapOptions& bootstrap = arguments.options.bootstrap;
  command.add_option("--out", arguments.out, "folder for the tables and the page")->required()->check(IsPath);
  command.add_option("--seed", bootstrap.seed, "seed of the bootstrap")->capture_default_str();
  command.add_option("--resamples", bootstrap.resamples, "resamples of the bootstrap")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
}

void AddFolderOptions(CLI::App& command, EvaluateArguments& arguments) {
  EvaluateOptions& options = arguments.options;
  command.add_option("PREDICTIONS", arguments.predictions, "folder of NAME.nii.gz")->check(IsPath);
  command.add_option("TRUTHS", arguments.truths, "folder of NAME.nii.gz, paired by name")->check(IsPath);
  command.add_option("--surface", options.surface_erosion, "neighbours of the erosion that the surface is found by")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, Connectivity>{
              {"6", Connectivity::k6}, {"18", Connectivity::k18}, {"26", Connectivity::k26}},
          CLI::ignore_case))
      ->default_str("18");
  command.add_option("--lesions", options.lesions, "what a lesion is: a piece of the mask, or a label")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, LesionRule>{{"components", LesionRule::kComponents}, {"labels", LesionRule::kLabels}},
          CLI::ignore_case))
      ->default_str("components");
  command.add_option("--iou", options.iou_thresholds, "IoU from which two lesions match, one or several")
      ->capture_default_str();
  command.add_option("--parallel", arguments.parallel, "cases at a time; 0 = as many as cores (simulation: one)")
      ->capture_default_str()
      ->check(CLI::Range(0, 1024));
}

void AddSimulationOptions(CLI::App& command, EvaluateArguments& arguments) {
  command
      .add_option("--simulate", arguments.simulate,
                  "data set to click in: a folder as `dins prepare` takes it (phantoms: every one)")
      ->check(IsPath);
  command
      .add_option("--method", arguments.methods,
                  "simulation: a weights file, random-walker, graph-cut or active-contour, the last three also with "
                  "-box; several are run one after the other into folders of their names and compared, the first "
                  "one being the method in question")
      ->check(IsPath);
  command.add_option("--weights", arguments.weights, "simulation: weights file (default: the shipped one)")
      ->check(IsPath);
  command.add_option("--device", arguments.device, "simulation: auto, cpu or cuda:N")->capture_default_str();
  command.add_option("--split", arguments.split, "simulation: split of the cases")->capture_default_str();
  command.add_option("--method-name", arguments.method,
                     "simulation: what the run is called in tables (default: dins, or the method's word)");
  command.add_option("--clicks", arguments.clicks, "simulation: budget of clicks, of both signs together")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  command.add_option("--target", arguments.target, "simulation: DSC that clicks are counted to")
      ->capture_default_str()
      ->check(IsShare);
}

void AddComparisonOptions(CLI::App& command, EvaluateArguments& arguments) {
  command.add_option("--compare", arguments.compare, "run.json of several simulations, the method in question first")
      ->check(IsPath);
  command.add_option("--at", arguments.at_clicks, "comparison: after so many clicks")->capture_default_str();
}

}  // namespace

void WriteReportFile(const std::string& out, const std::string& name, const std::string& content) {
  RewriteFile(std::filesystem::path(out) / name, content);
}

void AddEvaluateCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "evaluate",
      "metrics with intervals: predictions against truths, simulated clicks, or methods against each other");
  const auto arguments = std::make_shared<EvaluateArguments>();
  AddSharedOptions(*command, *arguments);
  AddFolderOptions(*command, *arguments);
  AddSimulationOptions(*command, *arguments);
  AddComparisonOptions(*command, *arguments);
  command->callback([arguments] { Run(*arguments); });
}

}  // namespace dinsd
