#include "model/train/training_clicks.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "gpu/connected_components.h"
#include "gpu/distance_transform.h"

namespace dinsd {
namespace {

// So far apart that another slice never counts as near.
constexpr double kOtherSlice = 1e6;
constexpr Index3 kApart{1, 10, 10};

std::vector<std::uint8_t> Inverted(const std::vector<std::uint8_t>& mask) {
  std::vector<std::uint8_t> inverted(mask.size());
  std::transform(mask.begin(), mask.end(), inverted.begin(), [](std::uint8_t v) { return v != 0 ? 0 : 1; });
  return inverted;
}

bool IsApart(const Index3& a, const Index3& b) {
  return std::abs(a.z - b.z) >= kApart.z || std::abs(a.y - b.y) >= kApart.y || std::abs(a.x - b.x) >= kApart.x;
}

// Draws up to `count` voxels out of `candidates`, apart from each other.
void DrawApart(std::vector<std::size_t> candidates, const Size3& size, std::int64_t count, Polarity polarity,
               CounterRandom& random, std::vector<Click>& clicks) {
  std::vector<Index3> drawn;
  while (!candidates.empty() && static_cast<std::int64_t>(drawn.size()) < count) {
    const Index3 v = IndexAt(
        size,
        candidates[static_cast<std::size_t>(random.Between(0, static_cast<std::int64_t>(candidates.size()) - 1))]);
    drawn.push_back(v);
    clicks.push_back({v, polarity});
    std::erase_if(candidates, [&](std::size_t at) { return !IsApart(IndexAt(size, at), v); });
  }
}

// Voxels off the mask with a distance in [low, high].
std::vector<std::size_t> WithDistance(const std::vector<float>& distance, double low, double high) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < distance.size(); ++i) {
    if (distance[i] > 0 && distance[i] >= low && distance[i] <= high) found.push_back(i);
  }
  return found;
}

std::vector<std::size_t> Interior(const std::vector<std::uint8_t>& mask, const Size3& size, int margin) {
  const std::vector<float> depth = DistanceToMask(Inverted(mask), size, {kOtherSlice, 1, 1});
  for (int least = margin; least > 0; --least) {
    std::vector<std::size_t> found = WithDistance(depth, least, INFINITY);
    if (!found.empty()) return found;
  }
  return WithDistance(depth, 0, INFINITY);
}

// min_clicks_per_lesion to max_clicks_per_lesion clicks in each lesion's part of the crop.
void DrawInEveryLesion(const Crop& crop, const TrainOptions& options, CounterRandom& random,
                       std::vector<Click>& clicks) {
  const Components parts = LabelComponents(crop.mask, crop.size, Connectivity::k26);
  std::vector<std::vector<std::size_t>> candidates(parts.sizes.size());
  for (const std::size_t at : Interior(crop.mask, crop.size, 1)) {
    candidates[static_cast<std::size_t>(parts.labels[at] - 1)].push_back(at);
  }
  for (auto& voxels : candidates) {
    DrawApart(std::move(voxels), crop.size,
              random.Between(options.min_clicks_per_lesion, options.max_clicks_per_lesion), Polarity::kPositive, random,
              clicks);
  }
}

}  // namespace

std::vector<Click> DrawTrainingClicks(const Crop& crop, const TrainOptions& options, CounterRandom& random) {
  std::vector<Click> clicks;
  const auto positives = random.Between(1, options.max_clicks_per_sign);
  const auto negatives = random.Between(0, options.max_clicks_per_sign);
  const bool wants_band = random.Unit() < 0.5;
  if (crop.has_many_lesions) {
    DrawInEveryLesion(crop, options, random, clicks);
    if (wants_band) return clicks;  // people rarely click what is no tumour in the first place
  } else {
    DrawApart(Interior(crop.mask, crop.size, options.boundary_margin), crop.size, positives, Polarity::kPositive,
              random, clicks);
  }
  const std::vector<float> outside = DistanceToMask(crop.mask, crop.size, {1, 1, 1});
  DrawApart(WithDistance(outside, options.boundary_margin, wants_band ? options.negative_band : INFINITY), crop.size,
            negatives, Polarity::kNegative, random, clicks);
  return clicks;
}

}  // namespace dinsd
