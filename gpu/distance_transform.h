#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "gpu/voxel_types.h"

namespace dinsd {

/// Distance in mm from each voxel centre to the nearest nonzero voxel's centre of `mask`; 0 on the mask, infinity
/// everywhere when it is empty. Exact, separable (Felzenszwalb and Huttenlocher, Theory of Computing 8, 2012). Size z y
/// x, x fastest; spacing in mm z y x, each > 0. Throws std::invalid_argument.
[[nodiscard]] std::vector<float> DistanceToMask(std::span<const std::uint8_t> mask, const Size3& size,
                                                const Vec3& spacing);

/// The same distances squared, in mm2, as they are before rounding to float.
[[nodiscard]] std::vector<double> SquaredDistanceToMask(std::span<const std::uint8_t> mask, const Size3& size,
                                                        const Vec3& spacing);

}  // namespace dinsd
