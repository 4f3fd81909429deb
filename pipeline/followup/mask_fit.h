#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "pipeline/read/volume.h"

namespace dinsd {

/// How one lesion of a mask lies in the image. Round it is what lies within 8 mm of it in its slices and belongs to no
/// lesion; its rim are the pairs of neighbours in a slice of which one is in it and the other in no lesion.
struct LesionFit {
  std::uint16_t label = 0;
  double mean = 0;        // intensity in it
  double round_mean = 0;  // and round it; meaningless where round_voxels is 0
  std::int64_t round_voxels = 0;
  double rim_step = 0;  // mean step of intensity across the rim, inwards, over the deviation of all voxels in it and
                        // round it
  std::int64_t rim_pairs = 0;
};

/// Of each lesion of a mask, by label. Image and mask lie on one grid, whose slices lie along k.
[[nodiscard]] std::vector<LesionFit> FitOfLesions(const Volume& image, const LabelMap& mask);

/// The rims of all lesions together: where they lie on edges of the image, bright inside, the mean step is well above
/// 0; where a mask lies anywhere it is about 0, whatever is bright there.
struct RimFit {
  double step = 0;
  std::int64_t pairs = 0;

  /// How many deviations the step is away from chance: pairs are counted as if they were independent.
  [[nodiscard]] double Deviations() const;
};

/// Nothing without a pair.
[[nodiscard]] std::optional<RimFit> RimOf(const std::vector<LesionFit>& lesions);

}  // namespace dinsd
