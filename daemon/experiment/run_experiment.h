#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/experiment/case_split.h"
#include "daemon/experiment/experiment.h"
#include "pipeline/evaluate/interaction_run.h"

namespace dinsd {

/// One training of an experiment.
struct TrainingOrder {
  std::string set;
  const TrainingPlan* plan = nullptr;
  CaseSplit split;
  std::string name;  // of its folder: the same for the same options, cases and version, whatever table asks for it
};

/// What is told of a training that has ended.
struct TrainingOutcome {
  std::filesystem::path weights;    // empty where only a record of the run is left
  std::int64_t steps = 0;           // that were made
  double minutes = 0;               // of wall time
  bool is_out_of_patience = false;  // its validation loss had stopped falling; else it came to its last step
  std::string log;                  // its log.csv
};

/// One method on the cases of a split.
struct EvaluationOrder {
  std::string set;
  const ExperimentRow* row = nullptr;
  std::filesystem::path weights;  // of the row's training; empty where it has none
  std::string shipped;            // the kind of shipped weights that a row `shipped` has on this data set
  std::vector<std::string> cases;
  int clicks = 20;
  double target = 0.8;
  BootstrapOptions bootstrap;
  std::string name;  // the same for the same method, weights and cases, whatever table asks for it
};

/// A run that has ended: all that a table needs of it.
struct RunRecord {
  InteractionRun run;
  std::optional<TrainingOutcome> training;
};

/// Thrown by a step that a person has stopped: what is done is kept, the same command goes on from there.
class ExperimentStopped : public std::runtime_error {
 public:
  ExperimentStopped() : std::runtime_error("stopped; the same command goes on from here") {}
};

/// Told within a training: finished steps, of how many, seconds left for it.
using OnTrainingStep = std::function<void(std::int64_t step, std::int64_t of, double seconds_left)>;

/// What an experiment is made of; the programs do it, tests may do less. A step that was done before is not repeated.
class ExperimentSteps {
 public:
  virtual ~ExperimentSteps() = default;

  [[nodiscard]] virtual std::vector<ExperimentCase> Cases(const std::string& set) = 0;
  /// The digest of what a row that is not trained segments with: the shipped weights, or a classical method's settings.
  [[nodiscard]] virtual std::string MethodSha256(const ExperimentRow& row, const ExperimentData& data) = 0;
  /// Why a row cannot be run, such as a method that does not exist; empty where it can.
  [[nodiscard]] virtual std::string Trouble(const ExperimentRow& row) = 0;
  [[nodiscard]] virtual TrainingOutcome Train(const TrainingOrder& order, const OnTrainingStep& on_step) = 0;
  /// Throws where a case could not be run: a table has all cases or no number.
  [[nodiscard]] virtual InteractionRun Evaluate(const EvaluationOrder& order) = 0;
  /// A run that ended before, here or on another machine; nothing where there is none.
  [[nodiscard]] virtual std::optional<RunRecord> Kept(const EvaluationOrder&) { return std::nullopt; }
  virtual void Keep(const EvaluationOrder&, const RunRecord&) {}
};

/// A row on a data set.
struct RowResult {
  std::string not_run;               // why there is no number; empty where there is one
  std::vector<InteractionRun> runs;  // one per seed; the cases of all folds
  std::vector<TrainingOutcome> trainings;
};

struct DataResult {
  std::string set;
  std::vector<RowResult> rows;  // as Experiment::rows
};

struct ExperimentResult {
  std::vector<DataResult> data;  // as Experiment::data
};

/// RowResult::not_run of rows that the choice leaves out.
inline constexpr std::string_view kNotAskedFor = "not asked for";

struct ExperimentChoice {
  std::vector<std::string> rows;  // only these, by name; empty: all
  std::string set;                // only this one; empty: all
};

struct ExperimentProgress {
  std::size_t run = 0;  // the one at work, from 1
  std::size_t of = 0;
  std::string what;          // data set, row, seed, fold
  std::string stage;         // within it
  double seconds_left = -1;  // of all; below 0: not known yet
};

struct ExperimentHooks {
  std::function<void(const ExperimentProgress&)> on_progress;
  /// After each row that has a new number: tables may be written.
  std::function<void(const ExperimentResult&)> on_row;
};

/// Runs every row on every data set, training and evaluation one after the other. A row that fails or was refused says
/// why (RowResult::not_run) and stops no other; one that was left out is filled from records where all its runs have
/// one; ExperimentStopped goes through. Throws std::runtime_error where the choice names a row or a set that there is
/// not.
[[nodiscard]] ExperimentResult RunExperiment(const Experiment& experiment, const ExperimentChoice& choice,
                                             ExperimentSteps& steps, const ExperimentHooks& hooks);

/// A name that is a function of everything that a training depends on: rows that are the same, of whatever tables,
/// share one training.
[[nodiscard]] std::string TrainingName(const std::string& set, const TrainingPlan& plan, const CaseSplit& split,
                                       const std::vector<ExperimentCase>& cases);

/// The same for a run: of the row's method and options, of what it segments with (`method`: a training's name, or
/// MethodSha256) and of the cases that it is evaluated on.
[[nodiscard]] std::string RunName(const std::string& set, const ExperimentRow& row, const std::string& method,
                                  const CaseSplit& split, const std::vector<ExperimentCase>& cases);

}  // namespace dinsd
