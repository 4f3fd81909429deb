#pragma once

#include <vector>

#include "gpu/voxel_types.h"
#include "model/train/counter_random.h"
#include "model/train/crop.h"

namespace dinsd {

/// Clicks drawn from the truth, as the paper trains: 1 to N positive ones inside the tumour, 0 to N negative ones from
/// anywhere outside or (half of the steps) from a band around it; each at least boundary_margin voxels from the
/// boundary within its slice where the mask leaves such voxels, and at least 1, 10, 10 voxels (z, y, x) from each
/// other. In a crop of a case with several lesions each lesion gets min_ to max_clicks_per_lesion positive ones, off
/// the boundary where it can, and half of the steps have no negative ones.
[[nodiscard]] std::vector<Click> DrawTrainingClicks(const Crop& crop, const TrainOptions& options,
                                                    CounterRandom& random);

}  // namespace dinsd
