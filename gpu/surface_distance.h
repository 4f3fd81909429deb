#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "gpu/connected_components.h"
#include "gpu/voxel_types.h"

namespace dinsd {

/// Distances between two surfaces in mm. The surface of a mask is the mask without its erosion (outside the grid
/// nothing is in the mask); each surface voxel's distance goes from its centre to the nearest surface voxel's centre of
/// the other mask. "Pooled" takes the distances of both directions as one sample, in which the larger surface counts
/// more.
struct SurfaceDistances {
  double assd = 0;                // pooled mean (the released code, and MedPy)
  double rmsd = 0;                // pooled root mean square
  double hd = 0;                  // maximum, the Hausdorff distance of the surfaces (the released code calls it MSD)
  double hd95 = 0;                // pooled 95th percentile, linear between ranks (MedPy)
  double hd95_of_directions = 0;  // the larger of the two directions' 95th percentiles, each linear between ranks
};

/// Nothing when either mask is empty. Size z y x, spacing in mm z y x (1, 1, 1 for distances in voxels); `erosion` is
/// the neighbourhood that the surface is found by: 18 as in the released code of DINs, 6 as in MedPy's default. Throws
/// std::invalid_argument on unequal sizes.
[[nodiscard]] std::optional<SurfaceDistances> CompareSurfaces(std::span<const std::uint8_t> prediction,
                                                              std::span<const std::uint8_t> label, const Size3& size,
                                                              const Vec3& spacing,
                                                              Connectivity erosion = Connectivity::k18);

/// Hausdorff distance in mm between the masks themselves, inner voxels included: the largest distance from a voxel of
/// either mask to the nearest voxel of the other (ITK's HausdorffDistanceImageFilter). Never larger than that of the
/// surfaces. Nothing when either mask is empty. Throws std::invalid_argument on unequal sizes.
[[nodiscard]] std::optional<double> HausdorffOfMasks(std::span<const std::uint8_t> prediction,
                                                     std::span<const std::uint8_t> label, const Size3& size,
                                                     const Vec3& spacing);

}  // namespace dinsd
