#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "pipeline/read/volume.h"

namespace dinsd {

/// How bright a lesion is against what surrounds it: voxels of the mask's label against those within 8 mm of it in its
/// slices that belong to no lesion.
struct LesionContrast {
  double upper_quartile = 0;  // of the lesion
  double ring_median = 0;     // of what surrounds it
};

/// Of each label of the mask; without those that nothing surrounds. Both lie on one grid. Thread-safe.
[[nodiscard]] std::map<std::uint16_t, LesionContrast> ContrastsOf(const Volume& image, const LabelMap& mask);

/// What is left of a lesion's contrast where it lies today: 1 as much as in the prior image, 0 nothing. The upper
/// quartile counts, so that a lesion that shrank or was brought over a little beside its place has contrast left.
/// Signals of the two images are made alike by their rings. Nothing where the prior had no contrast itself.
[[nodiscard]] std::optional<double> ContrastLeft(const LesionContrast& prior, const LesionContrast& today);

/// Below it a lesion may be gone: chosen on phantoms with removed lesions (RESULTS.md).
inline constexpr double kLeastContrastLeft = 0.5;

}  // namespace dinsd
