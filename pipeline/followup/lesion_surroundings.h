#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "pipeline/read/volume.h"

namespace dinsd {

/// Voxels of a grid, i, j, k, half-open.
struct LesionBox {
  std::array<std::int64_t, 3> low{}, high{};
};

/// The smallest box round each label of a mask but 0.
[[nodiscard]] std::map<std::uint16_t, LesionBox> BoxesOf(const LabelMap& mask);

/// A lesion and what is round it, cut out of its grid.
struct LesionSurroundings {
  Size3 size;                      // of what was cut out
  std::vector<std::size_t> at;     // offsets in the grid, of its voxels in raster order
  std::vector<float> distance_mm;  // of each from the lesion within its slice; 0 in the lesion
};

/// Cuts out the lesion of `label`, whose box is `box`, and `margin_mm` round it within the slices, whose axis is
/// `across` (0 = i, 1 = j, 2 = k); what would lie outside of the grid is cut away.
[[nodiscard]] LesionSurroundings SurroundingsOf(const LabelMap& mask, std::uint16_t label, LesionBox box,
                                                std::size_t across, double margin_mm);

}  // namespace dinsd
