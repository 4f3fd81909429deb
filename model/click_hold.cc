#include "model/click_hold.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "gpu/mask_ops.h"
#include "model/click_lesions.h"

namespace dinsd {
namespace {

constexpr double kSmallestProbability = 1e-6;  // single precision says 0 and 1 too
constexpr double kNoise = 0.02;                // variance of a click beside the kernel's 1: near clicks may disagree
constexpr double kCutOff = 3;                  // reaches beyond which a correction is nothing

struct Observation {
  Index3 voxel;
  double intensity;
  std::int32_t lesion;   // see ClickLesions; 0 where no correction goes by it
  double missing;        // log-odds that the click's voxel lacks; 0 where it is followed
  bool is_contradicted;  // the network itself says the other class
};

double LogOdds(double p) {
  p = std::clamp(p, kSmallestProbability, 1 - kSmallestProbability);
  return std::log(p / (1 - p));
}

// Mean of the 3 x 3 voxels of the slice, fewer at its edge.
double MeanIntensity(const NetworkInput& input, const Index3& v) {
  double sum = 0;
  int count = 0;
  for (std::int64_t y = std::max<std::int64_t>(0, v.y - 1); y <= std::min(v.y + 1, input.size.y - 1); ++y) {
    for (std::int64_t x = std::max<std::int64_t>(0, v.x - 1); x <= std::min(v.x + 1, input.size.x - 1); ++x) {
      sum += static_cast<double>(input.image[Offset(input.size, {v.z, y, x})]);
      ++count;
    }
  }
  return sum / count;
}

// A tumour's own reach: a share of the edge of a cube of its volume, never less than the reach of every click.
std::vector<double> ReachOfLesions(const ClickLesions& lesions, const ClickHold& hold) {
  std::vector<double> reach;
  reach.reserve(static_cast<std::size_t>(lesions.Count()));
  for (std::int32_t k = 0; k < lesions.Count(); ++k) {
    reach.push_back(std::max(hold.reach_mm, hold.size_share * std::cbrt(lesions.VolumeMm3(k))));
  }
  return reach;
}

class Kernel {
 public:
  // `reach_of_lesions` is empty where corrections do not go by the tumour's size.
  Kernel(const ClickHold& hold, const Vec3& voxel_mm, std::vector<double> reach_of_lesions)
      : distance_(Scale(hold.reach_mm)),
        intensity_(Scale(hold.contrast)),
        reach_mm_(hold.reach_mm),
        reach_of_lesions_(std::move(reach_of_lesions)),
        voxel_mm_(voxel_mm) {}

  // Covariance of the corrections of a voxel of a tumour and of a click.
  [[nodiscard]] double operator()(const Index3& a, double intensity_a, std::int32_t lesion_a,
                                  const Observation& b) const {
    const double z = static_cast<double>(a.z - b.voxel.z) * voxel_mm_.z;
    const double y = static_cast<double>(a.y - b.voxel.y) * voxel_mm_.y;
    const double x = static_cast<double>(a.x - b.voxel.x) * voxel_mm_.x;
    const double squared = z * z + y * y + x * x;
    const double difference = intensity_a - b.intensity;
    const double near = std::exp(-squared * distance_ - difference * difference * intensity_);
    if (reach_of_lesions_.empty() || lesion_a != b.lesion) return near;
    return near + FarVariance(b.lesion) * std::exp(-squared * Scale(ReachOf(b.lesion)));
  }

  // Of a click's voxel with itself.
  [[nodiscard]] double Variance(const Observation& click) const {
    return reach_of_lesions_.empty() ? 1 : 1 + FarVariance(click.lesion);
  }

  // How far the corrections of a click go, but for the cut-off.
  [[nodiscard]] double Reach(const Observation& click) const {
    return reach_of_lesions_.empty() ? reach_mm_ : ReachOf(click.lesion);
  }

 private:
  static double Scale(double length) { return 0.5 / (length * length); }
  [[nodiscard]] double ReachOf(std::int32_t lesion) const {
    return reach_of_lesions_[static_cast<std::size_t>(lesion)];
  }

  // 0 for a tumour that is small beside the reach of every click, towards 1 for a large one.
  [[nodiscard]] double FarVariance(std::int32_t lesion) const { return 1 - reach_mm_ / ReachOf(lesion); }

  double distance_, intensity_, reach_mm_;
  std::vector<double> reach_of_lesions_;
  Vec3 voxel_mm_;
};

std::vector<Observation> Observe(const NetworkInput& input, const ClickHold& hold, const ProbabilityMap& map) {
  const double wanted = LogOdds(hold.confidence);
  std::vector<Observation> observations;
  for (const PlacedClick& click : input.clicks) {
    const Index3 voxel = NearestVoxel(click.at, input.size);
    const double said = LogOdds(static_cast<double>(map.tumour[Offset(map.size, voxel)]));
    const double missing =
        click.polarity == Polarity::kPositive ? std::max(0.0, wanted - said) : std::min(0.0, -wanted - said);
    const bool is_contradicted = click.polarity == Polarity::kPositive ? said <= 0 : said > 0;
    observations.push_back({voxel, MeanIntensity(input, voxel), 0, missing, is_contradicted});
  }
  return observations;
}

// Solves (kernel + noise) x = missing by Cholesky's decomposition.
std::vector<double> Weights(const std::vector<Observation>& seen, const Kernel& kernel) {
  const std::size_t n = seen.size();
  std::vector<std::vector<double>> lower(n, std::vector<double>(n));
  std::vector<double> x(n);
  for (std::size_t i = 0; i < n; ++i) {
    x[i] = seen[i].missing;
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = kernel(seen[i].voxel, seen[i].intensity, seen[i].lesion, seen[j]);
      if (i == j) sum += kNoise * kernel.Variance(seen[i]);
      for (std::size_t k = 0; k < j; ++k) sum -= lower[i][k] * lower[j][k];
      lower[i][j] = i == j ? std::sqrt(sum) : sum / lower[j][j];
    }
    for (std::size_t j = 0; j < i; ++j) x[i] -= lower[i][j] * x[j];
    x[i] /= lower[i][i];
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t j = i + 1; j < n; ++j) x[i] -= lower[j][i] * x[j];
    x[i] /= lower[i][i];
  }
  return x;
}

