#include "pipeline/write/result_folder.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "pipeline/prompt/prompts.h"
#include "pipeline/read/dicom_prescan.h"
#include "pipeline/read/same_grid.h"
#include "pipeline/read/volume_file.h"
#include "pipeline/write/nifti_writer.h"
#include "pipeline/write/read_back_error.h"
#include "pipeline/write/result_dicom.h"
#include "pipeline/write/result_files.h"
#include "pipeline/write/synced_file.h"

namespace dinsd {
namespace {

using nlohmann::json;

constexpr double kGridToleranceMm = 0.05;  // what a single-precision header may lose

void WriteMask(const std::filesystem::path& folder, const std::string& name, const LabelMap& map) {
  WriteNifti(folder / name, map);
  SyncFile(folder / name);
  const Volume read = ReadVolumeFile(folder / name);
  if (!IsSameGrid(read.grid, map.grid, kGridToleranceMm))
    throw ReadBackError(name + " does not read back on the grid it was given");
  for (std::size_t at = 0; at < map.labels.size(); ++at) {
    if (read.voxels[at] != static_cast<float>(map.labels[at])) {
      throw ReadBackError(name + " does not read back as it was written, at voxel " + std::to_string(at));
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
  if (result.follow_up && result.follow_up->prior_mask.grid != volume.grid)
    throw std::runtime_error("the prior's mask lies on another grid than the image");
  if (result.station_masks.size() != result.image.stations.size())
    throw std::runtime_error("not every station has its mask");
  for (const SeriesMask& series : SeriesMasksOf(result)) {
    if (series.mask->grid != series.series->grid) throw std::runtime_error(series.name + " lies on another grid");
  }
  const auto is_unknown = [&](std::uint16_t label) { return label > result.lesions.size(); };
  if (std::any_of(result.mask.labels.begin(), result.mask.labels.end(), is_unknown)) {
    throw std::runtime_error("the mask holds a label that no lesion has");
  }
}

// Beside the mask of the whole, one for each source series that is not the whole. Returns their names.
std::vector<std::string> WriteStationMasks(const std::filesystem::path& folder, const StudyResult& result) {
  std::vector<std::string> names;
  if (result.station_masks.empty()) return names;
  for (const SeriesMask& series : SeriesMasksOf(result)) {
    names.push_back(series.name + ".nii.gz");
    WriteMask(folder, names.back(), *series.mask);
  }
  return names;
}

// Of an imported mask nobody clicked: its lesions stand in report.json.
Prompts EchoedPrompts(const StudyResult& result) {
  Prompts prompts = result.prompts.prompts;
  if (result.imported) prompts.lesions.clear();
  return prompts;
}

// By it a later study's clicks may name the object as the prior of a lesion.
std::string InstanceUidOf(const std::filesystem::path& folder, const std::string& name) {
  return PrescanDicom(ReadFileBytes(folder, name, kMostResultBytes), name).sop_instance_uid;
}

json ResultJson(const StagedResult& staged, const std::filesystem::path& folder, const ReportContext& context,
                const std::string& job_key) {
  json files = json::object();
  for (const auto& [name, sha256] : staged.sha256_by_file) {
    files[name] = {{"sha256", sha256}, {"bytes", std::filesystem::file_size(folder / name)}};
  }
  return {{"schema", kResultSchema},
          {"jobKey", job_key},
          {"jobId", context.job_id},
          {"revision", context.revision},
          {"created", context.created},
          {"software", context.software},
          {"files", files}};
}

}  // namespace

StagedResult WriteResultFolder(const std::filesystem::path& staging, StudyResult& result, const Volume& volume,
                               const ReportContext& context, const std::string& job_key, const DicomOutput* dicom) {
  if (!std::filesystem::is_empty(staging)) throw std::runtime_error(staging.string() + " is not empty");
  CheckMasks(result, volume);
  WriteMask(staging, "mask.nii.gz", result.mask);
  std::vector<std::string> files(kResultFiles.begin(), kResultFiles.end());
  if (!result.imported) {
    WriteMask(staging, kUnpromptedFile, result.unprompted);
    files.emplace_back(kUnpromptedFile);
  }
  if (result.follow_up) {
    WriteMask(staging, "prior_mask.nii.gz", result.follow_up->prior_mask);
    files.emplace_back("prior_mask.nii.gz");
  }
  const std::vector<std::string> station_masks = WriteStationMasks(staging, result);
  files.insert(files.end(), station_masks.begin(), station_masks.end());
  if (dicom != nullptr) {
    const std::vector<std::string> objects = WriteResultDicom(staging, *dicom, context, job_key, result);
    files.insert(files.end(), objects.begin(), objects.end());
    for (const std::string& object : objects) result.object_uids.push_back(InstanceUidOf(staging, object));
  }
  WriteSynced(staging / "report.html", ReportHtml(result, context));
  WriteSynced(staging / "report.json", ReportJson(result, context).dump(2) + "\n");
  WriteSynced(staging / "lesions.csv", LesionsCsv(result));
  WriteSynced(staging / "prompts.json", PromptsToJson(EchoedPrompts(result)).dump(2) + "\n");
  WriteSynced(staging / "provenance.json", ProvenanceJson(result, context).dump(2) + "\n");
  StagedResult staged;
  for (const std::string& name : files) staged.sha256_by_file[name] = ResultDigest(staging, name);
  WriteSynced(staging / kResultFile, ResultJson(staged, staging, context, job_key).dump(2) + "\n");
  SyncNamesIn(staging);
  staged.result_sha256 = ResultDigest(staging, kResultFile);
  return staged;
}

}  // namespace dinsd
