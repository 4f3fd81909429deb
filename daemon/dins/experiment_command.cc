#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "daemon/command_line/path_check.h"
#include "daemon/dins/commands.h"
#include "daemon/dins/experiment_steps.h"
#include "daemon/dins/volume_steps.h"
#include "daemon/experiment/experiment_table.h"
#include "daemon/experiment/read_experiment.h"
#include "daemon/experiment/run_experiment.h"
#include "daemon/experiment/table_comparison.h"
#include "daemon/picture/svg_png.h"
#include "daemon/publish/durable_files.h"
#include "model/device.h"
#include "pipeline/report/safe_text.h"

namespace dinsd {
namespace {

struct Options {
  std::string file;
  std::string data;
  std::string out;
  std::string work;
  std::string records;
  std::vector<std::string> rows;
  std::string set;
  std::size_t seeds = 0;
  std::string device = "cpu";
  bool is_quick = false;
};

volatile std::sig_atomic_t stop_requested = 0;

void RequestStop(int) {
  stop_requested = 1;
}

// A line at each stage, and within a training every quarter of a minute.
class ProgressLines {
 public:
  void Show(const ExperimentProgress& progress) {
    const auto now = std::chrono::steady_clock::now();
    const bool is_training = progress.stage.starts_with("training");
    if (is_training && progress.what == last_ && now - shown_ < std::chrono::seconds(15)) return;
    last_ = progress.what;
    shown_ = now;
    const std::string left =
        progress.seconds_left < 0 ? "" : ", " + FixedDigits(progress.seconds_left / 60, 0) + " min left of all";
    std::fprintf(stderr, "[%zu/%zu] %s: %s%s\n", progress.run, progress.of, CleanLine(progress.what).c_str(),
                 progress.stage.c_str(), left.c_str());
  }

