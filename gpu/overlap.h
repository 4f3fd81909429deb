#pragma once

#include <cstdint>
#include <span>

namespace dinsd {

/// How the voxels of a prediction P and a label Q (nonzero = inside) fall together.
struct Overlap {
  std::int64_t true_positives = 0;
  std::int64_t false_positives = 0;
  std::int64_t false_negatives = 0;
  std::int64_t true_negatives = 0;

  [[nodiscard]] std::int64_t PredictionVoxels() const { return true_positives + false_positives; }
  [[nodiscard]] std::int64_t LabelVoxels() const { return true_positives + false_negatives; }

  /// 2 |P and Q| / (|P| + |Q|). Two empty masks agree: 1.
  [[nodiscard]] double Dsc() const;

  /// Dice as the interaction loop counts it: (2I + 1e-8) / (|P| + |Q| + 1e-8).
  [[nodiscard]] double LoopDice() const;

  /// Volume overlap error, 1 - |P and Q| / |P or Q|. Two empty masks: 0.
  [[nodiscard]] double Voe() const;

  /// Absolute relative volume difference, ||P| - |Q|| / |Q|. Empty label: 0 if the prediction is empty too, else
  /// infinity.
  [[nodiscard]] double Arvd() const;

  /// |P| - |Q| in voxels (the released code has the other sign).
  [[nodiscard]] std::int64_t VolumeDifference() const { return PredictionVoxels() - LabelVoxels(); }

  /// Relative volume difference of the paper's Table IV, 2 (|P| - |Q|) / (|P| + |Q|). Two empty masks: 0.
  [[nodiscard]] double Rvd() const;
};

/// Throws std::invalid_argument on unequal lengths.
[[nodiscard]] Overlap CompareMasks(std::span<const std::uint8_t> prediction, std::span<const std::uint8_t> label);

}  // namespace dinsd
