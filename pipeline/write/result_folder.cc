#include "pipeline/write/result_folder.h"

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "pipeline/prompt/prompts.h"
#include "pipeline/read/digest.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/read/same_grid.h"
#include "pipeline/read/volume_file.h"
#include "pipeline/write/nifti_writer.h"
#include "pipeline/write/synced_file.h"

namespace dinsd {
namespace {

using nlohmann::json;

constexpr const char* kSchema = "dinsd-result/1";
constexpr const char* kResultFile = "result.json";
constexpr std::array<const char*, 7> kFiles = {"mask.nii.gz", "unprompted.nii.gz", "report.html",    "report.json",
                                               "lesions.csv", "prompts.json",      "provenance.json"};
constexpr std::uint64_t kMaxBytes = std::numeric_limits<std::uint32_t>::max();
constexpr double kGridToleranceMm = 0.05;  // what a single-precision header may lose

std::string DigestOf(const std::filesystem::path& folder, const std::string& name) {
  return Sha256Hex(ReadFileBytes(folder, name, kMaxBytes));
}

void WriteMask(const std::filesystem::path& folder, const std::string& name, const LabelMap& map) {
  WriteNifti(folder / name, map);
  SyncFile(folder / name);
  const Volume read = ReadVolumeFile(folder / name);
  if (!IsSameGrid(read.grid, map.grid, kGridToleranceMm))
    throw std::runtime_error(name + " does not read back on the grid it was given");
  for (std::size_t at = 0; at < map.labels.size(); ++at) {
    if (read.voxels[at] != static_cast<float>(map.labels[at])) {
      throw std::runtime_error(name + " does not read back as it was written, at voxel " + std::to_string(at));
    }
  }
}

// What must hold before anything is written: the masks fill the grid of the image and hold known labels only.
void CheckMasks(const StudyResult& result, const Volume& volume) {
  for (const LabelMap* map : {&result.mask, &result.unprompted}) {
    if (map->grid != volume.grid) throw std::runtime_error("a mask lies on another grid than the image");
    if (map->labels.size() != volume.grid.SizeZyx().VoxelCount()) {
      throw std::runtime_error("a mask does not fill the image's grid");
    }
  }
  const auto is_unknown = [&](std::uint16_t label) { return label > result.lesions.size(); };
  if (std::any_of(result.mask.labels.begin(), result.mask.labels.end(), is_unknown)) {
    throw std::runtime_error("the mask holds a label that no lesion has");
  }
}

json ResultJson(const StagedResult& staged, const std::filesystem::path& folder, const ReportContext& context,
                const std::string& job_key) {
  json files = json::object();
  for (const auto& [name, sha256] : staged.sha256_by_file) {
    files[name] = {{"sha256", sha256}, {"bytes", std::filesystem::file_size(folder / name)}};
  }
  return {{"schema", kSchema},
          {"jobKey", job_key},
          {"jobId", context.job_id},
          {"revision", context.revision},
          {"created", context.created},
          {"software", context.software},
          {"files", files}};
}

// A plain name, so that a result.json cannot point outside its folder.
bool IsPlainName(const std::string& name) {
  return !name.empty() && name.find('/') == std::string::npos && name.front() != '.';
}

bool MatchesFolder(const json& result, const std::filesystem::path& folder, const std::string& job_key) {
  if (result.at("schema") != kSchema || result.at("jobKey") != job_key) return false;
  const json& files = result.at("files");
  const auto is_listed = [&](const char* name) { return files.contains(name); };
  if (!std::all_of(kFiles.begin(), kFiles.end(), is_listed)) return false;
  for (const auto& [name, facts] : files.items()) {
    if (!IsPlainName(name) || DigestOf(folder, name) != facts.at("sha256").get<std::string>()) return false;
  }
  return true;
}

}  // namespace

StagedResult WriteResultFolder(const std::filesystem::path& staging, const StudyResult& result, const Volume& volume,
                               const ReportContext& context, const std::string& job_key) {
  if (!std::filesystem::is_empty(staging)) throw std::runtime_error(staging.string() + " is not empty");
  CheckMasks(result, volume);
  WriteMask(staging, "mask.nii.gz", result.mask);
  WriteMask(staging, "unprompted.nii.gz", result.unprompted);
  WriteSynced(staging / "report.html", ReportHtml(result, context));
  WriteSynced(staging / "report.json", ReportJson(result, context).dump(2) + "\n");
  WriteSynced(staging / "lesions.csv", LesionsCsv(result));
  WriteSynced(staging / "prompts.json", PromptsToJson(result.prompts.prompts).dump(2) + "\n");
  WriteSynced(staging / "provenance.json", ProvenanceJson(result, context).dump(2) + "\n");
  StagedResult staged;
  for (const char* name : kFiles) staged.sha256_by_file[name] = DigestOf(staging, name);
  WriteSynced(staging / kResultFile, ResultJson(staged, staging, context, job_key).dump(2) + "\n");
  SyncNamesIn(staging);
  staged.result_sha256 = DigestOf(staging, kResultFile);
  return staged;
}

std::string VerifyResultFolder(const std::filesystem::path& folder, const std::string& job_key) {
  try {
    const std::vector<std::byte> bytes = ReadFileBytes(folder, kResultFile, kMaxBytes);
    const auto* text = reinterpret_cast<const char*>(bytes.data());
    if (MatchesFolder(json::parse(text, text + bytes.size()), folder, job_key)) return Sha256Hex(bytes);
  } catch (const json::exception&) {  // no result.json of ours
  } catch (const InputError&) {       // a file is missing
  }
  return {};
}

}  // namespace dinsd
