#include "pipeline/interval/sampling.h"

#include <algorithm>
#include <cmath>

#include "model/train/counter_random.h"

namespace dinsd {
namespace {

// The whole numbers within `reach` of `centre`.
struct Stretch {
  std::int64_t first, last;

  Stretch(double centre, double reach)
      : first(static_cast<std::int64_t>(std::ceil(centre - reach))),
        last(static_cast<std::int64_t>(std::floor(centre + reach))) {}
};

}  // namespace

std::int64_t VoxelsInside(const SampledBall& ball) {
  const double radius = ball.diameter_mm / 2;
  const auto [dz, dy, dx] = ball.spacing_mm;
  const auto [cz, cy, cx] = ball.centre;
  std::int64_t voxels = 0;
  const auto half = [](double square) { return std::sqrt(std::max(0.0, square)); };
  const Stretch slices(cz, radius / dz);
  for (std::int64_t k = slices.first; k <= slices.last; ++k) {
    const double z = (static_cast<double>(k) - cz) * dz, in_slice = radius * radius - z * z;
    const Stretch rows(cy, half(in_slice) / dy);
    for (std::int64_t j = rows.first; j <= rows.last; ++j) {
      const double y = (static_cast<double>(j) - cy) * dy;
      const Stretch row(cx, half(in_slice - y * y) / dx);
      voxels += row.last - row.first + 1;
    }
  }
  return voxels;
}

double SamplingLogSd(double volume_ml, const std::array<double, 3>& spacing_mm, int positions, std::uint64_t seed) {
  if (!(volume_ml > 0) || positions < 2) return 0;
  SampledBall ball{.diameter_mm = std::cbrt(6 * volume_ml * 1000 / std::acos(-1.0)), .spacing_mm = spacing_mm};
  CounterRandom random(seed, 0);
  double sum = 0, squares = 0;
  for (int n = 0; n < positions; ++n) {
    for (double& c : ball.centre) c = random.Unit();
    const double log = std::log(std::max(0.5, static_cast<double>(VoxelsInside(ball))));
    sum += log;
    squares += log * log;
  }
  const double mean = sum / positions;
  return std::sqrt(std::max(0.0, (squares - positions * mean * mean) / (positions - 1)));
}

}  // namespace dinsd
