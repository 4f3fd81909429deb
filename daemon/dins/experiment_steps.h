#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/experiment/run_experiment.h"
#include "model/train/case_file.h"

namespace dinsd {

/// Where an experiment finds and keeps things.
struct ExperimentFolders {
  std::filesystem::path data;     // with the data sets
  std::filesystem::path work;     // trainings/ and runs/, which tables share
  std::filesystem::path records;  // of finished runs
};

/// The steps of an experiment as this program does them. Finished trainings and evaluated cases are kept in the folders
/// and found again; a training that was stopped goes on from its checkpoint.
class ProgramSteps : public ExperimentSteps {
 public:
  /// `is_stopped` is asked often: true ends the work by ExperimentStopped.
  ProgramSteps(ExperimentFolders folders, std::string device, std::function<bool()> is_stopped);

  std::vector<ExperimentCase> Cases(const std::string& set) override;
  std::string MethodSha256(const ExperimentRow& row, const ExperimentData& data) override;
  std::string Trouble(const ExperimentRow& row) override;
  TrainingOutcome Train(const TrainingOrder& order, const OnTrainingStep& on_step) override;
  InteractionRun Evaluate(const EvaluationOrder& order) override;
  std::optional<RunRecord> Kept(const EvaluationOrder& order) override;
  void Keep(const EvaluationOrder& order, const RunRecord& record) override;

 private:
  [[nodiscard]] std::vector<PreparedCase> Prepared(const TrainingOrder& order) const;

  ExperimentFolders folders_;
  std::string device_;
  std::function<bool()> is_stopped_;
  std::map<std::string, std::vector<ExperimentCase>> cases_;
};

}  // namespace dinsd
