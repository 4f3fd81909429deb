#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "model/dins_network.h"

namespace dinsd {

/// What a TensorFlow checkpoint of the published implementation holds.
struct ImportedCheckpoint {
  int width = 0;
  DinsNetwork::Tensors tensors;      // in our layout, all 62
  std::vector<std::string> skipped;  // optimizer state and bookkeeping that is left out
};

/// Reads PREFIX.index and PREFIX.data-00000-of-00001 (TensorFlow's V2 tensor bundle: a LevelDB table of protocol-buffer
/// entries, and one data file). Takes both layouts met in practice, keys as they are and below "model/". The CRC32C of
/// every tensor is checked. Throws WeightsError: CHECKPOINT_FILE, CHECKPOINT_CRC (names the tensor),
/// CHECKPOINT_MISSING_TENSOR, CHECKPOINT_EXTRA_TENSOR, CHECKPOINT_TYPE, WEIGHTS_SHAPE, WEIGHTS_NOT_FINITE.
[[nodiscard]] ImportedCheckpoint ReadTensorFlowCheckpoint(const std::filesystem::path& prefix);

}  // namespace dinsd
