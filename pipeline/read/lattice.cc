#include "pipeline/read/lattice.h"

#include <algorithm>
#include <cmath>

namespace dinsd {
namespace {

using Point = std::array<double, 3>;
using Voxel = std::array<std::int64_t, 3>;

// The voxel whose centre is near a continuous index.
std::optional<Voxel> VoxelAt(const Point& index) {
  constexpr double kFarthest = 1e9;
  Voxel voxel{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    if (!(std::abs(index[axis]) < kFarthest)) return std::nullopt;
    voxel[axis] = std::llround(index[axis]);
    if (std::abs(index[axis] - static_cast<double>(voxel[axis])) > kLatticeTolerance) return std::nullopt;
  }
  return voxel;
}

// The voxel of the point that lies `n` steps along one axis from the origin.
std::optional<Voxel> VoxelAlong(const Lattice& lattice, std::size_t axis, std::int64_t n, const GridGeometry& grid,
                                const Point& shift) {
  Point point = lattice.origin;
  for (std::size_t d = 0; d < 3; ++d) point[d] += static_cast<double>(n) * lattice.step[axis][d];
  Point index = IndexFromLps(grid, point);
  for (std::size_t d = 0; d < 3; ++d) index[d] += shift[d];
  return VoxelAt(index);
}

// A step that goes `n` voxels along one axis of the grid, divided by n.
std::optional<Voxel> UnitStep(const Voxel& from, const Voxel& to, std::int64_t n) {
  Voxel step{};
  int axes = 0;
  for (std::size_t d = 0; d < 3; ++d) {
    const std::int64_t gone = to[d] - from[d];
    if (gone == 0) continue;
    if (std::abs(gone) != n) return std::nullopt;
    step[d] = gone / n;
    ++axes;
  }
  return axes == 1 ? std::optional(step) : std::nullopt;
}

bool AreAcross(const std::array<Voxel, 3>& steps) {
  for (std::size_t d = 0; d < 3; ++d) {
    const bool is_once = std::abs(steps[0][d]) + std::abs(steps[1][d]) + std::abs(steps[2][d]) == 1;
    if (!is_once) return false;
  }
  return true;
}

}  // namespace

Lattice LatticeOf(const GridGeometry& grid) {
  Lattice lattice{grid.origin, {}, grid.size};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    for (std::size_t row = 0; row < 3; ++row)
      lattice.step[axis][row] = grid.direction[row * 3 + axis] * grid.spacing[axis];
  }
  return lattice;
}

std::optional<LatticePlace> PlaceOnGrid(const Lattice& lattice, const GridGeometry& grid, const Point& shift) {
  const std::optional<Voxel> base = VoxelAlong(lattice, 0, 0, grid, shift);
  if (!base) return std::nullopt;
  LatticePlace place{*base, {}};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const std::int64_t far = std::max<std::int64_t>(lattice.count[axis] - 1, 1);
    const std::optional<Voxel> corner = VoxelAlong(lattice, axis, far, grid, shift);
    const std::optional<Voxel> step = corner ? UnitStep(*base, *corner, far) : std::nullopt;
    if (!step) return std::nullopt;
    place.step[axis] = *step;
  }
  return AreAcross(place.step) ? std::optional(place) : std::nullopt;
}

std::optional<LabelMap> OnSameVoxels(const LabelMap& map, const GridGeometry& grid) {
  const std::optional<LatticePlace> place = PlaceOnGrid(LatticeOf(map.grid), grid);
  if (!place) return std::nullopt;
  Voxel last = place->base;
  for (std::size_t d = 0; d < 3; ++d) {
    for (std::size_t axis = 0; axis < 3; ++axis) last[d] += place->step[axis][d] * (map.grid.size[axis] - 1);
    if (std::min(last[d], place->base[d]) != 0 || std::max(last[d], place->base[d]) != grid.size[d] - 1) {
      return std::nullopt;
    }
  }
  const std::array<std::int64_t, 3> stride = {1, grid.size[0], grid.size[0] * grid.size[1]};
  const auto offset = [&](const Voxel& v) { return v[0] * stride[0] + v[1] * stride[1] + v[2] * stride[2]; };
  LabelMap moved{grid, std::vector<std::uint16_t>(map.labels.size())};
  std::size_t from = 0;
  for (std::int64_t k = 0; k < map.grid.size[2]; ++k) {
    for (std::int64_t j = 0; j < map.grid.size[1]; ++j) {
      std::int64_t at = offset(place->base) + j * offset(place->step[1]) + k * offset(place->step[2]);
      for (std::int64_t i = 0; i < map.grid.size[0]; ++i, at += offset(place->step[0])) {
        moved.labels[static_cast<std::size_t>(at)] = map.labels[from++];
      }
    }
  }
  return moved;
}

}  // namespace dinsd
