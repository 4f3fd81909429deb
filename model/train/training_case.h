#pragma once

#include <cstdint>
#include <vector>

#include "model/train/case_file.h"
#include "model/train/counter_random.h"
#include "model/train/train_options.h"

namespace dinsd {

/// A prepared case with its lesions told apart.
struct TrainingCase {
  const PreparedCase* prepared = nullptr;
  std::vector<std::vector<std::size_t>> lesions;  // offsets of the voxels of each; pieces of under 8 voxels only where
                                                  // there is nothing larger

  /// Cases with several lesions are trained as they are used: with clicks in every lesion.
  [[nodiscard]] bool HasManyLesions() const { return lesions.size() > 1; }
};

/// Finds the lesions: the pieces of the mask that touch by a corner. `prepared` must outlive what is returned.
[[nodiscard]] TrainingCase WithLesions(const PreparedCase& prepared);

/// The case of a step: its set drawn by options.mix (sets that are not named there are not drawn; without a mix every
/// case is as likely as another), then any case of it.
[[nodiscard]] const TrainingCase& DrawCase(const std::vector<TrainingCase>& cases, const TrainOptions& options,
                                           CounterRandom& random);

}  // namespace dinsd
