#pragma once

#include <cmath>
#include <numbers>
#include <string>

namespace dinsd {

/// How clicks and image of a study are varied when it is run again to see how far a volume hangs on them.
struct RunVariation {
  double jitter_mm = 5;    // a click moves by at most so much, and never to the other side of the outline
  double drop = 0.25;      // chance that a positive click is left out; a lesion keeps one
  double exchange = 0.25;  // chance that a positive click is set to another place deep inside the lesion
  double shift = 0.5;      // of a pixel: how far the image moves at most along each axis of a slice
  bool flips = true;       // each run sees the image mirrored in another way

  friend bool operator==(const RunVariation&, const RunVariation&) = default;
};

/// By what share the volume of a ball grows where its surface moves out by 1 mm: 3 / radius. `volume_ml` above 0.
[[nodiscard]] inline double SharePerMm(double volume_ml) {
  constexpr double kCubicMmPerMl = 1000;
  return 3 / std::cbrt(3 * kCubicMmPerMl * volume_ml / (4 * std::numbers::pi));
}

/// From what a program knows of one lesion (the standard deviation of the logarithm of its volume by re-runs and
/// sampling, and the volume) to how far volumes were in truth off, on what was measured:
/// sqrt(floor^2 + (factor * known)^2 + (edge_mm * SharePerMm(volume))^2). The last is an outline that lies so far in or
/// out, which a small lesion feels more than a large one. Not all are 0: no volume is known without error.
struct LogErrorRule {
  double factor = 0;
  double floor = 0;
  double edge_mm = 0;

  [[nodiscard]] double LogSd(double known, double volume_ml) const {
    return std::hypot(floor, factor * known, edge_mm * SharePerMm(volume_ml));
  }
  friend bool operator==(const LogErrorRule&, const LogErrorRule&) = default;
};

/// How far the volumes of one weights file are off, fitted on studies whose truth is known
/// (tests/benchmarks/interval/). It holds for re-runs that are varied in the same way, at least `runs` of them, and for
/// a threshold of 0.5 without averaged flips.
struct IntervalCalibration {
  RunVariation variation;
  int runs = 0;
  double volume_bias = 0;   // middle of ln(true / measured volume), for a volume without an edge ...
  double edge_bias_mm = 0;  // ... and what is added to it, times SharePerMm: below 0, outlines lie too far out
  LogErrorRule volume;      // so that +-1.645 standard deviations round it hold 90 % of the true volumes
  LogErrorRule change;      // of a timepoint: so that +-1.96 of two together hold 95 % of the true changes
  int least_slices = 3;   // `change` was fitted on lesions that span at least so many; `volume` on all that were found
  double slice_mm = 0;    // slice spacing of the studies; 0: not stated, and it is taken to hold for any
  std::string fitted_on;  // a clause for the report: which studies, how many lesions

  /// Whether it holds for slices that are so far apart: up to a tenth more or less than those it was fitted on.
  [[nodiscard]] bool HoldsForSlices(double spacing_mm) const {
    return slice_mm == 0 || std::abs(spacing_mm - slice_mm) <= slice_mm / 10;
  }
  friend bool operator==(const IntervalCalibration&, const IntervalCalibration&) = default;
};

}  // namespace dinsd
