#include "daemon/evaluate/evaluate_folders.h"

#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "daemon/evaluate/file_text.h"
#include "daemon/evaluate/for_each_parallel.h"
#include "daemon/publish/durable_files.h"
#include "pipeline/read/digest.h"
#include "pipeline/read/input_error.h"
#include "pipeline/read/label_file.h"
#include "pipeline/read/volume_file.h"

namespace dinsd {
namespace {

constexpr std::string_view kEnding = ".nii.gz";

// Where the two files of a case lie; empty where there is none.
struct CaseFiles {
  std::string name;
  std::filesystem::path prediction;
  std::filesystem::path truth;
};

std::map<std::string, std::filesystem::path> FilesByName(const std::filesystem::path& folder) {
  if (!std::filesystem::is_directory(folder)) throw std::runtime_error(folder.string() + ": no such folder");
  std::map<std::string, std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string file = entry.path().filename().string();
    if (file.size() > kEnding.size() && file.ends_with(kEnding))
      files[file.substr(0, file.size() - kEnding.size())] = entry.path();
  }
  return files;
}

std::vector<CaseFiles> ListPairs(const FolderPair& pair) {
  const auto predictions = FilesByName(pair.predictions);
  const auto truths = FilesByName(pair.truths);
  std::map<std::string, CaseFiles> by_name;
  for (const auto& [name, path] : predictions) by_name[name].prediction = path;
  for (const auto& [name, path] : truths) by_name[name].truth = path;
  std::vector<CaseFiles> all;
  for (auto& [name, files] : by_name) {
    files.name = name;
    all.push_back(files);
  }
  if (all.empty()) throw std::runtime_error("neither folder holds a NAME.nii.gz");
  return all;
}

// A file of labels with its digest.
struct LabelBytes {
  std::string file;
  std::vector<std::byte> bytes;
  std::string sha256;

  explicit LabelBytes(const std::filesystem::path& path)
      : file(path.filename().string()), bytes(LinkedFileBytes(path)), sha256(Sha256Hex(bytes)) {}
  [[nodiscard]] LabelMap Labels() const { return LabelsOf(ReadVolume(bytes, file), file); }
};

std::optional<CaseRow> KeptRow(const std::filesystem::path& file, const EvaluateOptions& options) {
  const nlohmann::json json = nlohmann::json::parse(FileText(file), nullptr, false);
  if (!json.is_object() || json.value("measure", nlohmann::json()) != MeasureJson(options)) return std::nullopt;
  return RowFromJson(json.value("row", nlohmann::json()), options);
}

void KeepRow(const std::filesystem::path& file, const CaseRow& row, const EvaluateOptions& options) {
  const nlohmann::json json = {{"measure", MeasureJson(options)}, {"row", RowJson(row, options)}};
  RewriteFile(file, json.dump(2) + "\n");
}

void Measure(const CaseFiles& files, const std::filesystem::path& kept_in, const EvaluateOptions& options,
             CaseRow& row) {
  if (files.prediction.empty())
    throw InputError("MISSING_PREDICTION", files.name, "", "there is a truth and no prediction of this name");
  if (files.truth.empty())
    throw InputError("MISSING_TRUTH", files.name, "", "there is a prediction and no truth of this name");
  const LabelBytes prediction(files.prediction), truth(files.truth);
  row.prediction_sha256 = prediction.sha256;
  row.truth_sha256 = truth.sha256;
  const std::optional<CaseRow> kept = KeptRow(kept_in, options);
  if (kept && kept->prediction_sha256 == row.prediction_sha256 && kept->truth_sha256 == row.truth_sha256) {
    row.values = kept->values;
    return;
  }
  row.values = MeasureCase(prediction.Labels(), truth.Labels(), options, prediction.file);
  KeepRow(kept_in, row, options);
}

CaseRow RowOf(const CaseFiles& files, const FolderPair& pair, const EvaluateOptions& options) {
  CaseRow row;
  row.name = files.name;
  try {
    Measure(files, pair.rows / (files.name + ".json"), options, row);
  } catch (const InputError& error) {
    row.error_code = error.code();
    row.error = error.file() + (error.field().empty() ? "" : " [" + error.field() + "]") + ": " + error.sentence();
  } catch (const std::filesystem::filesystem_error& error) {
    row.error_code = "VOLUME_UNREADABLE";
    row.error = files.name + ": " + error.code().message();
  }
  return row;
}

}  // namespace

Evaluation EvaluateFolders(const FolderPair& pair, const EvaluateOptions& options, int threads,
                           const OnCaseDone& on_case_done) {
  options.Check();
  const std::vector<CaseFiles> cases = ListPairs(pair);
  std::filesystem::create_directories(pair.rows);
  Evaluation evaluation{options, std::vector<CaseRow>(cases.size())};
  std::mutex mutex;
  std::size_t done = 0;
  ForEachParallel(cases.size(), threads, [&](std::size_t at) {
    evaluation.rows[at] = RowOf(cases[at], pair, options);
    const std::lock_guard lock(mutex);
    ++done;
    if (on_case_done) on_case_done(done, cases.size(), cases[at].name);
  });
  return evaluation;
}

}  // namespace dinsd
