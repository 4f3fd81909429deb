#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "gpu/voxel_types.h"

namespace dinsd {

/// Geometry of a series grid in LPS world coordinates (mm). i = column, j = row, k = slice, i fastest in memory.
/// `direction` is a row-major 3x3 matrix whose columns are the axes i, j, k:
/// point_lps = origin + direction * (index_ijk .* spacing).
struct GridGeometry {
  std::array<std::int64_t, 3> size{0, 0, 0};  // i, j, k
  std::array<double, 3> spacing{1, 1, 1};     // mm, i, j, k; centre to centre
  std::array<double, 3> origin{0, 0, 0};      // LPS mm of voxel (0, 0, 0)'s centre
  std::array<double, 9> direction{1, 0, 0, 0, 1, 0, 0, 0, 1};

  [[nodiscard]] Size3 SizeZyx() const { return {size[2], size[1], size[0]}; }
  [[nodiscard]] double VoxelVolumeMl() const { return spacing[0] * spacing[1] * spacing[2] / 1000.0; }
  friend bool operator==(const GridGeometry&, const GridGeometry&) = default;
};

/// LPS mm of a continuous index (i, j, k).
[[nodiscard]] std::array<double, 3> LpsFromIndex(const GridGeometry& grid, const std::array<double, 3>& index_ijk);

/// Continuous index (i, j, k) of a point in LPS mm.
[[nodiscard]] std::array<double, 3> IndexFromLps(const GridGeometry& grid, const std::array<double, 3>& point_lps);

/// One image as read: float voxels (k slowest, i fastest) on a grid.
struct Volume {
  GridGeometry grid;
  std::vector<float> voxels;
};

/// An integer per voxel on a grid; 0 is background.
struct LabelMap {
  GridGeometry grid;
  std::vector<std::uint16_t> labels;
};

}  // namespace dinsd
