#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "gpu/voxel_types.h"
#include "model/model_manifest.h"
#include "pipeline/read/volume.h"

namespace dinsd {

/// Which axis of a series grid becomes which axis of the network's array (depth, rows, columns), and whether it is
/// reversed.
struct AxisMap {
  std::array<std::size_t, 3> source;  // of depth, rows, columns: 0 = i, 1 = j, 2 = k
  std::array<bool, 3> is_reversed;
  std::array<std::int64_t, 3> size_ijk;
  std::array<double, 3> spacing_ijk;

  [[nodiscard]] Size3 Size() const;
  [[nodiscard]] Vec3 SpacingMm() const;

  /// Voxel (i, j, k) in the array, and back.
  [[nodiscard]] Index3 ToArray(const std::array<std::int64_t, 3>& ijk) const;
  [[nodiscard]] std::array<std::int64_t, 3> ToGrid(const Index3& v) const;
};

/// Whether one spacing differs from another by at least 1 %. Else voxels are cubes, and no axis is that of slices.
[[nodiscard]] bool HasSliceAxis(const GridGeometry& grid);

/// kSliceAxis: depth is the axis whose spacing is unlike the two others' (cubes: the axis from front to back), rows the
/// other axis that runs most along head-feet (else along anterior-posterior); depth runs from anterior to posterior or
/// from feet to head, rows from head to feet or from anterior to posterior, columns from the patient's right to left or
/// from anterior to posterior. kWorldAxes: the published reader; depth, rows, columns are the world's z, y, x by each
/// axis' largest component, with z running to the head, y to the back and x to the left. Throws std::invalid_argument
/// if two axes have the same largest component (possible only under kWorldAxes).
[[nodiscard]] AxisMap ChooseAxes(const GridGeometry& grid, AxisRule rule);

/// Voxels of a series grid (i fastest) as an array in the map's order, and back.
template <typename T>
[[nodiscard]] std::vector<T> ToArray(std::span<const T> voxels, const AxisMap& map);
template <typename T>
[[nodiscard]] std::vector<T> FromArray(std::span<const T> array, const AxisMap& map);

}  // namespace dinsd
