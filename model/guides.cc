#include "model/guides.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "gpu/guide_map.h"
#include "model/box_mode.h"

namespace dinsd {
namespace {

Size3 SizeOf(const IndexBox& box) {
  return {box.end.z - box.begin.z, box.end.y - box.begin.y, box.end.x - box.begin.x};
}

// One map per distinct spread, merged by max.
std::vector<float> Exponential(const NetworkGrid& grid, std::span<const GuidedClick> clicks, const Vec3& spacing_mm) {
  std::vector<std::pair<GuideSpread, std::vector<Index3>>> groups;
  for (const GuidedClick& c : clicks) {
    auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& g) { return g.first == c.spread; });
    if (group == groups.end()) group = groups.insert(groups.end(), {c.spread, {}});
    group->second.push_back(c.click.voxel);
  }
  if (groups.empty()) return std::vector<float>(grid.network().VoxelCount());
  std::vector<float> guide = grid.ExponentialGuide(groups.front().second, groups.front().first, spacing_mm);
  for (std::size_t g = 1; g < groups.size(); ++g) {
    const std::vector<float> other = grid.ExponentialGuide(groups[g].second, groups[g].first, spacing_mm);
    std::transform(guide.begin(), guide.end(), other.begin(), guide.begin(),
                   [](float a, float b) { return std::max(a, b); });
  }
  return guide;
}

Index3 NearestInside(const Size3& size, const Vec3& point) {
  const auto on = [](double at, std::int64_t length) {
    return std::clamp(static_cast<std::int64_t>(std::floor(at + 0.5)), std::int64_t{0}, length - 1);
  };
  return {on(point.z, size.z), on(point.y, size.y), on(point.x, size.x)};
}

std::vector<float> EverySecond(std::span<const float> image, const Size3& size) {
  std::vector<float> half;
  half.reserve(image.size() / 4);
  for (std::int64_t z = 0; z < size.z; ++z) {
    for (std::int64_t y = 0; y < size.y; y += 2) {
      for (std::int64_t x = 0; x < size.x; x += 2) half.push_back(image[Offset(size, {z, y, x})]);
    }
  }
  return half;
}

// A distance map on one grid, in its voxels.
std::vector<float> Distance(const Size3& size, std::span<const Vec3> points, std::span<const float> image,
                            const GuideRule& rule) {
  std::vector<float> map(size.VoxelCount());
  if (rule.kind == GuideKind::kEuclidean) {
    EuclideanGuideMapAt(size, points, map);
    return map;
  }
  std::vector<Index3> voxels;
  voxels.reserve(points.size());
  for (const Vec3& p : points) voxels.push_back(NearestInside(size, p));
  GeodesicOptions options;
  if (rule.kind == GuideKind::kBlend) options.blend = GeodesicBlend{rule.alpha, rule.beta};
  GeodesicGuideMap(size, voxels, image, options, map);
  return map;
}

std::vector<float> HalfSizeDistance(const Size3& size, std::span<const Vec3> points, std::span<const float> image,
                                    const GuideRule& rule) {
  const Size3 half{size.z, size.y / 2, size.x / 2};
  std::vector<Vec3> halved;
  for (const Vec3& p : points) {
    const Index3 v = NearestInside(size, p);
    const Index3 h{v.z, v.y / 2, v.x / 2};
    halved.push_back({static_cast<double>(h.z), static_cast<double>(h.y), static_cast<double>(h.x)});
  }
  const bool needs_image = rule.kind != GuideKind::kEuclidean;
  const std::vector<float> small = needs_image ? EverySecond(image, size) : std::vector<float>();
  return ResampleLinear(Distance(half, halved, small, rule), half, size, EdgeRule::kClamp);
}

// Clicks of one polarity, their guide, and the image that it may need.
struct Maker {
  const NetworkGrid& grid;
  const IndexBox& window;
  std::span<const float> image;
  const GuideRule& rule;
  const Vec3& spacing_mm;

  [[nodiscard]] std::vector<float> Guide(std::span<const GuidedClick> all, Polarity polarity) const {
    std::vector<GuidedClick> clicks;
    std::copy_if(all.begin(), all.end(), std::back_inserter(clicks),
                 [&](const GuidedClick& c) { return c.click.polarity == polarity; });
    const Size3 size = SizeOf(window);
    if (clicks.empty()) return std::vector<float>(size.VoxelCount());
    if (!rule.IsDistance()) {
      std::vector<float> whole = Exponential(grid, clicks, spacing_mm);
      return size == grid.network() ? whole : CutOut<float>(whole, grid.network(), window);
    }
    std::vector<float> map = rule.is_half ? HalfSizeDistance(size, PointsInside(clicks), image, rule)
                                          : Distance(size, PointsInside(clicks), image, rule);
    if (rule.scale != 1) {
      for (float& v : map) v = static_cast<float>(v * rule.scale);
    }
    return map;
  }

  [[nodiscard]] std::vector<PlacedClick> Placed(std::span<const GuidedClick> clicks) const {
    const std::vector<Vec3> points = PointsInside(clicks);
    std::vector<PlacedClick> placed;
    for (std::size_t i = 0; i < points.size(); ++i) placed.push_back({points[i], clicks[i].click.polarity});
    return placed;
  }

  [[nodiscard]] std::vector<Vec3> PointsInside(std::span<const GuidedClick> clicks) const {
    const Size3 size = SizeOf(window);
    const auto on = [](double at, std::int64_t begin, std::int64_t length) {
      return std::clamp(at - static_cast<double>(begin), 0.0, static_cast<double>(length - 1));
    };
    std::vector<Vec3> points;
    for (const GuidedClick& c : clicks) {
      const Vec3 p = grid.OnNetwork(c.click.voxel);
      points.push_back(
          {on(p.z, window.begin.z, size.z), on(p.y, window.begin.y, size.y), on(p.x, window.begin.x, size.x)});
    }
    return points;
  }
};

}  // namespace

std::vector<GuidedClick> WithSpread(std::span<const Click> clicks, const GuideSpread& spread) {
  std::vector<GuidedClick> guided;
  guided.reserve(clicks.size());
  for (const Click& click : clicks) guided.push_back({click, spread});
  return guided;
}

NetworkInput MakeWindowInput(const NetworkGrid& grid, const IndexBox& window, std::vector<float> image,
                             std::span<const GuidedClick> clicks, const GuideRule& rule, const Vec3& spacing_mm) {
  const Size3 size = SizeOf(window);
  if (image.size() != size.VoxelCount()) throw std::invalid_argument("guides: the image is not one of their grid");
  const Maker maker{grid, window, image, rule, spacing_mm};
  std::vector<float> positive = maker.Guide(clicks, Polarity::kPositive);
  std::vector<float> negative = maker.Guide(clicks, Polarity::kNegative);
  std::vector<PlacedClick> placed = maker.Placed(clicks);
  return {
      size, std::move(image), std::move(positive), std::move(negative), std::move(placed), grid.VoxelMm(spacing_mm)};
}

NetworkInput MakeInput(const NetworkGrid& grid, std::vector<float> image, std::span<const GuidedClick> clicks,
                       const GuideRule& rule, const Vec3& spacing_mm) {
  const Size3& size = grid.network();
  return MakeWindowInput(grid, {{0, 0, 0}, {size.z, size.y, size.x}}, std::move(image), clicks, rule, spacing_mm);
}

}  // namespace dinsd
