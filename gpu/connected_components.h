#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "gpu/voxel_types.h"

namespace dinsd {

/// Which voxels touch: those that share a face (6), a face or an edge (18), or a corner too (26).
enum class Connectivity { k6 = 6, k18 = 18, k26 = 26 };

/// The pieces of a mask. labels[v] is 0 outside the mask, else 1, 2, ... in the raster order of each piece's first
/// voxel; sizes[label - 1] is its number of voxels.
struct Components {
  std::vector<std::int32_t> labels;
  std::vector<std::int64_t> sizes;
};

/// Connected components of the nonzero voxels of `mask` (size z y x, x fastest): runs of each row joined by union-find.
/// Throws std::invalid_argument if mask and size differ.
[[nodiscard]] Components LabelComponents(std::span<const std::uint8_t> mask, const Size3& size,
                                         Connectivity connectivity);

}  // namespace dinsd
