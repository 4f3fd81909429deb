#include "pipeline/prompt/prompt_image.h"

#include <algorithm>

#include "pipeline/read/input_error.h"

namespace dinsd {
namespace {

[[noreturn]] void RefuseImage(const std::string& file, const char* field, const std::string& named,
                              const std::string& actual) {
  throw InputError("PROMPT_IMAGE_MISMATCH", file, std::string("/image/") + field,
                   "names " + named + ", the image has " + (actual.empty() ? "none" : actual),
                   InputVerdict::kQuarantined);
}

// Only frames say for sure which stack they are of.
bool IsSameStack(const PromptImage& named, const StudyImage& image) {
  return named.stack_id.empty() || image.stack_id.empty() || named.stack_id == image.stack_id;
}

bool IsFile(const StudyImage& image) {
  return image.format != ImageFormat::kDicomSeries;
}

}  // namespace

bool NamesImage(const PromptImage& named, const StudyImage& image) {
  if (!image.stations.empty()) {
    return std::any_of(image.stations.begin(), image.stations.end(),
                       [&](const StudyImage& station) { return NamesImage(named, station); });
  }
  if (!named.series_uid.empty() && !image.series_uid.empty()) return named.series_uid == image.series_uid;
  return !named.sha256.empty() && std::count(image.file_sha256.begin(), image.file_sha256.end(), named.sha256) > 0;
}

PromptImage NamesOf(const StudyImage& image, const std::string& study_uid) {
  PromptImage names{.study_uid = study_uid,
                    .series_uid = image.stations.empty() ? image.series_uid : image.stations.front().series_uid,
                    .frame_of_reference_uid = image.frame_of_reference_uid,
                    .stack_id = image.stack_id};
  if (IsFile(image)) names.sha256 = image.file_sha256.at(0);
  return names;
}

void CheckImage(const PromptImage& named, const StudyImage& image, const std::string& study_uid,
                const std::string& file) {
  for (const StudyImage& station : image.stations) {
    if (NamesImage(named, station) && IsSameStack(named, station)) return CheckImage(named, station, study_uid, file);
  }
  if (!named.study_uid.empty() && !study_uid.empty() && named.study_uid != study_uid) {
    RefuseImage(file, "studyInstanceUID", named.study_uid, study_uid);
  }
  if (!NamesImage(named, image)) {
    if (!named.series_uid.empty()) RefuseImage(file, "seriesInstanceUID", named.series_uid, image.series_uid);
    RefuseImage(file, "sha256", named.sha256, "another digest");
  }
  // A file is pinned by its bytes, whatever else names it.
  if (!named.sha256.empty() && IsFile(image) && named.sha256 != image.file_sha256.at(0)) {
    RefuseImage(file, "sha256", named.sha256, image.file_sha256.at(0));
  }
  if (!named.frame_of_reference_uid.empty() && !image.frame_of_reference_uid.empty() &&
      named.frame_of_reference_uid != image.frame_of_reference_uid) {
    throw InputError("PROMPT_FOR_MISMATCH", file, "/image/frameOfReferenceUID",
                     "names " + named.frame_of_reference_uid + ", the image has " + image.frame_of_reference_uid,
                     InputVerdict::kNeedsPrompts);
  }
  if (!IsSameStack(named, image)) {
    throw InputError("PROMPT_IMAGE_MISMATCH", file, "/image/stackID",
                     "names " + named.stack_id + ", the image that is taken is stack " + image.stack_id,
                     InputVerdict::kNeedsPrompts);
  }
}

}  // namespace dinsd
