#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "pipeline/prompt/prompts.h"
#include "pipeline/read/input_error.h"
#include "pipeline/read/study.h"

namespace dinsd {

/// A valid sidecar that a test edits: two lesions with a site, a proposed click, a prior; one background click.
inline nlohmann::json GoodPrompts() {
  return nlohmann::json::parse(R"({
    "schema": "dinsd-prompts/1",
    "image": {"seriesInstanceUID": "1.2.3.4", "frameOfReferenceUID": "1.2.3.5"},
    "space": "LPS-mm",
    "lesions": [
      {"id": "L1", "type": "plexiform", "depth": "internal", "laterality": "L",
       "site": {"value": "68367000", "scheme": "SCT", "meaning": "Thigh"},
       "clicks": [{"p": [11.5, -12.0, 60.2], "sign": "+", "order": 0},
                  {"p": [25.0, -12.0, 60.2], "sign": "-", "order": 1}]},
      {"id": "L2", "clicks": [{"p": [14.1, -2.0, 20.0], "sign": "+", "status": "proposed", "confidence": 0.7}],
       "prior": {"sopInstanceUID": "1.2.3.9", "segmentNumber": 4}}],
    "background": [{"p": [10.0, -20.0, 30.0], "sign": "-"}],
    "provenance": {"source": "human", "created": "2024-11-01T09:30:00Z", "tool": "viewer", "toolVersion": "1"}})");
}

/// The image that GoodPrompts are for: 20 x 15 x 12 voxels of 2 x 3 x 6 mm, first voxel at (10, -25, 0) in LPS.
inline StudyImage GoodImage() {
  StudyImage image{.format = ImageFormat::kNifti,
                   .files = {"image.nii.gz"},
                   .file_sha256 = {std::string(64, 'a')},
                   .series_uid = "1.2.3.4",
                   .frame_of_reference_uid = "1.2.3.5"};
  image.grid = {.size = {20, 15, 12}, .spacing = {2, 3, 6}, .origin = {10, -25, 0}};
  return image;
}

/// A grid as a document states it.
inline nlohmann::json GridJson(const GridGeometry& grid) {
  return {{"size", grid.size}, {"spacing", grid.spacing}, {"origin", grid.origin}, {"direction", grid.direction}};
}

/// Says that the first click of GoodPrompts, which lies in slice 10, was made on the instance `uid`, of an image whose
/// slices are the instances 1.2.3.4.0 to 1.2.3.4.11.
inline void MadeOn(const std::string& uid, nlohmann::json& document, StudyImage& image) {
  image.sop_instance_uids.clear();
  for (int slice = 0; slice < 12; ++slice) image.sop_instance_uids.push_back("1.2.3.4." + std::to_string(slice));
  document["lesions"][0]["clicks"][0]["sopInstanceUID"] = uid;
}

inline Prompts ParseText(const std::string& text, std::int64_t unix_now = UnixNow()) {
  return ParsePrompts(std::as_bytes(std::span(text.data(), text.size())), "a.prompts.json", unix_now);
}

inline Prompts Parse(const nlohmann::json& document) {
  return ParseText(document.dump());
}

}  // namespace dinsd