 private:
  std::string last_;
  std::chrono::steady_clock::time_point shown_;
};

// A folder that was mistaken is a wrong argument, not a table whose every row was not run.
void RequireDataSets(const Experiment& experiment, const Options& options) {
  for (const ExperimentData& data : experiment.data) {
    const std::filesystem::path folder = std::filesystem::path(options.data) / data.set;
    std::error_code error;
    if ((!options.set.empty() && options.set != data.set) || std::filesystem::is_directory(folder, error)) continue;
    throw CLI::ValidationError("--data", CleanLine("'" + options.data + "' lacks the data set " + data.set + ": '" +
                                                   folder.string() + "' is no folder; --set chooses another"));
  }
}

// A row's first run each, for `dins evaluate --compare`.
void WriteRuns(const Experiment& experiment, const ExperimentResult& result, const std::filesystem::path& out) {
  for (const DataResult& data : result.data) {
    const std::filesystem::path folder = out / "runs" / data.set;
    std::filesystem::create_directories(folder);
    for (std::size_t r = 0; r < data.rows.size(); ++r) {
      if (!data.rows[r].runs.empty())
        RewriteFile(folder / (experiment.rows[r].name + ".json"), RunJson(data.rows[r].runs.front()));
    }
  }
}

// The comparisons as `dins evaluate --compare` writes them.
void WriteComparisons(const Experiment& experiment, const ExperimentResult& result, const std::filesystem::path& out) {
  for (const DataResult& data : result.data) {
    const std::optional<MethodComparison> comparison = ComparisonOf(experiment, data);
    if (!comparison) continue;
    RewriteFile(out / (data.set + "-comparison.csv"), ComparisonCsv(*comparison));
    RewriteFile(out / (data.set + "-comparison.json"), ComparisonJson(*comparison));
  }
}

void WriteTables(const Experiment& experiment, const ExperimentResult& result, const std::filesystem::path& out) {
  RewriteFile(out / "table.md", TableMarkdown(experiment, result));
  RewriteFile(out / "table.csv", TableCsv(experiment, result));
  RewriteFile(out / "table.json", TableJson(experiment, result));
  RewriteFile(out / "table.html", TableHtml(experiment, result));
  WriteRuns(experiment, result, out);
  WriteComparisons(experiment, result, out);
  constexpr int kPictureWidth = 1560;
  for (const TablePicture& picture : PicturesOf(experiment, result)) {
    RewriteFile(out / (picture.name + ".svg"), picture.svg.page());
    RewriteFile(out / (picture.name + ".png"), PngOfSvg(picture.svg.page(), kPictureWidth));
  }
}

std::size_t SayWhatWasNotRun(const Experiment& experiment, const ExperimentResult& result) {
  std::size_t count = 0;
  for (const DataResult& data : result.data) {
    for (std::size_t r = 0; r < data.rows.size(); ++r) {
      const std::string& why = data.rows[r].not_run;
      if (why.empty() || why == kNotAskedFor) continue;
      std::fprintf(stderr, "not run: %s on %s: %s\n", experiment.rows[r].name.c_str(), data.set.c_str(),
                   CleanLine(why).c_str());
      ++count;
    }
  }
  return count;
}

// The first seeds of each data set: the others can be run later, into the same folders.
void KeepSeeds(std::size_t seeds, Experiment& experiment) {
  for (ExperimentData& data : experiment.data) data.seeds.resize(std::min(seeds, data.seeds.size()));
}

// The phantoms of table IV, before anything is written for them.
void RequirePhantoms(const VolumeExperiment& experiment, const std::string& data) {
  for (const std::string& name : experiment.cases) {
    const std::filesystem::path phantom = std::filesystem::path(data) / experiment.set / name;
    std::error_code error;
    if (std::filesystem::exists(phantom / "truth" / "truth.nii.gz", error) &&
        std::filesystem::is_directory(phantom / "study", error)) {
      continue;
    }
    throw CLI::ValidationError("--data", "'" + data + "' lacks a phantom of the data set " + experiment.set + ": '" +
                                             phantom.string() + "' has no study/ and truth/truth.nii.gz");
  }
}

void RunVolumes(const Options& options, const std::filesystem::path& work) {
  constexpr std::size_t kQuickCases = 2;
  if (!options.rows.empty() || !options.set.empty() || options.seeds > 0)
    throw std::runtime_error("table IV has no rows, sets or seeds to choose from");
  VolumeExperiment experiment = ReadVolumeExperiment(options.file);
  if (options.is_quick) experiment.cases.resize(std::min(kQuickCases, experiment.cases.size()));
  RequirePhantoms(experiment, options.data);
  std::filesystem::create_directories(options.out);
  const std::string table = RunVolumeExperiment(experiment, {options.data, work, options.out},
                                                ChooseDevice(options.device).name, [] { return stop_requested != 0; });
  std::fputs(table.c_str(), stdout);
}

void RunRows(const Options& options, const std::filesystem::path& work) {
  Experiment experiment = ReadExperiment(options.file, options.is_quick);
  RequireDataSets(experiment, options);
  if (options.seeds > 0) KeepSeeds(options.seeds, experiment);
  const std::filesystem::path out = options.out;
  std::filesystem::create_directories(out);
  ProgramSteps steps(
      {options.data, work, options.records.empty() ? work / "records" : std::filesystem::path(options.records)},
      ChooseDevice(options.device).name, [] { return stop_requested != 0; });
  ProgressLines lines;
  const ExperimentHooks hooks{[&](const ExperimentProgress& progress) { lines.Show(progress); },
                              [&](const ExperimentResult& result) { WriteTables(experiment, result, out); }};
  const ExperimentResult result = RunExperiment(experiment, {options.rows, options.set}, steps, hooks);
  std::fputs(TableMarkdown(experiment, result).c_str(), stdout);
  const std::size_t missing = SayWhatWasNotRun(experiment, result);
  if (missing > 0) throw std::runtime_error(std::to_string(missing) + " rows were not run: see " + options.out);
}

void Run(const Options& options) {
  (void)std::signal(SIGTERM, RequestStop);
  (void)std::signal(SIGINT, RequestStop);
  const std::filesystem::path work = options.work.empty() ? options.out : options.work;
  if (IsVolumeExperiment(options.file)) return RunVolumes(options, work);
  RunRows(options, work);
}

}  // namespace

void AddExperimentCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "experiment", "a table or figure of the paper: trains its rows, clicks, and sets the numbers beside the paper's");
  const auto options = std::make_shared<Options>();
  command->add_option("TABLE", options->file, "the experiment's TOML file, such as tests/experiments/II.toml")
      ->required()
      ->check(IsPath);
  command->add_option("--data", options->data, "folder with the data sets that the file names")
      ->required()
      ->check(IsPath)
      ->check(CLI::ExistingDirectory);
  command->add_option("--out", options->out, "folder for the table, its pictures and runs")->required()->check(IsPath);
  command
      ->add_option("--work", options->work,
                   "folder of trainings and evaluated cases, which tables may share "
                   "(default: that of --out)")
      ->check(IsPath);
  command
      ->add_option("--records", options->records,
                   "folder of finished runs, a small file each, which other machines may share: what has one is "
                   "not done again (default: records in --work)")
      ->check(IsPath);
  command->add_option("--only", options->rows, "rows, by their names");
  command->add_option("--seeds", options->seeds, "only so many of each data set's seeds (default: all)");
  command->add_option("--set", options->set, "one data set");
  command->add_flag("--quick", options->is_quick, "few steps, cases and one seed: does everything run?");
  command->add_option("--device", options->device, "auto, cpu or cuda:N")->capture_default_str();
  command->callback([options] { Run(*options); });
}

}  // namespace dinsd
