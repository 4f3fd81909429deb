#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <tuple>
#include <vector>

#include "pipeline/read/digest.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/segment_study.h"
#include "pipeline/write/nifti_writer.h"
#include "tests/pipeline/segment/study_kit.h"
#include "tests/temp_folder.h"

namespace dinsd {

/// A study in a folder of its own: a coronal image of noise-free background 100 with bars of 1000, a study.json and a
/// sidecar. i runs to the patient's left, j (the slices, 10 mm) to the back, k to the head.
class TestStudy {
 public:
  static constexpr std::array<std::int64_t, 3> kSize = {48, 9, 64};

  TestStudy() { grid_.size = kSize, grid_.spacing = {1.5, 10, 1.5}, grid_.origin = {-30, -40, 100}; }

  TestStudy& Bar(const Ijk& begin, const Ijk& end, float value = 1000) {
    bars_.push_back({begin, end, value});
    return *this;
  }

  /// Adds a lesion with clicks ("+" or "-" and a voxel).
  TestStudy& Lesion(const std::vector<ResolvedClick>& clicks, const std::string& laterality = "U") {
    std::string id = "L";
    id += std::to_string(lesions_.size() + 1);
    lesions_.push_back({{"id", id}, {"laterality", laterality}, {"clicks", Clicks(clicks)}});
    return *this;
  }

  TestStudy& Background(const std::vector<ResolvedClick>& clicks) {
    background_ = Clicks(clicks);
    return *this;
  }

  std::string sequence = "stir-phantom";
  double pixel_mm = 1.5;
  double slice_mm = 10;

  /// Writes all files and returns the request for them.
  StudyRequest Request(const SegmentOptions& options = {}) {
    grid_.spacing = {pixel_mm, slice_mm, pixel_mm};
    Painting<float> painting(grid_, 100);
    for (const auto& [begin, end, value] : bars_) painting.Box(begin, end, value);
    WriteNifti(folder() / "image.nii.gz", Volume{grid_, painting.voxels});
    const std::vector<std::byte> bytes = ReadFileBytes(folder(), "image.nii.gz", 1 << 20);
    folder_.Write(
        "study.json",
        nlohmann::json({{"schema", "dinsd-study/1"},
                        {"patient", "P-1"},
                        {"studyDate", "2024-01-02"},
                        {"sequence", sequence},
                        {"files", {{{"name", "image.nii.gz"}, {"size", bytes.size()}, {"sha256", Sha256Hex(bytes)}}}}})
            .dump());
    folder_.Write("image.nii.gz.prompts.json",
                  nlohmann::json({{"schema", "dinsd-prompts/1"},
                                  {"image", {{"sha256", Sha256Hex(bytes)}}},
                                  {"space", "LPS-mm"},
                                  {"lesions", lesions_},
                                  {"background", background_},
                                  {"provenance", {{"source", "human"}, {"created", "2024-01-02T03:04:05Z"}}}})
                      .dump());
    StudyRequest request{folder(), {}, {}, {}, options};
    request.study = InspectStudy(folder(), "study", ListStudyFiles(folder()), request.read);
    return request;
  }

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }
  [[nodiscard]] const GridGeometry& grid() const { return grid_; }

 private:
  [[nodiscard]] nlohmann::json Clicks(const std::vector<ResolvedClick>& clicks) const {
    nlohmann::json list = nlohmann::json::array();
    GridGeometry grid = grid_;
    grid.spacing = {pixel_mm, slice_mm, pixel_mm};
    for (const ResolvedClick& c : clicks) {
      const auto p = LpsFromIndex(
          grid, {static_cast<double>(c.ijk[0]), static_cast<double>(c.ijk[1]), static_cast<double>(c.ijk[2])});
      list.push_back({{"p", p}, {"sign", c.sign == Polarity::kPositive ? "+" : "-"}});
    }
    return list;
  }

  TempFolder folder_;
  GridGeometry grid_;
  std::vector<std::tuple<Ijk, Ijk, float>> bars_;
  nlohmann::json lesions_ = nlohmann::json::array();
  nlohmann::json background_ = nlohmann::json::array();
};

/// A model that takes what is bright for tumour.
inline LoadedModel FakeModel(FakeSegmenter::Rule rule = BrightIsTumour) {
  LoadedModel model{
      std::make_unique<FakeSegmenter>(std::move(rule)), {}, std::string(64, 'a'), "fake.safetensors", "cpu"};
  model.manifest.grid_rule = GridRule::kSpacing;
  model.manifest.spacing_mm = 1.5;
  model.manifest.sigma = {1, 4, 4};
  model.manifest.sigma_unit = SigmaUnit::kNetworkVoxel;
  model.manifest.training_crop = {10, 32, 32};
  model.manifest.max_clicks_per_sign = 3;
  model.manifest.trained_for = {"stir-phantom"};
  return model;
}

}  // namespace dinsd
