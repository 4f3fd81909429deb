#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <thread>

#include "daemon/dins/dataset.h"
#include "daemon/dins/evaluate_command.h"
#include "daemon/dins/interactive_method.h"
#include "daemon/dins/study_argument.h"
#include "daemon/evaluate/file_text.h"
#include "daemon/evaluate/for_each_parallel.h"
#include "daemon/experiment/run_experiment.h"
#include "daemon/publish/durable_files.h"
#include "model/device.h"
#include "pipeline/evaluate/interaction_run.h"
#include "pipeline/report/safe_text.h"

namespace dinsd {
namespace {

// Methods that are not at work; as many cases run at a time.
class MethodPool {
 public:
  MethodPool(const EvaluateArguments& arguments, int size) {
    const std::string device = ChooseDevice(arguments.device).name;
    SetNetworkThreads(std::max(1, static_cast<int>(std::thread::hardware_concurrency()) / size));
    for (int i = 0; i < size; ++i) {
      idle_.push_back(arguments.make_method ? arguments.make_method(device) : MakeMethod(arguments.weights, device));
    }
    sha256 = idle_.front()->Sha256();
  }

  std::unique_ptr<InteractiveMethod> Take() {
    const std::lock_guard lock(mutex_);
    std::unique_ptr<InteractiveMethod> method = std::move(idle_.back());
    idle_.pop_back();
    return method;
  }
  void GiveBack(std::unique_ptr<InteractiveMethod> method) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(method));
  }

  std::string sha256;

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<InteractiveMethod>> idle_;
};

std::vector<DatasetCase> CasesOf(const EvaluateArguments& arguments) {
  std::vector<DatasetCase> cases = ListCases(arguments.simulate);
  if (!arguments.cases.empty()) {
    std::erase_if(cases, [&](const DatasetCase& c) {
      return std::find(arguments.cases.begin(), arguments.cases.end(), c.name) == arguments.cases.end();
    });
  } else if (!ArePhantoms(arguments.simulate)) {
    std::erase_if(cases, [&](const DatasetCase& c) { return c.split != arguments.split; });
  }
  if (cases.empty()) throw std::runtime_error("no case of split '" + arguments.split + "'");
  return cases;
}

void Interact(const EvaluateArguments& arguments, MethodPool& pool, InteractionCase& a_case) {
  std::unique_ptr<InteractiveMethod> method = pool.Take();
  try {
    ClickAnswers answers = method->Answer(LoadCase(arguments.simulate, a_case.name, method->Axes()), arguments.clicks);
    a_case.dice = std::move(answers.dice);
    a_case.seconds = std::move(answers.seconds);
    a_case.clicks_made = static_cast<int>(a_case.dice.size());
    // No click at all: truth and first prediction are both empty, which is a DSC of 1.
    a_case.dice.resize(static_cast<std::size_t>(arguments.clicks), a_case.dice.empty() ? 1 : a_case.dice.back());
  } catch (const std::exception& error) {
    a_case.error = error.what();
  }
  pool.GiveBack(std::move(method));
}

// A case as it was kept, where its files, the method and the clicks are the same.
InteractionCase CaseOf(const EvaluateArguments& arguments, const std::string& name, MethodPool& pool) {
  InteractionCase a_case;
  a_case.name = name;
  const CasePaths paths = PathsOf(arguments.simulate, name);
  try {
    a_case.image_sha256 = FileSha256(paths.image);
    a_case.truth_sha256 = FileSha256(paths.mask);
  } catch (const std::exception& error) {
    a_case.error = error.what();
    return a_case;
  }
  const nlohmann::json how = {
      {"version", DINSD_VERSION}, {"method", arguments.method}, {"sha256", pool.sha256}, {"clicks", arguments.clicks}};
  const std::filesystem::path file = std::filesystem::path(arguments.out) / "cases" / (name + ".json");
  const nlohmann::json json = nlohmann::json::parse(FileText(file), nullptr, false);
  if (json.is_object() && json.value("how", nlohmann::json()) == how) {
    auto kept = CaseFromJson(json.value("case", nlohmann::json()), arguments.clicks);
    if (kept && kept->IsOk() && kept->image_sha256 == a_case.image_sha256 &&
        kept->truth_sha256 == a_case.truth_sha256) {
      kept->seconds = json.value("seconds", std::vector<double>());
      return *std::move(kept);
    }
  }
  Interact(arguments, pool, a_case);
  if (a_case.IsOk()) {
    const nlohmann::json kept = {{"how", how}, {"case", CaseJson(a_case)}, {"seconds", a_case.seconds}};
    RewriteFile(file, kept.dump(2) + "\n");
  }
  return a_case;
}

