#pragma once

#include <cstdint>
#include <stdexcept>

#include "model/interval_calibration.h"

namespace dinsd {

/// The re-runs of a study that tell how sure its volumes are.
struct IntervalOptions {
  int runs = 0;  // 0: none, and no volume has an interval
  std::int64_t seed = 1;
  RunVariation variation;
  bool even_uncalibrated = false;  // re-runs are made although no interval can come of them, for the spread alone: so
                                   // weights are calibrated at all

  /// Two volumes tell of no spread that is worth the name.
  [[nodiscard]] static constexpr bool IsRunCount(std::int64_t runs) { return runs == 0 || (runs >= 3 && runs <= 100); }

  /// Throws std::invalid_argument that names the field.
  void Check() const {
    const auto is_chance = [](double share) { return share >= 0 && share <= 1; };
    if (!IsRunCount(runs)) throw std::invalid_argument("runs must be 0, or 3 to 100");
    if (seed < 0) throw std::invalid_argument("seed must not be negative");
    if (!(variation.jitter_mm >= 0 && variation.jitter_mm <= 100))
      throw std::invalid_argument("jitter_mm must lie between 0 and 100");
    if (!is_chance(variation.drop)) throw std::invalid_argument("drop must lie between 0 and 1");
    if (!is_chance(variation.exchange)) throw std::invalid_argument("exchange must lie between 0 and 1");
    if (!is_chance(variation.shift)) throw std::invalid_argument("shift must lie between 0 and 1");
  }

  friend bool operator==(const IntervalOptions&, const IntervalOptions&) = default;
};

/// What the daemon and `dins segment` do with calibrated weights unless they are told otherwise: four re-runs, which
/// may take several times as long as the segmentation itself. On six whole bodies intervals from four were as narrow as
/// those from six; three made them wider (RESULTS.md).
inline constexpr int kUsualIntervalRuns = 4;

}  // namespace dinsd
