#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "pipeline/read/volume.h"

namespace dinsd {

/// Points in LPS mm: origin + n[0] * step[0] + n[1] * step[1] + n[2] * step[2], with n[d] from 0 to count[d] - 1. A
/// plane has a count of 1 and the distance to its neighbour as the step of that axis.
struct Lattice {
  std::array<double, 3> origin{};
  std::array<std::array<double, 3>, 3> step{};
  std::array<std::int64_t, 3> count{1, 1, 1};
};

/// Where a lattice falls onto the voxels of a grid: point n is voxel base + n[0] * step[0] + ..., i, j, k. Every step
/// goes one voxel along one axis of the grid, up or down. Voxels may lie outside the grid.
struct LatticePlace {
  std::array<std::int64_t, 3> base{};
  std::array<std::array<std::int64_t, 3>, 3> step{};
};

/// Of a point as fractions of a voxel along each axis of the grid, at each corner of the lattice: that far a point may
/// lie from the centre of its voxel.
inline constexpr double kLatticeTolerance = 0.1;

[[nodiscard]] Lattice LatticeOf(const GridGeometry& grid);

/// The place of the lattice, moved by `shift` voxels (i, j, k) first, or nothing where its points are no voxels of the
/// grid: other distances, directions, or centres beyond kLatticeTolerance.
[[nodiscard]] std::optional<LatticePlace> PlaceOnGrid(const Lattice& lattice, const GridGeometry& grid,
                                                      const std::array<double, 3>& shift = {0, 0, 0});

/// The same labels voxel by voxel on another description of the same grid: axes in another order or direction, as
/// converters of DICOM to NIfTI write them. Nothing where the two are not the same voxels within kLatticeTolerance.
[[nodiscard]] std::optional<LabelMap> OnSameVoxels(const LabelMap& map, const GridGeometry& grid);

}  // namespace dinsd