void Print(const InteractionRun& run) {
  const std::optional<RunSummary> summary = SummariseRun(run);
  if (!summary) return;
  std::printf("%5s %9s   %s\n", "click", "mean DSC", "interval");
  for (std::size_t k = 0; k < summary->dice.size(); ++k) {
    const Summary& dice = summary->dice[k];
    std::printf("%5zu %9.3f   ", k + 1, dice.mean);
    if (dice.mean_interval) std::printf("%.3f to %.3f", dice.mean_interval->low, dice.mean_interval->high);
    std::printf("\n");
  }
  const ClickSurvival& survival = summary->survival;
  std::printf(
      "DSC %.2f reached by %d of %d, median %s clicks, restricted mean %.2f; area under DSC %.3f\n", run.target,
      survival.reached, survival.total,
      survival.median ? std::to_string(*survival.median).c_str() : ("more than " + std::to_string(run.budget)).c_str(),
      survival.restricted_mean, summary->area.mean);
}

// The words of the methods: those that are named, else that of --weights.
std::vector<std::string> WordsOf(const EvaluateArguments& arguments) {
  if (arguments.methods.empty()) return {arguments.weights};
  if (!arguments.weights.empty()) throw std::runtime_error("name weights with --method or with --weights, not both");
  if (arguments.methods.size() > 1 && !arguments.method.empty())
    throw std::runtime_error("--method-name is for one method: several are called by their words");
  std::set<std::string> names;
  for (const std::string& word : arguments.methods) {
    if (!names.insert(NameOfMethod(word)).second)
      throw std::runtime_error("two methods would be called '" + NameOfMethod(word) + "': run them one by one");
  }
  return arguments.methods;
}

// One method, its files and what they say; the number of cases that failed.
std::ptrdiff_t SimulateMethod(const EvaluateArguments& arguments) {
  const InteractionRun run = RunSimulation(arguments);
  WriteReportFile(arguments.out, "run.json", RunJson(run));
  WriteReportFile(arguments.out, "run.csv", RunCsv(run));
  WriteReportFile(arguments.out, "run.html", RunHtml(run));
  WriteReportFile(arguments.out, "dsc_over_clicks.svg", DiceCurvesSvg({&run, 1}));
  std::printf("%s\n", CleanLine(run.method).c_str());
  Print(run);
  return std::count_if(run.cases.begin(), run.cases.end(), [](const auto& c) { return !c.IsOk(); });
}

}  // namespace

InteractionRun RunSimulation(const EvaluateArguments& arguments) {
  std::filesystem::create_directories(std::filesystem::path(arguments.out) / "cases");
  const std::vector<DatasetCase> cases = CasesOf(arguments);
  MethodPool pool(arguments, arguments.parallel);
  InteractionRun run{
      arguments.method, pool.sha256,      cases.front().set,           cases.front().split,
      arguments.clicks, arguments.target, arguments.options.bootstrap, std::vector<InteractionCase>(cases.size())};
  std::mutex mutex;
  std::size_t done = 0;
  ConsoleProgress progress;
  ForEachParallel(cases.size(), arguments.parallel, [&](std::size_t at) {
    if (arguments.is_stopped && arguments.is_stopped()) throw ExperimentStopped();
    run.cases[at] = CaseOf(arguments, cases[at].name, pool);
    const std::lock_guard lock(mutex);
    progress.Show(CleanLine(cases[at].name), static_cast<double>(++done) / static_cast<double>(cases.size()));
  });
  return run;
}

void EvaluateBySimulation(const EvaluateArguments& arguments) {
  const std::vector<std::string> words = WordsOf(arguments);
  EvaluateArguments comparison = arguments;
  std::ptrdiff_t failed = 0;
  for (const std::string& word : words) {
    EvaluateArguments one = arguments;
    one.weights = word;
    if (one.method.empty()) one.method = arguments.methods.empty() ? "dins" : NameOfMethod(word);
    if (words.size() > 1) one.out = (std::filesystem::path(arguments.out) / one.method).string();
    failed += SimulateMethod(one);
    comparison.compare.push_back((std::filesystem::path(one.out) / "run.json").string());
  }
  if (words.size() > 1) {
    std::erase_if(comparison.at_clicks, [&](int clicks) { return clicks > arguments.clicks; });
    EvaluateComparison(comparison);
  }
  if (failed > 0) throw std::runtime_error(std::to_string(failed) + " cases failed: see run.csv in " + arguments.out);
}

}  // namespace dinsd
