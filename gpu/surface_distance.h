#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "gpu/voxel_types.h"

namespace dinsd {

/// Distances between two surfaces in mm, both directions pooled. The surface of a mask is the mask without its erosion
/// by the 18-neighbourhood; each surface voxel's distance goes to the nearest surface voxel of the other mask.
struct SurfaceDistances {
  double assd = 0;  // mean
  double rmsd = 0;  // root mean square
  double hd = 0;    // maximum, the Hausdorff distance (the released code calls it MSD)
  double hd95 = 0;  // 95th percentile, linear between ranks
};

/// Nothing when either mask is empty. Size z y x, spacing in mm z y x (1, 1, 1 for distances in voxels).
[[nodiscard]] std::optional<SurfaceDistances> CompareSurfaces(std::span<const std::uint8_t> prediction,
                                                              std::span<const std::uint8_t> label, const Size3& size,
                                                              const Vec3& spacing);

}  // namespace dinsd
