#pragma once

#include <cmath>
#include <memory>

#include "pipeline/read/dicom_source.h"
#include "tests/pipeline/read/dicom_maker.h"
#include "tests/random.h"

namespace dinsd {

using Matrix3 = std::array<double, 9>;

inline constexpr Matrix3 kAxial{1, 0, 0, 0, 1, 0, 0, 0, 1};
inline constexpr Matrix3 kCoronal{1, 0, 0, 0, 0, 1, 0, -1, 0};    // rows to the left, columns to the feet
inline constexpr Matrix3 kSagittal{0, 0, -1, 1, 0, 0, 0, -1, 0};  // rows to posterior, columns to the feet

/// A rotation by `angle` about a random axis (Rodrigues).
inline Matrix3 RandomDirection(TestRandom& random, double angle) {
  const double z = 2 * random.Unit() - 1, phi = 2 * M_PI * random.Unit(), r = std::sqrt(1 - z * z);
  const double x = r * std::cos(phi), y = r * std::sin(phi), c = std::cos(angle), s = std::sin(angle), t = 1 - c;
  return {t * x * x + c,     t * x * y - s * z, t * x * z + s * y, t * x * y + s * z, t * y * y + c,
          t * y * z - s * x, t * x * z - s * y, t * y * z + s * x, t * z * z + c};
}

/// A series without files on a grid, its slices where the grid has them: instances 1.2.3.4.1, 1.2.3.4.2, ...
inline SourceSeries MakeSource(const GridGeometry& grid, const DicomEdit& edit = {}) {
  SourceSeries source;
  source.grid = grid;
  source.header = std::make_shared<DcmDataset>(MakeDataSet(0));
  delete source.header->remove(DCM_PixelData);
  if (edit) edit(*source.header);
  source.study_uid = "1.2.3";
  source.series_uid = "1.2.3.4";
  source.frame_of_reference_uid = "1.2.3.9";
  for (std::int64_t k = 0; k < grid.size[2]; ++k) {
    source.slice_positions.push_back(static_cast<double>(k) * grid.spacing[2]);
    source.slices.push_back(
        {"slice" + std::to_string(k) + ".dcm", UID_MRImageStorage, "1.2.3.4." + std::to_string(k + 1), "", ""});
  }
  return source;
}

/// A grid of anisotropic pixels far from the origin.
inline GridGeometry MakeGrid(const Matrix3& direction, const std::array<std::int64_t, 3>& size = {23, 17, 6}) {
  return {.size = size, .spacing = {0.7, 1.9, 8.8}, .origin = {-250.125, 61.7, 812.4}, .direction = direction};
}

/// An empty mask on a grid.
inline LabelMap EmptyMask(const GridGeometry& grid) {
  return {grid, std::vector<std::uint16_t>(grid.SizeZyx().VoxelCount())};
}

inline std::uint16_t& At(LabelMap& mask, std::int64_t i, std::int64_t j, std::int64_t k) {
  return mask.labels[static_cast<std::size_t>((k * mask.grid.size[1] + j) * mask.grid.size[0] + i)];
}

/// Draws slice k of a mask: a character other than '.' and ' ' is a voxel, a digit its label, any other label 1.
inline void Draw(LabelMap& mask, std::int64_t k, const std::vector<std::string>& rows) {
  for (std::size_t j = 0; j < rows.size(); ++j) {
    for (std::size_t i = 0; i < rows[j].size(); ++i) {
      const char c = rows[j][i];
      if (c == '.' || c == ' ') continue;
      At(mask, static_cast<std::int64_t>(i), static_cast<std::int64_t>(j), k) =
          c >= '1' && c <= '9' ? static_cast<std::uint16_t>(c - '0') : 1;
    }
  }
}

}  // namespace dinsd
