#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "gpu/voxel_types.h"

namespace dinsd {

/// A voxel from which an owner spreads.
struct GeodesicSeed {
  Index3 voxel;
  std::uint16_t owner = 1;  // above 0
};

/// Whom each voxel belongs to (0: nobody reaches it) and how far it is from that owner's nearest seed in mm (infinity
/// where nobody reaches it).
struct GeodesicOwners {
  std::vector<std::uint16_t> owner;
  std::vector<float> distance_mm;
};

/// Gives each voxel of a mask that can be reached from a seed to the owner of the seed that is nearest along steps
/// inside the mask; a step leads to one of the 26 neighbours and is as long as the distance of the two centres. Equal
/// distances go to the lower owner. Seeds outside the mask do nothing. Size z y x, spacing in mm z y x. Thread-safe.
/// Method: Dijkstra's shortest paths from many sources at once.
[[nodiscard]] GeodesicOwners SpreadInside(std::span<const std::uint8_t> mask, const Size3& size, const Vec3& spacing_mm,
                                          std::span<const GeodesicSeed> seeds);

}  // namespace dinsd
