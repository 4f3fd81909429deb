#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "model/network.h"

namespace dinsd {

/// How long a training has waited for a lower validation loss.
struct Patience {
  double lowest_loss = 1e30;  // of a validation
  std::int64_t stale = 0;     // validations since then
  double minutes = 0;         // wall time of the training so far, over all its runs
  bool is_over = false;       // the training has ended for it
};

/// A training as it stands after `step` steps.
struct TrainingCheckpoint {
  std::int64_t step = 0;
  double learning_rate = 0;          // of the plateau schedule
  double best_score = -1;            // best validation score so far
  double lowest_loss = 1e30;         // of the plateau schedule
  std::int64_t stale = 0;            // validations since then
  std::string options;               // TrainOptions in words; a resumed training must have the same
  std::optional<Patience> patience;  // of a training that may stop early
  Network::Tensors tensors;          // weights/NAME and the optimizer's state
};

/// The file appears whole or not at all. Throws std::runtime_error that names it.
void SaveCheckpoint(const std::filesystem::path& path, const TrainingCheckpoint& checkpoint);
[[nodiscard]] TrainingCheckpoint LoadCheckpoint(const std::filesystem::path& path);

}  // namespace dinsd
