#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "pipeline/write/result_dicom.h"
#include "tests/pipeline/report/sample_result.h"
#include "tests/pipeline/write/source_maker.h"

namespace dinsd {

/// Adds lesion n of a made-up result, whose voxels are there: every third has a site and a side, every second a
/// tracking UID.
inline void AddMadeLesion(StudyResult& result, int n) {
  AddLesionOfMask(result, static_cast<std::uint16_t>(n + 1));
  PromptLesion& prompts = result.prompts.prompts.lesions.back();
  if (n % 2 == 1) prompts.tracking_uid = "1.2.840.99." + std::to_string(n + 1);
  if (n % 3 == 0) prompts.site = PromptCode{"51185008", "SCT", "Thorax"};
  if (n % 3 == 0 || n % 5 == 0) prompts.laterality = n % 2 == 0 ? "L" : "R";
  prompts.type = n % 4 == 0 ? "plexiform" : (n % 4 == 1 ? "discrete" : "");
}

/// A result on a DICOM series in a folder of its own: blocks of voxels of rising size, a lesion each (AddMadeLesion).
/// Lesion n + 1 has the label n + 1; the last one has no voxel if asked for.
class MadeResult {
 public:
  explicit MadeResult(int lesions, bool has_empty = false, const std::function<void(DcmDataset&, int)>& edit = {})
      : source_(kColumns, kRows, kSlices, edit) {
    InspectedStudy study = InspectStudy(source_.root(), "made", ListStudyFiles(source_.root()), {});
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
  }

  [[nodiscard]] const std::filesystem::path& root() const { return source_.root(); }

  [[nodiscard]] std::optional<DicomOutput> Output(const DicomOutputOptions& options = {}) {
    return DicomOutputOf(root(), {}, options, result);
  }

  StudyResult result;

 private:
  static constexpr int kColumns = 61, kRows = 67, kSlices = 8;  // rows x columns mod 8 = 7

  // Twenty blocks in a row, 1 to 3 voxels wide and 1 or 2 slices deep.
  void AddBlock(int n) {
    const int i0 = n % 20 * 3, j0 = n / 20 % 20 * 3, k0 = n / 400 * 2 + n % 3;
    for (int k = k0; k < k0 + 1 + n % 2; ++k) {
      for (int j = j0; j < j0 + 1 + n % 3; ++j) {
        for (int i = i0; i < i0 + 1 + n / 3 % 3; ++i)
          result.mask.labels[static_cast<std::size_t>((k * kRows + j) * kColumns + i)] =
              static_cast<std::uint16_t>(n + 1);
      }
    }
  }

  MadeSource source_;
};

}  // namespace dinsd
