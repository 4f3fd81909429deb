#include "daemon/experiment/run_record.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "daemon/evaluate/file_text.h"
#include "daemon/publish/durable_files.h"
#include "pipeline/read/input_error.h"

namespace dinsd {
namespace {

constexpr const char* kSchema = "dins-run-record/1";

std::filesystem::path FileOf(const std::filesystem::path& folder, const EvaluationOrder& order) {
  return folder / (order.name + ".json");
}

nlohmann::json ToJson(const TrainingOutcome& training) {
  return {{"steps", training.steps},
          {"minutes", training.minutes},
          {"out_of_patience", training.is_out_of_patience},
          {"log", training.log}};
}

TrainingOutcome TrainingFrom(const nlohmann::json& json) {
  return {{}, json.at("steps"), json.at("minutes"), json.at("out_of_patience"), json.at("log")};
}

// Of records that have the times: the first ones had not.
void TakeSeconds(const nlohmann::json& json, InteractionRun& run) {
  const auto found = json.find("seconds");
  if (found == json.end() || found->size() != run.cases.size()) return;
  for (std::size_t i = 0; i < run.cases.size(); ++i) run.cases[i].seconds = found->at(i).get<std::vector<double>>();
}

bool IsOfOrder(const InteractionRun& run, const EvaluationOrder& order) {
  std::vector<std::string> names, wanted = order.cases;
  for (const InteractionCase& a_case : run.cases) names.push_back(a_case.name);
  std::sort(names.begin(), names.end());
  std::sort(wanted.begin(), wanted.end());
  return run.budget == order.clicks && names == wanted;
}

}  // namespace

std::optional<RunRecord> ReadRecord(const std::filesystem::path& folder, const EvaluationOrder& order) {
  const std::filesystem::path file = FileOf(folder, order);
  const nlohmann::json json = nlohmann::json::parse(FileText(file), nullptr, false);
  if (!json.is_object() || json.value("schema", "") != kSchema) return std::nullopt;
  try {
    RunRecord record{ParseRun(json.at("run").dump(), file.string()), std::nullopt};
    if (!IsOfOrder(record.run, order)) return std::nullopt;
    TakeSeconds(json, record.run);
    record.run.method = order.row->label;
    record.run.target = order.target;
    record.run.bootstrap = order.bootstrap;
    if (json.contains("training")) record.training = TrainingFrom(json.at("training"));
    return record;
  } catch (const InputError&) {
    return std::nullopt;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

void WriteRecord(const std::filesystem::path& folder, const EvaluationOrder& order, const RunRecord& record) {
  nlohmann::json json = {{"schema", kSchema}, {"run", nlohmann::json::parse(RunJson(record.run))}};
  json["run"].erase("summary");  // it follows from the cases
  for (const InteractionCase& a_case : record.run.cases) json["seconds"].push_back(a_case.seconds);
  if (record.training) json["training"] = ToJson(*record.training);
  std::filesystem::create_directories(folder);
  RewriteFile(FileOf(folder, order), json.dump() + "\n");
}

}  // namespace dinsd
