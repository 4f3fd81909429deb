#include "pipeline/followup/similarity.h"

#include <algorithm>
#include <cmath>

namespace dinsd {
namespace {

constexpr std::size_t kBins = 32;

std::size_t BinOf(float value) {
  return static_cast<std::size_t>(std::clamp(static_cast<int>(value * kBins), 0, static_cast<int>(kBins) - 1));
}

double Entropy(std::span<const double> counts, double total) {
  double sum = 0;
  for (const double n : counts) {
    if (n > 0) sum -= n / total * std::log(n / total);
  }
  return sum;
}

// Moments and joint histogram of pairs of values.
struct Pairs {
  double count = 0, a = 0, b = 0, aa = 0, bb = 0, ab = 0;
  std::vector<double> joint = std::vector<double>(kBins * kBins, 0);

  void Add(float x, float y) {
    ++count;
    a += x;
    b += y;
    aa += static_cast<double>(x) * x;
    bb += static_cast<double>(y) * y;
    ab += static_cast<double>(x) * y;
    ++joint[BinOf(x) * kBins + BinOf(y)];
  }

  [[nodiscard]] double Correlation() const {
    const double spread = (aa - a * a / count) * (bb - b * b / count);
    return spread > 0 ? (ab - a * b / count) / std::sqrt(spread) : 0;
  }

  [[nodiscard]] double MutualInformation() const {
    std::vector<double> rows(kBins, 0), columns(kBins, 0);
    for (std::size_t r = 0; r < kBins; ++r) {
      for (std::size_t c = 0; c < kBins; ++c) {
        rows[r] += joint[r * kBins + c];
        columns[c] += joint[r * kBins + c];
      }
    }
    return Entropy(rows, count) + Entropy(columns, count) - Entropy(joint, count);
  }
};

}  // namespace

Similarity SimilarityOf(const WorkingImage& fixed, std::span<const std::size_t> samples, const WorkingImage& moving,
                        const SpatialMap& map) {
  Pairs pairs;
  for (const std::size_t at : samples) {
    float value = 0;
    if (ValueAt(moving, map.ToPriorInFrame(fixed.PlaceOf(at)), value)) pairs.Add(fixed.values[at], value);
  }
  if (samples.empty() || pairs.count < 2) return {};
  return {pairs.Correlation(), pairs.MutualInformation(), pairs.count / static_cast<double>(samples.size())};
}

}  // namespace dinsd
