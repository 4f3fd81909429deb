#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "pipeline/read/volume.h"

namespace dinsd {

/// Where inside a lesion a click could as well have been set, as voxels i, j, k, in raster order.
using InsideVoxels = std::vector<std::array<std::int64_t, 3>>;

/// Of each label 1 .. `lesions`, the voxels that lie at least half as deep inside it (mm to the nearest voxel of
/// another label or of none, also beyond the volume's border) as its deepest one; none where the label is absent.
/// Thread-safe.
[[nodiscard]] std::vector<InsideVoxels> DeepVoxels(const LabelMap& mask, std::size_t lesions);

}  // namespace dinsd
