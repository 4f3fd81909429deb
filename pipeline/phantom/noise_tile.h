#pragma once

#include <cstdint>
#include <vector>

#include "pipeline/phantom/body_point.h"

namespace dinsd {

/// Smooth random numbers over space, between -1 and 1: values at whole coordinates, blended in between, repeated every
/// 64 units. A function of the seed alone. Thread-safe.
class NoiseTile {
 public:
  NoiseTile(std::uint64_t seed, std::uint64_t stream);

  /// At p, which the caller has divided by the size of the wanted detail.
  [[nodiscard]] float At(BodyPoint p) const;

 private:
  std::vector<float> values_;
};

}  // namespace dinsd
