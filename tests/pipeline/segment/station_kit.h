#pragma once

#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

#include "pipeline/phantom/phantom_files.h"
#include "pipeline/phantom/phantom_json.h"
#include "pipeline/segment_study.h"
#include "tests/pipeline/segment/test_study.h"
#include "tests/temp_folder.h"

namespace dinsd {

/// An examination in stations in a folder of its own: coronal STIR of 32 x 144 x 9 voxels of 1.5 x 1.5 x 10 mm, value
/// 100 with bars of 1000, cut by WritePhantom: of four stations each has 48 rows, which the network's grid has too. i
/// runs to the patient's left, j to the feet, k (the slices) to the back.
class StationsOfBars {
 public:
  explicit StationsOfBars(const PhantomStations& stations = {.count = 4, .overlap_mm = 24}) : stations_(stations) {
    GridGeometry& grid = phantom.image.grid;
    grid = {.size = {32, 144, 9},
            .spacing = {1.5, 1.5, 10},
            .origin = {-24, -40, 108},
            .direction = {1, 0, 0, 0, 0, 1, 0, -1, 0}};
    phantom.image.voxels.assign(grid.SizeZyx().VoxelCount(), 100);
    phantom.truth = {grid, std::vector<std::uint16_t>(grid.SizeZyx().VoxelCount())};
  }

  /// Adds a lesion: the voxels of a half-open box, with positive clicks at voxels of it.
  StationsOfBars& Bar(const Ijk& begin, const Ijk& end, const std::vector<Ijk>& clicks) {
    const auto label = static_cast<std::uint16_t>(phantom.lesions.size() + 1);
    for (std::int64_t k = begin[2]; k < end[2]; ++k) {
      for (std::int64_t j = begin[1]; j < end[1]; ++j) {
        for (std::int64_t i = begin[0]; i < end[0]; ++i) {
          const std::size_t at = Offset(phantom.image.grid.SizeZyx(), {k, j, i});
          phantom.image.voxels[at] = 1000;
          phantom.truth.labels[at] = label;
        }
      }
    }
    PhantomLesion lesion{.id = "L" + std::to_string(label)};
    for (const Ijk& click : clicks) {
      lesion.clicks_lps.push_back(
          LpsFromIndex(phantom.image.grid,
                       {static_cast<double>(click[0]), static_cast<double>(click[1]), static_cast<double>(click[2])}));
    }
    phantom.lesions.push_back(lesion);
    return *this;
  }

  /// Writes all files and returns the request for them.
  StudyRequest Request() {
    WritePhantom(phantom, folder_.path(), PhantomFormat::kNiftiAndDicom, stations_);
    return Inspected();
  }

  /// The request for what lies there now.
  [[nodiscard]] StudyRequest Inspected(const std::string& wanted = "") const {
    StudyRequest request{root(), {}, {}, {}, {}};
    request.read.wanted_series_uid = wanted;
    request.study = InspectStudy(root(), "study", ListStudyFiles(root()), request.read);
    return request;
  }

  [[nodiscard]] std::filesystem::path root() const { return folder_.path() / "dicom"; }

  [[nodiscard]] std::int64_t TrueVoxels(std::uint16_t label) const {
    return std::count(phantom.truth.labels.begin(), phantom.truth.labels.end(), label);
  }

  Phantom phantom;

 private:
  PhantomStations stations_;
  TempFolder folder_;
};

}  // namespace dinsd
