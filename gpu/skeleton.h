#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "gpu/voxel_types.h"

namespace dinsd {

/// Medial axis of a 3D mask by directional thinning (Lee, Kashyap and Chu, CVGIP 56(6), 1994): border voxels are
/// removed from six sides in turn while that changes neither the number of pieces and holes nor an end of a line.
/// Deterministic; small even cubes (2x2x2, 4x4x4) vanish, as they do in the published implementations. Size z y x, x
/// fastest.
[[nodiscard]] std::vector<std::uint8_t> Skeletonize3d(std::span<const std::uint8_t> mask, const Size3& size);

/// Skeleton of one slice (rows x columns) by two-step thinning (Zhang and Suen, CACM 27(3), 1984).
[[nodiscard]] std::vector<std::uint8_t> Skeletonize2d(std::span<const std::uint8_t> mask, std::int64_t rows,
                                                      std::int64_t columns);

}  // namespace dinsd
