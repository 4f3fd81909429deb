#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "pipeline/read/volume.h"

namespace dinsd {

/// One to three positive clicks for the tumour with this label, as a person would set them: well inside its outline on
/// a slice, the first on its largest slice, the others far from those before; more for tumours on more slices. LPS mm,
/// rounded to 0.01 mm, each inside a voxel of the label. A function of truth, label and seed. None when the label is
/// absent.
[[nodiscard]] std::vector<std::array<double, 3>> ClicksOf(const LabelMap& truth, std::uint16_t label,
                                                          std::uint64_t seed);

}  // namespace dinsd
