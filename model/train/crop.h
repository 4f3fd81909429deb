#pragma once

#include <cstdint>
#include <vector>

#include "gpu/voxel_types.h"
#include "model/train/case_file.h"
#include "model/train/counter_random.h"
#include "model/train/train_options.h"

namespace dinsd {

/// A piece of a case, augmented: what one training step sees.
struct Crop {
  Size3 size;
  std::vector<float> image;
  std::vector<std::uint8_t> mask;
};

/// Cuts a crop of at most options.crop out of a case, never beyond it: padding would change what the instance norm
/// sees. tumour_share of the crops are placed so that a random tumour voxel lies in them. Then in-plane scale and
/// rotation about the middle (image linear, mask nearest, edge voxels repeated), flips and gamma, each drawn from
/// `random`.
[[nodiscard]] Crop DrawCrop(const PreparedCase& source, const TrainOptions& options, CounterRandom& random);

}  // namespace dinsd
