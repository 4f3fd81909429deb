#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "model/dins_network.h"

namespace dinsd {

/// A training as it stands after `step` steps.
struct TrainingCheckpoint {
  std::int64_t step = 0;
  double learning_rate = 0;      // of the plateau schedule
  double best_score = -1;        // best validation score so far
  double lowest_loss = 1e30;     // of the plateau schedule
  std::int64_t stale = 0;        // validations since then
  std::string options;           // TrainOptions in words; a resumed training must have the same
  DinsNetwork::Tensors tensors;  // weights/NAME and the optimizer's state
};

/// The file appears whole or not at all. Throws std::runtime_error that names it.
void SaveCheckpoint(const std::filesystem::path& path, const TrainingCheckpoint& checkpoint);
[[nodiscard]] TrainingCheckpoint LoadCheckpoint(const std::filesystem::path& path);

}  // namespace dinsd
