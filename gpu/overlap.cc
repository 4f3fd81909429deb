#include "gpu/overlap.h"

#include <cstdlib>
#include <limits>
#include <stdexcept>

namespace dinsd {
namespace {

double Ratio(std::int64_t numerator, std::int64_t denominator, double if_zero) {
  return denominator == 0 ? if_zero : static_cast<double>(numerator) / static_cast<double>(denominator);
}

}  // namespace

double Overlap::Dsc() const {
  return Ratio(2 * true_positives, PredictionVoxels() + LabelVoxels(), 1);
}

double Overlap::LoopDice() const {
  constexpr double kSmooth = 1e-8;
  return (2 * static_cast<double>(true_positives) + kSmooth) /
         (static_cast<double>(PredictionVoxels() + LabelVoxels()) + kSmooth);
}

double Overlap::Voe() const {
  return 1 - Ratio(true_positives, true_positives + false_positives + false_negatives, 1);
}

double Overlap::Arvd() const {
  const double if_label_is_empty = PredictionVoxels() == 0 ? 0 : std::numeric_limits<double>::infinity();
  return Ratio(std::abs(VolumeDifference()), LabelVoxels(), if_label_is_empty);
}

double Overlap::Rvd() const {
  return Ratio(2 * VolumeDifference(), PredictionVoxels() + LabelVoxels(), 0);
}

Overlap CompareMasks(std::span<const std::uint8_t> prediction, std::span<const std::uint8_t> label) {
  if (prediction.size() != label.size()) throw std::invalid_argument("overlap: masks differ in size");
  Overlap overlap;
  for (std::size_t i = 0; i < prediction.size(); ++i) {
    const bool p = prediction[i] != 0;
    const bool q = label[i] != 0;
    overlap.true_positives += p && q;
    overlap.false_positives += p && !q;
    overlap.false_negatives += !p && q;
    overlap.true_negatives += !p && !q;
  }
  return overlap;
}

}  // namespace dinsd