IndexBox Around(const Index3& middle, double reach_mm, const Vec3& voxel_mm, const Size3& size) {
  const auto steps = [&](double mm) { return static_cast<std::int64_t>(kCutOff * reach_mm / mm); };
  const std::int64_t z = steps(voxel_mm.z), y = steps(voxel_mm.y), x = steps(voxel_mm.x);
  return {{std::max<std::int64_t>(0, middle.z - z), std::max<std::int64_t>(0, middle.y - y),
           std::max<std::int64_t>(0, middle.x - x)},
          {std::min(size.z, middle.z + z + 1), std::min(size.y, middle.y + y + 1), std::min(size.x, middle.x + x + 1)}};
}

// Calls `on_voxel(voxel)` for each voxel of a box.
template <typename OnVoxel>
void ForEachVoxel(const IndexBox& box, OnVoxel on_voxel) {
  for (std::int64_t z = box.begin.z; z < box.end.z; ++z) {
    for (std::int64_t y = box.begin.y; y < box.end.y; ++y) {
      for (std::int64_t x = box.begin.x; x < box.end.x; ++x) on_voxel(Index3{z, y, x});
    }
  }
}

// What is added to the log-odds of every voxel.
std::vector<double> Change(const NetworkInput& input, const ClickHold& hold, const ProbabilityMap& map,
                           std::vector<Observation> seen) {
  std::optional<ClickLesions> lesions;
  if (hold.size_share > 0) lesions.emplace(input.clicks, input.voxel_mm, map);
  const auto lesion_of = [&](const Index3& v) { return lesions ? lesions->Of(v) : 0; };
  for (Observation& click : seen) click.lesion = lesion_of(click.voxel);
  const Kernel kernel(hold, input.voxel_mm, lesions ? ReachOfLesions(*lesions, hold) : std::vector<double>());
  const std::vector<double> weights = Weights(seen, kernel);
  std::vector<double> change(map.tumour.size());
  for (std::size_t i = 0; i < seen.size(); ++i) {
    ForEachVoxel(Around(seen[i].voxel, kernel.Reach(seen[i]), input.voxel_mm, input.size), [&](const Index3& v) {
      change[Offset(input.size, v)] += weights[i] * kernel(v, MeanIntensity(input, v), lesion_of(v), seen[i]);
    });
  }
  return change;
}

// Clicks of the other sign close by may outvote one: its own voxel follows it all the same, the latest of several.
void KeepSides(const NetworkInput& input, const ClickHold& hold, ProbabilityMap& map) {
  for (const PlacedClick& click : input.clicks) {
    float& p = map.tumour[Offset(map.size, NearestVoxel(click.at, map.size))];
    const bool is_positive = click.polarity == Polarity::kPositive;
    if ((p > 0.5F) != is_positive) p = static_cast<float>(is_positive ? hold.confidence : 1 - hold.confidence);
  }
}

// What a network is shown that is to know of no negative click.
NetworkInput WithoutNegative(NetworkInput input) {
  std::fill(input.negative_guide.begin(), input.negative_guide.end(), 0.0F);
  std::erase_if(input.clicks, [](const PlacedClick& click) { return click.polarity == Polarity::kNegative; });
  return input;
}

class HoldingSegmenter : public Segmenter {
 public:
  HoldingSegmenter(std::unique_ptr<Segmenter> inner, const ClickHold& hold) : inner_(std::move(inner)), hold_(hold) {}

  ProbabilityMap Run(const NetworkInput& input) override {
    ProbabilityMap map = hold_.negative_seen ? inner_->Run(input) : inner_->Run(WithoutNegative(input));
    HoldToClicks(input, hold_, map);
    return map;
  }

 private:
  std::unique_ptr<Segmenter> inner_;
  ClickHold hold_;
};

}  // namespace

bool IsLegal(const ClickHold& hold) {
  const bool is_reach = hold.reach_mm == 0 || (hold.reach_mm >= 0.1 && hold.reach_mm <= 1000);
  return is_reach && hold.contrast >= 0.01 && hold.contrast <= 1000 && hold.confidence > 0.5 &&
         hold.confidence <= 0.999 && hold.size_share >= 0 && hold.size_share <= 2;
}

void HoldToClicks(const NetworkInput& input, const ClickHold& hold, ProbabilityMap& map) {
  if (!hold.IsOn()) return;
  std::vector<Observation> seen = Observe(input, hold, map);
  if (std::none_of(seen.begin(), seen.end(), [](const Observation& o) { return o.missing != 0; })) return;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (seen[i].is_contradicted) map.not_followed.push_back(i);
  }
  const std::vector<double> change = Change(input, hold, map, std::move(seen));
  for (std::size_t at = 0; at < change.size(); ++at) {
    if (change[at] == 0) continue;
    const double log_odds = LogOdds(static_cast<double>(map.tumour[at])) + change[at];
    map.tumour[at] = static_cast<float>(1 / (1 + std::exp(-log_odds)));
  }
  KeepSides(input, hold, map);
}

std::unique_ptr<Segmenter> HoldingClicks(std::unique_ptr<Segmenter> inner, const ClickHold& hold) {
  return std::make_unique<HoldingSegmenter>(std::move(inner), hold);
}

}  // namespace dinsd
