#include "pipeline/followup/mask_fit.h"

#include <algorithm>
#include <cmath>

#include "pipeline/followup/lesion_surroundings.h"

namespace dinsd {
namespace {

constexpr double kRingMm = 8;
constexpr std::size_t kSliceAxis = 2;  // k

// A lesion and what is round it, cut out of the grid.
class Surroundings {
 public:
  Surroundings(const Volume& image, const LabelMap& mask, std::uint16_t label, const LesionBox& box) : label_(label) {
    const LesionSurroundings around = SurroundingsOf(mask, label, box, kSliceAxis, kRingMm);
    size_ = around.size;
    for (const std::size_t at : around.at) {
      values_.push_back(image.voxels[at]);
      labels_.push_back(mask.labels[at]);
    }
    Divide(around.distance_mm);
  }

  [[nodiscard]] LesionFit Fit() const {
    LesionFit fit{.label = label_, .mean = MeanOf(inside_), .round_voxels = static_cast<std::int64_t>(round_.size())};
    if (!round_.empty()) fit.round_mean = MeanOf(round_);
    AddRim(fit);
    return fit;
  }

 private:
  void Divide(const std::vector<float>& distance_mm) {
    for (std::size_t n = 0; n < labels_.size(); ++n) {
      if (labels_[n] == label_) {
        inside_.push_back(values_[n]);
      } else if (distance_mm[n] <= kRingMm && labels_[n] == 0) {
        round_.push_back(values_[n]);
      }
    }
  }

  static double MeanOf(const std::vector<float>& values) {
    double sum = 0;
    for (const float value : values) sum += value;
    return sum / static_cast<double>(values.size());
  }

  void AddRim(LesionFit& fit) const {
    double sum = 0;
    const auto add = [&](std::size_t a, std::size_t b) {
      const bool a_is_in = labels_[a] == label_;
      if (a_is_in == (labels_[b] == label_) || labels_[a_is_in ? b : a] != 0) return;
      sum += a_is_in ? values_[a] - values_[b] : values_[b] - values_[a];
      ++fit.rim_pairs;
    };
    std::size_t at = 0;
    for (std::int64_t k = 0; k < size_.z; ++k) {
      for (std::int64_t j = 0; j < size_.y; ++j) {
        for (std::int64_t i = 0; i < size_.x; ++i, ++at) {
          if (i + 1 < size_.x) add(at, at + 1);
          if (j + 1 < size_.y) add(at, at + static_cast<std::size_t>(size_.x));
        }
      }
    }
    if (fit.rim_pairs > 0) fit.rim_step = sum / static_cast<double>(fit.rim_pairs) / Deviation();
  }

  [[nodiscard]] double Deviation() const {
    double sum = 0, squares = 0;
    for (const std::vector<float>* part : {&inside_, &round_}) {
      for (const float value : *part) {
        sum += value;
        squares += static_cast<double>(value) * value;
      }
    }
    const auto count = static_cast<double>(inside_.size() + round_.size());
    const double mean = sum / count;
    return std::sqrt(std::max(squares / count - mean * mean, 1e-12));
  }

  std::uint16_t label_;
  Size3 size_;
  std::vector<float> values_;
  std::vector<std::uint16_t> labels_;
  std::vector<float> inside_, round_;
};

}  // namespace

std::vector<LesionFit> FitOfLesions(const Volume& image, const LabelMap& mask) {
  std::vector<LesionFit> fits;
  for (const auto& [label, box] : BoxesOf(mask)) fits.push_back(Surroundings(image, mask, label, box).Fit());
  return fits;
}

double RimFit::Deviations() const {
  return step * std::sqrt(static_cast<double>(pairs));
}

std::optional<RimFit> RimOf(const std::vector<LesionFit>& lesions) {
  RimFit rim;
  for (const LesionFit& lesion : lesions) {
    rim.step += lesion.rim_step * static_cast<double>(lesion.rim_pairs);
    rim.pairs += lesion.rim_pairs;
  }
  if (rim.pairs == 0) return {};
  rim.step /= static_cast<double>(rim.pairs);
  return rim;
}

}  // namespace dinsd
