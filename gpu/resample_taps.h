#pragma once

#include <cstdint>
#include <vector>

#include "gpu/resample.h"

namespace dinsd {

/// Where one output voxel of an axis reads under order 1: two neighbours and the weight of the second. Shared by the
/// CPU reference and the CUDA twin, so that both read the same voxels.
struct LinearTap {
  std::int64_t low = 0;
  std::int64_t high = 0;
  double weight = 0;
  bool is_outside = false;  // reads as 0
};

/// One tap per output voxel of an axis of `in` voxels that becomes `out` voxels.
[[nodiscard]] std::vector<LinearTap> LinearTaps(std::int64_t in, std::int64_t out, EdgeRule edge);

/// The input voxel of each output voxel under order 0; -1 reads as 0.
[[nodiscard]] std::vector<std::int64_t> NearestTaps(std::int64_t in, std::int64_t out, EdgeRule edge);

}  // namespace dinsd
