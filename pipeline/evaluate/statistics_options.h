#pragma once

#include <cstdint>
#include <stdexcept>

namespace dinsd {

/// How intervals are drawn: percentile bootstrap of the mean over cases.
struct BootstrapOptions {
  std::uint64_t seed = 20220207;
  int resamples = 10'000;
  double level = 0.95;

  /// Throws std::invalid_argument that names the field.
  void Check() const {
    if (resamples < 1) throw std::invalid_argument("resamples must be at least 1");
    if (!(level > 0 && level < 1)) throw std::invalid_argument("level must lie between 0 and 1");
  }
};

}  // namespace dinsd
