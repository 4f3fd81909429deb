#include "pipeline/followup/mask_fit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "gpu/distance_transform.h"

namespace dinsd {
namespace {

constexpr double kRingMm = 8;

// The voxels of a lesion lie in a box of the grid, half-open.
struct LesionBox {
  std::array<std::int64_t, 3> low{}, high{};
};

std::map<std::uint16_t, LesionBox> BoxesOf(const LabelMap& mask) {
  std::map<std::uint16_t, LesionBox> boxes;
  std::size_t at = 0;
  for (std::int64_t k = 0; k < mask.grid.size[2]; ++k) {
    for (std::int64_t j = 0; j < mask.grid.size[1]; ++j) {
      for (std::int64_t i = 0; i < mask.grid.size[0]; ++i, ++at) {
        if (mask.labels[at] == 0) continue;
        const std::array<std::int64_t, 3> v = {i, j, k};
        const auto [box, is_new] = boxes.try_emplace(mask.labels[at], LesionBox{v, {i + 1, j + 1, k + 1}});
        for (std::size_t d = 0; d < 3 && !is_new; ++d) {
          box->second.low[d] = std::min(box->second.low[d], v[d]);
          box->second.high[d] = std::max(box->second.high[d], v[d] + 1);
        }
      }
    }
  }
  return boxes;
}

LesionBox Grown(LesionBox box, const GridGeometry& grid) {
  for (std::size_t d = 0; d < 2; ++d) {
    const auto margin = static_cast<std::int64_t>(std::ceil(kRingMm / grid.spacing[d]));
    box.low[d] = std::max<std::int64_t>(0, box.low[d] - margin);
    box.high[d] = std::min(grid.size[d], box.high[d] + margin);
  }
  return box;
}

// A lesion and what is round it, cut out of the grid.
class Surroundings {
 public:
  Surroundings(const Volume& image, const LabelMap& mask, std::uint16_t label, const LesionBox& box) : label_(label) {
    size_ = {box.high[2] - box.low[2], box.high[1] - box.low[1], box.high[0] - box.low[0]};
    for (std::int64_t k = box.low[2]; k < box.high[2]; ++k) {
      for (std::int64_t j = box.low[1]; j < box.high[1]; ++j) {
        for (std::int64_t i = box.low[0]; i < box.high[0]; ++i) {
          const std::size_t at = Offset(mask.grid.SizeZyx(), {k, j, i});
          values_.push_back(image.voxels[at]);
          labels_.push_back(mask.labels[at]);
        }
      }
    }
    Divide(mask.grid);
  }

  [[nodiscard]] LesionFit Fit() const {
    LesionFit fit{.label = label_, .mean = MeanOf(inside_), .round_voxels = static_cast<std::int64_t>(round_.size())};
    if (!round_.empty()) fit.round_mean = MeanOf(round_);
    AddRim(fit);
    return fit;
  }

 private:
  void Divide(const GridGeometry& grid) {
    std::vector<std::uint8_t> inside;
    inside.reserve(labels_.size());
    for (const std::uint16_t label : labels_) inside.push_back(label == label_ ? 1 : 0);
    const std::vector<float> distance = DistanceToMask(inside, size_, {1e4, grid.spacing[1], grid.spacing[0]});
    for (std::size_t n = 0; n < inside.size(); ++n) {
      if (inside[n] != 0) {
        inside_.push_back(values_[n]);
      } else if (distance[n] <= kRingMm && labels_[n] == 0) {
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
  for (const auto& [label, box] : BoxesOf(mask))
    fits.push_back(Surroundings(image, mask, label, Grown(box, mask.grid)).Fit());
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
