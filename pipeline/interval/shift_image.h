#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "gpu/voxel_types.h"

namespace dinsd {

/// `voxels` (k slowest, i fastest) seen from a place that lies `shift` voxels (i, j, k, each -1 to 1) further along:
/// the new voxel v is the old image at v + shift, trilinear, the outermost voxels going on outside. A shift of 0 along
/// an axis leaves it as it is. Thread-safe.
[[nodiscard]] std::vector<float> Shifted(const std::vector<float>& voxels, const Size3& size,
                                         const std::array<double, 3>& shift);

}  // namespace dinsd
