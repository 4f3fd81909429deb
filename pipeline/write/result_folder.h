#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "pipeline/report/report.h"

namespace dinsd {

/// The files of one result and their digests.
struct StagedResult {
  std::map<std::string, std::string> sha256_by_file;
  std::string result_sha256;  // of result.json, which lists the others
};

/// Writes a result into the empty folder `staging`: mask.nii.gz, unprompted.nii.gz, report.html, report.json,
/// lesions.csv, prompts.json (as used), provenance.json and, last, result.json (job key, digest of each file); of a
/// study in stations also mask_station_1.nii.gz, ... (see SeriesMasksOf). Each is synced; masks are read back and
/// compared voxel by voxel. Throws std::system_error, or std::runtime_error when a file does not read back as written.
StagedResult WriteResultFolder(const std::filesystem::path& staging, const StudyResult& result, const Volume& volume,
                               const ReportContext& context, const std::string& job_key);

/// Whether `folder` holds a result.json whose digests match the files beside it; the digest of result.json, or empty.
[[nodiscard]] std::string VerifyResultFolder(const std::filesystem::path& folder, const std::string& job_key);

}  // namespace dinsd
