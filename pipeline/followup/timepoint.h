#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "pipeline/followup/prior_lesion.h"
#include "pipeline/read/study.h"
#include "pipeline/segment/station_study.h"

namespace dinsd {

/// Where a study lies, and the result that was made of it.
struct ResultPlace {
  std::filesystem::path result;  // the published folder results/JOB/rN
  std::string result_sha256;     // of its result.json
  std::filesystem::path images;  // the study's folder, or the one of its lone file
  std::string name;              // of the study
};

/// A measured timepoint: images, mask and what was measured. The mask is on the images' common grid.
struct MeasuredStudy {
  StudyIdentity identity;  // as the images have it now
  std::int64_t job = 0;
  std::int64_t revision = 0;
  std::string weights_sha256;
  std::string method;                    // MethodDigest
  std::string options_sha256, software;  // as its provenance names them
  std::vector<PriorLesion> lesions;      // in the order of the labels
  StudyImage image;
  StudyVolumes volumes;
  LabelMap mask;
};

/// The JSON file `file` of a published result. Throws InputError PRIOR_RESULT (kNeedsPrompts) that names it.
[[nodiscard]] nlohmann::json ReadResultJson(const std::filesystem::path& result, const char* file);

/// The lesions of a report.json, in its order; one without a tracking UID has that of its DICOM objects. Throws
/// nlohmann::json::exception where it cannot be understood.
[[nodiscard]] std::vector<PriorLesion> LesionsOfReport(const nlohmann::json& report);

/// Reads a result as it was published, by its digests, and the images that it was made from, which are inspected again.
/// Throws InputError (kNeedsPrompts): PRIOR_RESULT where the folder is no longer that result or cannot be understood,
/// with file and field; PRIOR_IMAGES where its images are not there any more or are others.
[[nodiscard]] MeasuredStudy ReadMeasuredStudy(const ResultPlace& place, const StudyReadOptions& options);

}  // namespace dinsd
