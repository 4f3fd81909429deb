#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <vector>

#include "pipeline/read/volume.h"

namespace dinsd {

/// One station on the grid that all stations cover together.
struct StationBlock {
  std::array<std::int64_t, 3> offset{};  // its voxel (0, 0, 0) on that grid, i, j, k
  std::array<std::int64_t, 3> size{};
  std::int64_t owned_begin = 0, owned_end = 0;  // of the map's axis: the rows up to the seams
  std::array<double, 3> moved{};  // voxels: how far it had to be moved onto that grid, at most half of one

  [[nodiscard]] bool Covers(const std::array<std::int64_t, 3>& ijk) const;
};

/// Who owns which voxel of a whole-body examination that was made in stations. Neighbours overlap; the seam between two
/// lies in the middle of their overlap, so that every voxel that a station covers has exactly one owner and is counted
/// once. A station is moved onto the common grid by less than a voxel, never resampled: a voxel there is one voxel of
/// its owner.
struct StationMap {
  GridGeometry grid;
  std::size_t axis = 1;  // of the grid along which stations follow each other
  std::vector<StationBlock> stations;

  /// The station whose voxel `ijk` of the common grid is; nothing where no station lies.
  [[nodiscard]] std::optional<std::size_t> OwnerOf(const std::array<std::int64_t, 3>& ijk) const;

  /// Whether two stations cover `ijk`.
  [[nodiscard]] bool IsInOverlap(const std::array<std::int64_t, 3>& ijk) const;
};

/// Whether images lie one below the other along the world's z: sorted by it, neighbours share less than half of the
/// shorter one. Whatever else differs is not looked at.
[[nodiscard]] bool LieBelowOneAnother(const std::vector<GridGeometry>& grids);

/// The order of images from head to feet: indices into `grids`, those whose middle lies highest in the world's z first.
[[nodiscard]] std::vector<std::size_t> HeadToFeet(const std::vector<GridGeometry>& grids);

/// Lays out stations, which come head to feet. One grid is its own map. Throws InputError without a file:
/// STATION_MISMATCH (other orientation, pixel or slice spacing; side by side instead of one below the other),
/// STATION_OVERLAP (neighbours share less than `min_overlap_mm`, or half of one or more). Method: the seam at
/// mid-overlap; of a middle row the upper station is the owner.
[[nodiscard]] StationMap MapStations(const std::vector<GridGeometry>& grids, double min_overlap_mm);

/// The voxels of all stations on the common grid, each from its owner; `ground` where no station lies. `parts[s]` are
/// those of station s on its own grid, k slowest, i fastest. Throws std::invalid_argument on another number of them.
template <typename T>
[[nodiscard]] std::vector<T> JoinStations(const StationMap& map, const std::vector<std::span<const T>>& parts,
                                          T ground);

/// The other way: the voxels of `whole` that station `s` owns, on its own grid; `ground` elsewhere.
template <typename T>
[[nodiscard]] std::vector<T> OwnedPart(const StationMap& map, std::size_t s, std::span<const T> whole, T ground);

namespace station_map_internal {

// Calls visit(at on the common grid, at on the station's grid) for each voxel that station `s` owns.
template <typename Visit>
void ForOwned(const StationMap& map, std::size_t s, const Visit& visit) {
  const StationBlock& block = map.stations.at(s);
  std::size_t at = 0;
  for (std::int64_t k = 0; k < block.size[2]; ++k) {
    for (std::int64_t j = 0; j < block.size[1]; ++j) {
      for (std::int64_t i = 0; i < block.size[0]; ++i, ++at) {
        const std::array<std::int64_t, 3> ijk = {i + block.offset[0], j + block.offset[1], k + block.offset[2]};
        if (map.OwnerOf(ijk) == s) visit(Offset(map.grid.SizeZyx(), {ijk[2], ijk[1], ijk[0]}), at);
      }
    }
  }
}

inline std::size_t VoxelsOf(const StationBlock& block) {
  return static_cast<std::size_t>(block.size[0] * block.size[1] * block.size[2]);
}

}  // namespace station_map_internal

template <typename T>
std::vector<T> JoinStations(const StationMap& map, const std::vector<std::span<const T>>& parts, T ground) {
  if (parts.size() != map.stations.size()) throw std::invalid_argument("JoinStations: another number of stations");
  std::vector<T> whole(map.grid.SizeZyx().VoxelCount(), ground);
  for (std::size_t s = 0; s < parts.size(); ++s) {
    if (parts[s].size() != station_map_internal::VoxelsOf(map.stations[s]))
      throw std::invalid_argument("JoinStations: a part does not fill its station");
    station_map_internal::ForOwned(map, s,
                                   [&](std::size_t at, std::size_t at_station) { whole[at] = parts[s][at_station]; });
  }
  return whole;
}

template <typename T>
std::vector<T> OwnedPart(const StationMap& map, std::size_t s, std::span<const T> whole, T ground) {
  std::vector<T> part(station_map_internal::VoxelsOf(map.stations.at(s)), ground);
  station_map_internal::ForOwned(map, s, [&](std::size_t at, std::size_t at_station) { part[at_station] = whole[at]; });
  return part;
}

}  // namespace dinsd
