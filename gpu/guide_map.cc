#include "gpu/guide_map.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

namespace dinsd {
namespace {

// exp(-x) is below the smallest normal single-precision number from here on.
constexpr double kLargestExponent = 87.0;

void CheckShapes(const Size3& size, std::span<const float> out) {
  if (size.z <= 0 || size.y <= 0 || size.x <= 0) throw std::invalid_argument("guide map: empty grid");
  if (out.size() != size.VoxelCount()) {
    throw std::invalid_argument("guide map: output has " + std::to_string(out.size()) + " voxels, the grid " +
                                std::to_string(size.VoxelCount()));
  }
}

void CheckClicks(const Size3& size, std::span<const Index3> clicks) {
  for (const Index3& click : clicks) {
    if (!Contains(size, click)) {
      throw std::invalid_argument("guide map: click (" + std::to_string(click.z) + ", " + std::to_string(click.y) +
                                  ", " + std::to_string(click.x) + ") lies outside the grid");
    }
  }
}

std::vector<Vec3> Points(std::span<const Index3> clicks) {
  std::vector<Vec3> points;
  points.reserve(clicks.size());
  for (const Index3& click : clicks) {
    points.push_back({static_cast<double>(click.z), static_cast<double>(click.y), static_cast<double>(click.x)});
  }
  return points;
}

struct Range {
  std::int64_t begin;
  std::int64_t end;
};

// The voxels of one axis on which one click can be seen.
Range Reach(double centre, double sigma, std::int64_t length) {
  const double radius = sigma * std::sqrt(2 * kLargestExponent);
  const auto begin = static_cast<std::int64_t>(std::ceil(centre - radius));
  const auto end = static_cast<std::int64_t>(std::floor(centre + radius)) + 1;
  return {std::clamp<std::int64_t>(begin, 0, length), std::clamp<std::int64_t>(end, 0, length)};
}

// The exponents of one axis; the map is separable, but max is taken of the product, so exponents are added.
std::vector<double> Exponents(double centre, double sigma, const Range& range) {
  std::vector<double> exponents;
  for (std::int64_t i = range.begin; i < range.end; ++i) {
    const double distance = static_cast<double>(i) - centre;
    exponents.push_back(distance * distance / (2 * sigma * sigma));
  }
  return exponents;
}

void AddClick(const Size3& size, const Vec3& click, const GuideMapOptions& options, std::span<float> out) {
  const std::array<Range, 3> range = {Reach(click.z, options.sigma.z, size.z), Reach(click.y, options.sigma.y, size.y),
                                      Reach(click.x, options.sigma.x, size.x)};
  const std::vector<double> ez = Exponents(click.z, options.sigma.z, range[0]);
  const std::vector<double> ey = Exponents(click.y, options.sigma.y, range[1]);
  const std::vector<double> ex = Exponents(click.x, options.sigma.x, range[2]);
  for (std::size_t z = 0; z < ez.size(); ++z) {
    for (std::size_t y = 0; y < ey.size(); ++y) {
      const double zy = ez[z] + ey[y];
      if (zy > kLargestExponent) continue;
      float* row = &out[Offset(size, {range[0].begin + static_cast<std::int64_t>(z),
                                      range[1].begin + static_cast<std::int64_t>(y), range[2].begin})];
      for (std::size_t x = 0; x < ex.size(); ++x) {
        const auto value = static_cast<float>(options.gamma * std::exp(-(zy + ex[x])));
        row[x] = std::max(row[x], value);
      }
    }
  }
}

}  // namespace

void GuideMapOptions::Check() const {
  if (!(sigma.z > 0 && sigma.y > 0 && sigma.x > 0)) throw std::invalid_argument("guide map: sigma must be positive");
  if (!(gamma > 0 && gamma <= 1)) throw std::invalid_argument("guide map: gamma must be in (0, 1]");
}

void ExponentialGuideMapAt(const Size3& size, std::span<const Vec3> points, const GuideMapOptions& options,
                           std::span<float> out) {
  options.Check();
  CheckShapes(size, out);
  std::fill(out.begin(), out.end(), 0.0F);
  for (const Vec3& point : points) AddClick(size, point, options, out);
}

void ExponentialGuideMap(const Size3& size, std::span<const Index3> clicks, const GuideMapOptions& options,
                         std::span<float> out) {
  CheckClicks(size, clicks);
  ExponentialGuideMapAt(size, Points(clicks), options, out);
}

void EuclideanGuideMapAt(const Size3& size, std::span<const Vec3> points, std::span<float> out) {
  CheckShapes(size, out);
  std::fill(out.begin(), out.end(), 0.0F);
  if (points.empty()) return;
  std::vector<double> nearest(static_cast<std::size_t>(size.x));  // squared, of one row
  for (std::size_t row = 0; row < out.size(); row += nearest.size()) {
    std::fill(nearest.begin(), nearest.end(), INFINITY);
    const Index3 v = IndexAt(size, row);
    for (const Vec3& p : points) {
      const double z = static_cast<double>(v.z) - p.z, y = static_cast<double>(v.y) - p.y;
      const double zy = z * z + y * y;
      for (std::size_t i = 0; i < nearest.size(); ++i) {
        const double x = static_cast<double>(i) - p.x;
        nearest[i] = std::min(nearest[i], zy + x * x);
      }
    }
    std::transform(nearest.begin(), nearest.end(), out.begin() + static_cast<std::ptrdiff_t>(row),
                   [](double squared) { return static_cast<float>(std::sqrt(squared)); });
  }
}

void EuclideanGuideMap(const Size3& size, std::span<const Index3> clicks, std::span<float> out) {
  CheckClicks(size, clicks);
  EuclideanGuideMapAt(size, Points(clicks), out);
}

}  // namespace dinsd
