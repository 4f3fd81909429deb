#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace dinsd {

/// A lesion of the truth and the lesion of the prediction that counts as the same one.
struct LesionMatch {
  std::int32_t prediction = 0;  // their labels
  std::int32_t truth = 0;
  double iou = 0;  // |P and Q| / |P or Q| of the two

  friend bool operator==(const LesionMatch&, const LesionMatch&) = default;
};

/// Lesions found, missed and invented at one IoU threshold.
struct LesionDetection {
  std::int64_t predicted_lesions = 0;
  std::int64_t true_lesions = 0;
  std::vector<LesionMatch> matches;  // true positives, largest IoU first

  /// Matched / true lesions; nothing where there is no true lesion.
  [[nodiscard]] std::optional<double> Sensitivity() const;
  /// Matched / predicted lesions; nothing where none was predicted.
  [[nodiscard]] std::optional<double> Precision() const;
  /// 2 matched / (predicted + true lesions), also called recognition quality. No lesion on either side: 1.
  [[nodiscard]] double F1() const;
  /// SQ, the mean IoU of the matches; nothing without a match.
  [[nodiscard]] std::optional<double> SegmentationQuality() const;
  /// PQ = SQ x F1 = sum of IoU / (matched + (missed + invented) / 2); 0 without a match, 1 without a lesion on either
  /// side. Method: Kirillov et al., Panoptic Segmentation, CVPR 2019.
  [[nodiscard]] double PanopticQuality() const;
};

/// Matches the lesions of two label arrays of the same grid (0 = background, every other value one lesion) one to one:
/// pairs with an IoU of at least `threshold` (in (0, 1]) are taken largest IoU first (ties: smaller truth label, then
/// smaller prediction label). Above 0.5 no lesion has two candidates, so that the order does not matter. Thread-safe.
/// Throws std::invalid_argument on unequal lengths, a negative label or a threshold out of range.
[[nodiscard]] LesionDetection MatchLesions(std::span<const std::int32_t> prediction,
                                           std::span<const std::int32_t> truth, double threshold);

}  // namespace dinsd
