#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "pipeline/read/station_image.h"
#include "pipeline/segment/station_study.h"
#include "pipeline/write/result_dicom.h"
#include "tests/pipeline/read/dicom_maker.h"
#include "tests/pipeline/write/made_result.h"

namespace dinsd {

/// A result on an examination in stations of 61 x 67 x 8 voxels, head to feet, neighbours with 12 rows in common;
/// series 1.2.3.10, 1.2.3.20, ... in a folder of its own, or all in 1.2.3.10. Lesions as in MadeResult, but of every
/// three one crosses a seam (of the first three: the first).
class MadeStations {
 public:
  static constexpr int kColumns = 61, kRows = 67, kSlices = 8, kStep = 55;  // rows x columns mod 8 = 7

  MadeStations(int lesions, int stations, bool has_empty = false, bool in_one_series = false,
               const std::function<void(DcmDataset&, int)>& edit = {})
      : stations_(stations) {
    for (int s = 0; s < stations; ++s) WriteStation(s, in_one_series, edit);
    InspectedStudy study = InspectStudy(root(), "made", ListStudyFiles(root()), {});
    const StudyImage image = ChosenImage(study);
    result = ResultWithoutLesions(image.grid);
    result.study = std::move(study);
    result.image = image;
    const std::size_t voxels = image.grid.SizeZyx().VoxelCount();
    result.volume = {image.grid, std::vector<float>(voxels)};
    result.mask = {image.grid, std::vector<std::uint16_t>(voxels)};
    result.unprompted = result.mask;
    for (int n = 0; n < lesions; ++n) AddBlock(n);
    for (int n = 0; n < lesions + (has_empty ? 1 : 0); ++n) AddMadeLesion(result, n);
    PutStationMasks();
  }

  [[nodiscard]] const std::filesystem::path& root() const { return made_.root(); }

  [[nodiscard]] std::optional<DicomOutput> Output(const DicomOutputOptions& options = {}) {
    return DicomOutputOf(root(), {}, options, result);
  }

  /// After a change of result.mask.
  void PutStationMasks() {
    const StationMap map = MapOf(result.image);
    FlagStations(map, result.mask.labels, result.lesions);
    result.station_masks = StationMasks(result.image, map, result.mask.labels);
  }

  StudyResult result;

 private:
  void WriteStation(int s, bool in_one_series, const std::function<void(DcmDataset&, int)>& edit) {
    for (int k = 0; k < kSlices; ++k) {
      const std::string series = "1.2.3." + std::to_string(in_one_series ? 10 : 10 * (s + 1));
      const std::string instance = "1.2.3.4." + std::to_string(s + 1) + "." + std::to_string(k + 1);
      made_.Write(instance + ".dcm", MakeSlice(k, [&](DcmDataset& data) {
                    Put(data, DCM_SeriesInstanceUID, series);
                    Put(data, DCM_SOPInstanceUID, instance);
                    Put(data, DCM_ImagePositionPatient,
                        "-10\\" + std::to_string(-50 + 10 * k) + "\\" + std::to_string(900 - 2 * kStep * s));
                    PutNumber(data, DCM_Rows, kRows);
                    PutNumber(data, DCM_Columns, kColumns);
                    const std::vector<Uint16> pixels(std::size_t{kRows} * kColumns, 100);
                    data.putAndInsertUint16Array(DCM_PixelData, pixels.data(), pixels.size());
                    if (edit) edit(data, k);
                  }));
    }
  }

  // Of 240 each has a place in columns and slices of its own; those beyond lie lower in their station.
  void AddBlock(int n) {
    const int i0 = n % 30 * 2, k = n / 30 % 8, lower = n / 240 * 8;
    const bool crosses = stations_ > 1 && n % 3 == 0 && n < 240;
    const int seam = kStep * (1 + n / 3 % std::max(1, stations_ - 1)) + 6;
    const int j0 = crosses ? seam - 1 - n % 2 : kStep * (n % stations_) + 20 + lower;
    for (int j = j0; j < j0 + 3 + n % 2; ++j) {
      for (int i = i0; i < i0 + 1 + n / 3 % 2; ++i)
        result.mask.labels[Offset(result.mask.grid.SizeZyx(), {k, j, i})] = static_cast<std::uint16_t>(n + 1);
    }
  }

  int stations_;
  MadeStudy made_{0};
};

}  // namespace dinsd
