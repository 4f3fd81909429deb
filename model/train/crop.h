#pragma once

#include <cstdint>
#include <vector>

#include "gpu/voxel_types.h"
#include "model/train/counter_random.h"
#include "model/train/train_options.h"
#include "model/train/training_case.h"

namespace dinsd {

/// A piece of a case, augmented: what one training step sees.
struct Crop {
  Size3 size;
  std::vector<float> image;
  std::vector<std::uint8_t> mask;
  bool has_many_lesions = false;  // of its case
};

/// Cuts a crop of at most options.crop out of a case, never beyond it: padding would change what the instance norm
/// sees. tumour_share of the crops are placed so that they hold a random voxel of a random lesion (lesions first, so
/// that small ones are seen as often as large ones). Then in-plane scale and
/// rotation about the middle (image linear, mask nearest, edge voxels repeated), flips and gamma, each drawn from
/// `random`.
[[nodiscard]] Crop DrawCrop(const TrainingCase& from, const TrainOptions& options, CounterRandom& random);

}  // namespace dinsd
