#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "pipeline/report/report.h"

namespace dinsd {

struct DicomOutput;

/// The files of one result and their digests.
struct StagedResult {
  std::map<std::string, std::string> sha256_by_file;
  std::string result_sha256;  // of result.json, which lists the others
};

/// Writes a result into the empty folder `staging`: mask.nii.gz, where a network ran unprompted.nii.gz, of a study
/// in stations also mask_station_1.nii.gz, ... (see SeriesMasksOf), of one that was followed prior_mask.nii.gz (the
/// prior's on today's grid), the objects of `dicom`, if any, in dicom/ (WriteResultDicom), report.html, report.json,
/// lesions.csv, prompts.json (as used), provenance.json and, last, result.json (job key, digest of each file). Each is
/// synced; masks and objects are read back and compared voxel by voxel. What an object could not hold is told among the
/// warnings of `result`, and so in the reports. Throws std::system_error, ReadBackError when a file does not read back
/// as written, std::runtime_error.
StagedResult WriteResultFolder(const std::filesystem::path& staging, StudyResult& result, const Volume& volume,
                               const ReportContext& context, const std::string& job_key,
                               const DicomOutput* dicom = nullptr);

/// Whether `folder` holds a result.json whose digests match the files beside it; the digest of result.json, or empty.
[[nodiscard]] std::string VerifyResultFolder(const std::filesystem::path& folder, const std::string& job_key);

}  // namespace dinsd
