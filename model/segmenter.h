#pragma once

#include <vector>

#include "gpu/voxel_types.h"

namespace dinsd {

/// What the network sees: three dense arrays on the network grid, axis order z, y, x, x fastest.
struct NetworkInput {
  Size3 size;                         // z even, y and x multiples of 16
  std::vector<float> image;           // after intensity normalisation
  std::vector<float> positive_guide;  // in [0, 1] for ExpDT; all zero without a positive click
  std::vector<float> negative_guide;
};

/// Probability of tumour per voxel of the network grid, in [0, 1], axis order z, y, x.
struct ProbabilityMap {
  Size3 size;
  std::vector<float> tumour;
};

/// The seam between a study and the network: whatever turns an input into probabilities. Decorators (flip averaging,
/// checking) wrap another Segmenter. Not thread-safe: one per worker.
class Segmenter {
 public:
  virtual ~Segmenter() = default;

  /// Throws std::invalid_argument if a size is not legal for the network.
  [[nodiscard]] virtual ProbabilityMap Run(const NetworkInput& input) = 0;
};

}  // namespace dinsd
