#include "daemon/messages/job_key.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>
#include <vector>

#include "daemon/messages/dicom_output_json.h"
#include "daemon/messages/options_json.h"
#include "pipeline/read/digest.h"

namespace dinsd {
namespace {

std::string DigestOf(const nlohmann::json& json) {
  const std::string text = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return Sha256Hex(std::as_bytes(std::span(text)));
}

nlohmann::json Numbers(const GridGeometry& grid) {
  return {grid.size, grid.spacing, grid.origin, grid.direction};
}

nlohmann::json IdentityOf(const StudyIdentity& identity) {
  const auto number = [](const std::optional<double>& value) { return value ? nlohmann::json(*value) : nullptr; };
  return {identity.patient,           identity.issuer,         identity.study_uid,        identity.study_date,
          number(identity.weight_kg), number(identity.size_m), number(identity.age_years)};
}

// Where a station lies decides what it owns.
nlohmann::json ImageOf(const StudyImage& image) {
  nlohmann::json json = {static_cast<int>(image.format),
                         image.series_uid,
                         image.frame_of_reference_uid,
                         image.sequence,
                         Numbers(image.grid),
                         image.is_chosen};
  for (const StudyImage& station : image.stations) json.push_back({station.series_uid, Numbers(station.grid)});
  return json;
}

// By file, the frames that an image has of it; none where each file is one slice.
void AddFrames(const StudyImage& image, std::map<std::string, std::vector<int>>& frames) {
  for (const std::string& file : image.files) frames[file];
  for (const FramePlace& place : image.frames) frames[image.files.at(place.file)].push_back(place.frame);
  for (const StudyImage& station : image.stations) AddFrames(station, frames);
}

}  // namespace

std::string InputsDigest(const InspectedStudy& study) {
  std::vector<std::string> contents;
  for (const FileDigest& digest : study.digests) {
    contents.push_back(digest.pixel_sha256.empty() ? digest.sha256
                                                   : digest.sop_instance_uid + " " + digest.pixel_sha256);
  }
  std::sort(contents.begin(), contents.end());
  nlohmann::json images = nlohmann::json::array();
  for (const StudyImage& image : study.images) images.push_back(ImageOf(image));
  return DigestOf({{"contents", contents}, {"identity", IdentityOf(study.identity)}, {"images", images}});
}

std::string ContentOf(const std::string& content, const std::vector<int>& frames) {
  if (frames.empty()) return content;
  std::vector<int> sorted = frames;
  std::sort(sorted.begin(), sorted.end());
  std::string text = content + " frames";
  for (const int frame : sorted) text.append(" ").append(std::to_string(frame));
  return text;
}

std::string ContentsDigest(std::vector<std::string> contents) {
  if (contents.empty()) return {};
  std::sort(contents.begin(), contents.end());
  return DigestOf({{"images", contents}});
}

std::string ImagesDigest(const InspectedStudy& study) {
  std::map<std::string, std::vector<int>> chosen;
  for (const StudyImage& image : study.images) {
    if (image.is_chosen) AddFrames(image, chosen);
  }
  std::vector<std::string> contents;
  for (const FileDigest& digest : study.digests) {
    const auto found = chosen.find(digest.file);
    if (found == chosen.end()) continue;
    contents.push_back(ContentOf(digest.pixel_sha256.empty() ? digest.sha256 : digest.pixel_sha256, found->second));
  }
  return ContentsDigest(std::move(contents));
}

DicomOutputOptions ObjectsFor(const InspectedStudy& study, const DicomOutputOptions& options) {
  const bool is_dicom = std::any_of(study.images.begin(), study.images.end(), [](const StudyImage& image) {
    return image.is_chosen && image.format == ImageFormat::kDicomSeries;
  });
  return is_dicom ? options : DicomOutputOptions{.seg = false, .sr = false, .rtstruct = false};
}

DicomOutputOptions ObjectsOfImport(DicomOutputOptions objects) {
  objects.seg = false;
  objects.rtstruct = false;
  return objects;
}

std::string JobKey(const std::string& inputs_sha256, const std::string& prompts_sha256,
                   const std::string& weights_sha256, const StudyReadOptions& read, const SegmentOptions& options,
                   const DicomOutputOptions& objects, const std::string& prior_sha256,
                   const std::string& proposal_sha256, const std::string& mask_sha256) {
  nlohmann::json key = {{"inputs", inputs_sha256},
                        {"prompts", prompts_sha256},
                        {"weights", weights_sha256},
                        {"read", ReadOptionsToJson(read)},
                        {"options", SegmentOptionsToJson(options)}};
  if (objects.HasAny()) key["objects"] = DicomOutputToJson(objects);
  if (!prior_sha256.empty()) key["prior"] = prior_sha256;
  if (!proposal_sha256.empty()) key["proposal"] = proposal_sha256;
  if (!mask_sha256.empty()) key["mask"] = mask_sha256;
  return DigestOf(key);
}

}  // namespace dinsd
