#pragma once

#include "pipeline/read/volume.h"

namespace dinsd {

/// Whether two grids have the same size and put each corner voxel's centre at the same place, within `tolerance_mm`
/// along every world axis.
[[nodiscard]] bool IsSameGrid(const GridGeometry& a, const GridGeometry& b, double tolerance_mm);

}  // namespace dinsd
