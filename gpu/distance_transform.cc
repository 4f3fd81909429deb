#include "gpu/distance_transform.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace dinsd {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Squared distances along one line: the lower envelope of the parabolas f[i] + (spacing (q - i))^2.
class LineTransform {
 public:
  explicit LineTransform(std::int64_t longest)
      : values_(static_cast<std::size_t>(longest)), apex_(values_.size()), border_(values_.size() + 1) {}

  void Run(double* data, std::int64_t count, std::int64_t stride, double spacing) {
    for (std::int64_t i = 0; i < count; ++i) values_[static_cast<std::size_t>(i)] = data[i * stride];
    const std::size_t parabolas = Envelope(count, spacing * spacing);
    if (parabolas == 0) return;
    std::size_t k = 0;
    for (std::int64_t q = 0; q < count; ++q) {
      while (k + 1 < parabolas && border_[k + 1] < static_cast<double>(q)) ++k;
      const auto steps = static_cast<double>(q - apex_[k]);
      data[q * stride] = values_[static_cast<std::size_t>(apex_[k])] + spacing * spacing * steps * steps;
    }
  }

 private:
  std::size_t Envelope(std::int64_t count, double weight) {
    std::size_t k = 0;
    for (std::int64_t q = 0; q < count; ++q) {
      const double value = values_[static_cast<std::size_t>(q)];
      if (value == kInfinity) continue;
      double border = -kInfinity;
      while (k > 0) {
        const std::int64_t p = apex_[k - 1];
        const double other = values_[static_cast<std::size_t>(p)];
        const auto qq = static_cast<double>(q), pp = static_cast<double>(p);
        border = ((value + weight * qq * qq) - (other + weight * pp * pp)) / (2 * weight * (qq - pp));
        if (border > border_[k - 1]) break;
        --k;
        border = -kInfinity;
      }
      apex_[k] = q;
      border_[k] = border;
      ++k;
    }
    return k;
  }

  std::vector<double> values_;
  std::vector<std::int64_t> apex_;
  std::vector<double> border_;
};

}  // namespace

std::vector<double> SquaredDistanceToMask(std::span<const std::uint8_t> mask, const Size3& size, const Vec3& spacing) {
  if (mask.size() != size.VoxelCount()) throw std::invalid_argument("distance: mask and its size differ");
  if (!(spacing.z > 0 && spacing.y > 0 && spacing.x > 0))
    throw std::invalid_argument("distance: spacing must be positive");
  std::vector<double> squared(mask.size());
  for (std::size_t i = 0; i < mask.size(); ++i) squared[i] = mask[i] != 0 ? 0 : kInfinity;
  LineTransform line(std::max({size.z, size.y, size.x}));
  for (std::int64_t z = 0; z < size.z; ++z) {
    for (std::int64_t y = 0; y < size.y; ++y) line.Run(&squared[Offset(size, {z, y, 0})], size.x, 1, spacing.x);
    for (std::int64_t x = 0; x < size.x; ++x) line.Run(&squared[Offset(size, {z, 0, x})], size.y, size.x, spacing.y);
  }
  for (std::int64_t y = 0; y < size.y; ++y) {
    for (std::int64_t x = 0; x < size.x; ++x)
      line.Run(&squared[Offset(size, {0, y, x})], size.z, size.y * size.x, spacing.z);
  }
  return squared;
}

std::vector<float> DistanceToMask(std::span<const std::uint8_t> mask, const Size3& size, const Vec3& spacing) {
  const std::vector<double> squared = SquaredDistanceToMask(mask, size, spacing);
  std::vector<float> distance(mask.size());
  for (std::size_t i = 0; i < mask.size(); ++i) distance[i] = static_cast<float>(std::sqrt(squared[i]));
  return distance;
}

}  // namespace dinsd
