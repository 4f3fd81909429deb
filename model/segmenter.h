#pragma once

#include <vector>

#include "gpu/voxel_types.h"

namespace dinsd {

/// A click on the network grid.
struct PlacedClick {
  Vec3 at;  // z y x, voxel centres at whole numbers
  Polarity polarity = Polarity::kPositive;
};

/// What the network sees: three dense arrays on the network grid, axis order z, y, x, x fastest; and what it does not
/// see, for whoever corrects what it says.
struct NetworkInput {
  Size3 size;                         // z even, y and x multiples of 16
  std::vector<float> image;           // after intensity normalisation
  std::vector<float> positive_guide;  // in [0, 1] for ExpDT; all zero without a positive click
  std::vector<float> negative_guide;
  std::vector<PlacedClick> clicks = {};  // those of the guides
  Vec3 voxel_mm{1, 1, 1};                // size of a voxel, z y x
};

/// Probability of tumour per voxel of the network grid, in [0, 1], axis order z, y, x.
struct ProbabilityMap {
  Size3 size;
  std::vector<float> tumour;
  std::vector<std::size_t> not_followed = {};  // which of the input's clicks the network itself answered otherwise,
                                               // where it was held to them (see ClickHold)
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
