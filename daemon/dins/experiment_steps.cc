#include "daemon/dins/experiment_steps.h"

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <stdexcept>

#include "daemon/dins/boxed_dins_method.h"
#include "daemon/dins/dataset.h"
#include "daemon/dins/evaluate_command.h"
#include "daemon/dins/interactive_method.h"
#include "daemon/dins/quirk_method.h"
#include "daemon/evaluate/file_text.h"
#include "daemon/experiment/quirks.h"
#include "daemon/experiment/run_record.h"
#include "daemon/publish/durable_files.h"
#include "daemon/weights/find_weights.h"
#include "model/train/case_file.h"
#include "model/train/loss_picture.h"
#include "model/train/trainer.h"
#include "pipeline/baseline/baseline.h"
#include "pipeline/report/safe_text.h"

namespace dinsd {
namespace {

// What a finished training says of itself; nothing where it has not ended.
std::optional<TrainingOutcome> Finished(const std::filesystem::path& folder) {
  const nlohmann::json json = nlohmann::json::parse(FileText(folder / "done.json"), nullptr, false);
  if (!json.is_object() || !std::filesystem::exists(folder / "best.safetensors")) return std::nullopt;
  return TrainingOutcome{folder / "best.safetensors", json.value("steps", std::int64_t{0}), json.value("minutes", 0.0),
                         json.value("out_of_patience", false), FileText(folder / "log.csv")};
}

// The last step that a training's log tells of.
std::int64_t StepsOf(const std::filesystem::path& log) {
  std::istringstream lines(FileText(log));
  std::int64_t steps = 0;
  for (std::string line; std::getline(lines, line);) steps = std::max<std::int64_t>(steps, std::atoll(line.c_str()));
  return steps;
}

std::string DigestOf(const CasePaths& paths) {
  constexpr std::size_t kDigits = 12;
  return FileSha256(paths.image).substr(0, kDigits) + FileSha256(paths.mask).substr(0, kDigits);
}

void RequireAllCases(const InteractionRun& run) {
  for (const InteractionCase& a_case : run.cases) {
    if (!a_case.IsOk()) throw std::runtime_error("case " + a_case.name + " failed: " + a_case.error);
  }
}

}  // namespace

ProgramSteps::ProgramSteps(ExperimentFolders folders, std::string device, std::function<bool()> is_stopped)
    : folders_(std::move(folders)), device_(std::move(device)), is_stopped_(std::move(is_stopped)) {}

std::vector<ExperimentCase> ProgramSteps::Cases(const std::string& set) {
  std::vector<ExperimentCase>& cases = cases_[set];
  if (cases.empty()) {
    for (const DatasetCase& a_case : ListCases(folders_.data / set))
      cases.push_back({a_case.name, a_case.split, DigestOf(PathsOf(folders_.data / set, a_case.name))});
  }
  return cases;
}

std::string ProgramSteps::MethodSha256(const ExperimentRow& row, const ExperimentData& data) {
  if (BaselineOfWord(row.method)) return MakeBaselineMethod(row.method)->Sha256();
  return FileSha256(ShippedWeights(data.weights));
}

std::string ProgramSteps::Trouble(const ExperimentRow& row) {
  if (row.method == "train" || row.method == "shipped" || BaselineOfWord(row.method)) return "";
  return "this program has no method '" + row.method + "'";
}

// Made anew for each training: kept ones could be another program's, turned another way than what is evaluated.
std::vector<PreparedCase> ProgramSteps::Prepared(const TrainingOrder& order) const {
  std::vector<PreparedCase> cases;
  for (const auto& [names, split] :
       {std::pair(&order.split.train, "train"), std::pair(&order.split.choose, "choose")}) {
    for (const std::string& name : *names) {
      if (is_stopped_()) throw ExperimentStopped();
      cases.push_back(PrepareCase(folders_.data / order.set, {order.set, name, split}, order.plan->manifest));
    }
  }
  return cases;
}

TrainingOutcome ProgramSteps::Train(const TrainingOrder& order, const OnTrainingStep& on_step) {
  const std::filesystem::path folder = folders_.work / "trainings" / order.name;
  if (const auto finished = Finished(folder)) return *finished;
  std::filesystem::create_directories(folder);
  RewriteFile(folder / "train.toml", order.plan->text);
  bool was_stopped = false;
  double minutes = 0;
  TrainOptions options = order.plan->options;
  options.device = device_;
  dinsd::Train(options, Prepared(order), order.plan->manifest, folder, [&](const TrainingProgress& progress) {
    on_step(progress.step, progress.of, progress.seconds_left);
    minutes = progress.minutes;
    was_stopped = progress.step < progress.of && is_stopped_();
    return !was_stopped;
  });
  if (was_stopped) throw ExperimentStopped();
  DrawTraining(folder / "log.csv", folder / "log.svg");
  const std::int64_t steps = StepsOf(folder / "log.csv");
  const nlohmann::json done = {{"steps", steps}, {"minutes", minutes}, {"out_of_patience", steps < options.steps}};
  RewriteFile(folder / "done.json", done.dump() + "\n");
  return *Finished(folder);
}

InteractionRun ProgramSteps::Evaluate(const EvaluationOrder& order) {
  if (is_stopped_()) throw ExperimentStopped();
  EvaluateArguments arguments;
  arguments.simulate = (folders_.data / order.set).string();
  arguments.out = (folders_.work / "runs" / order.name).string();
  arguments.device = device_;
  arguments.method = order.name;
  const std::string shipped = order.row->method == "shipped" ? ShippedWeights(order.shipped).string() : "";
  const std::string weights = shipped.empty() ? order.weights.string() : shipped;
  arguments.weights = BaselineOfWord(order.row->method) ? order.row->method : weights;
  arguments.cases = order.cases;
  arguments.clicks = order.clicks;
  arguments.target = order.target;
  arguments.options.bootstrap = order.bootstrap;
  arguments.parallel = 1;
  arguments.is_stopped = is_stopped_;
  if (order.row->in_box)
    arguments.make_method = [=](const std::string& device) { return MakeBoxedDinsMethod(weights, device); };
  if (!order.row->quirks.empty()) {
    const Quirks quirks = QuirksFrom(order.row->quirks);
    arguments.make_method = [=](const std::string& device) { return MakeQuirkMethod(weights, device, quirks); };
  }
  InteractionRun run = RunSimulation(arguments);
  RequireAllCases(run);
  run.method = order.row->label;
  return run;
}

std::optional<RunRecord> ProgramSteps::Kept(const EvaluationOrder& order) {
  return ReadRecord(folders_.records, order);
}

void ProgramSteps::Keep(const EvaluationOrder& order, const RunRecord& record) {
  WriteRecord(folders_.records, order, record);
}

}  // namespace dinsd
