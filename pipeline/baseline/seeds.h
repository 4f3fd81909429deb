#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "pipeline/baseline/region.h"

namespace dinsd {

/// What a voxel is known to be before a baseline runs.
enum class Seed : std::uint8_t { kNone, kForeground, kBackground };

/// Seeds of a region: its border is background (along axes of at least three voxels); each click inside it (on the
/// image) is a ball of `radius_mm` round the middle of its voxel, which always holds that voxel. A voxel of several
/// balls belongs to the nearest click, of equally near ones to the latest.
[[nodiscard]] std::vector<Seed> PlaceSeeds(const Region& region, std::span<const Click> clicks, double radius_mm);

}  // namespace dinsd
