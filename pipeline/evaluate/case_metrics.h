#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipeline/evaluate/evaluate_options.h"
#include "pipeline/read/volume.h"

namespace dinsd {

/// One number that is taken of every case.
struct Metric {
  std::string name;  // of its column, with its unit: assd_mm
  std::string definition;
};

/// The metrics under these options, in the order of the columns; P is the prediction, Q the truth.
[[nodiscard]] std::vector<Metric> MetricsUnder(const EvaluateOptions& options);

/// Rises whenever a number of the same masks may come out otherwise than before, so that no old row is taken for new.
inline constexpr int kMetricsVersion = 1;

/// What the metrics of one pair are, in the order of MetricsUnder; nothing where a metric is not defined. Both masks
/// empty: DSC 1, VOE, ARVD, VD, RVD and distances 0, F1 and PQ 1. One empty: no distances; truth empty: no ARVD.
/// Thread- safe. Throws InputError GRID_MISMATCH where the two grids differ in size or lie more than 0.05 mm apart at a
/// corner
/// (`file` names the prediction).
[[nodiscard]] std::vector<std::optional<double>> MeasureCase(const LabelMap& prediction, const LabelMap& truth,
                                                             const EvaluateOptions& options, const std::string& file);

}  // namespace dinsd
