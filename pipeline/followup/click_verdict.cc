#include "pipeline/followup/click_verdict.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "pipeline/prompt/side_check.h"

namespace dinsd {
namespace {

constexpr int kLeastVoxels = 20;

// Linear between voxels; nothing outside of the grid.
std::optional<double> ValueAt(const Volume& volume, const std::array<double, 3>& lps) {
  const std::array<double, 3> index = IndexFromLps(volume.grid, lps);
  std::array<std::int64_t, 3> low{};
  std::array<double, 3> part{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const auto last = static_cast<double>(volume.grid.size.at(axis) - 1);
    if (!(index.at(axis) >= 0 && index.at(axis) <= last)) return std::nullopt;
    low.at(axis) = static_cast<std::int64_t>(std::min(std::floor(index.at(axis)), std::max(last - 1, 0.0)));
    part.at(axis) = index.at(axis) - static_cast<double>(low.at(axis));
  }
  double value = 0;
  for (unsigned corner = 0; corner < 8; ++corner) {
    double weight = 1;
    std::array<std::int64_t, 3> at = low;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const bool is_high = ((corner >> axis) & 1U) != 0;
      weight *= is_high ? part.at(axis) : 1 - part.at(axis);
      at.at(axis) = std::min(at.at(axis) + (is_high ? 1 : 0), volume.grid.size.at(axis) - 1);
    }
    if (weight > 0)
      value += weight * static_cast<double>(volume.voxels[Offset(volume.grid.SizeZyx(), {at[2], at[1], at[0]})]);
  }
  return value;
}

struct Sums {
  double n = 0, a = 0, b = 0, aa = 0, bb = 0, ab = 0;

  void Add(double x, double y) {
    ++n;
    a += x;
    b += y;
    aa += x * x;
    bb += y * y;
    ab += x * y;
  }

  [[nodiscard]] std::optional<double> Correlation() const {
    const double va = aa / n - a / n * a / n, vb = bb / n - b / n * b / n;
    if (n < kLeastVoxels || !(va > 1e-9 * aa / n) || !(vb > 1e-9 * bb / n)) return std::nullopt;
    return std::clamp((ab / n - a / n * b / n) / std::sqrt(va * vb), -1.0, 1.0);
  }
};

double Distance(const std::array<double, 3>& a, const std::array<double, 3>& b) {
  return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

}  // namespace

std::optional<double> SimilarityRound(const std::array<double, 3>& today_lps, const Volume& today, const Volume& prior,
                                      const StudyRegistration& registration) {
  const GridGeometry& grid = today.grid;
  const std::array<double, 3> centre = IndexFromLps(grid, today_lps);
  std::array<std::int64_t, 3> low{}, high{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const double reach = kSimilarityRadiusMm / grid.spacing.at(axis);
    low.at(axis) = std::max<std::int64_t>(0, static_cast<std::int64_t>(std::ceil(centre.at(axis) - reach)));
    high.at(axis) = std::min(grid.size.at(axis) - 1, static_cast<std::int64_t>(std::floor(centre.at(axis) + reach)));
  }
  Sums sums;
  for (std::int64_t k = low[2]; k <= high[2]; ++k) {
    for (std::int64_t j = low[1]; j <= high[1]; ++j) {
      for (std::int64_t i = low[0]; i <= high[0]; ++i) {
        const std::array<double, 3> lps =
            LpsFromIndex(grid, {static_cast<double>(i), static_cast<double>(j), static_cast<double>(k)});
        if (Distance(lps, today_lps) > kSimilarityRadiusMm) continue;
        const std::optional<double> before = ValueAt(prior, registration.ToPrior(lps));
        if (before) sums.Add(static_cast<double>(today.voxels[Offset(grid.SizeZyx(), {k, j, i})]), *before);
      }
    }
  }
  return sums.n > 0 ? sums.Correlation() : std::nullopt;
}

bool ChangedSide(double today_x, std::optional<double> today_middle, double prior_x,
                 std::optional<double> prior_middle) {
  if (!today_middle || !prior_middle) return false;
  const double now = today_x - *today_middle, before = prior_x - *prior_middle;
  return std::abs(now) > kSideToleranceMm && std::abs(before) > kSideToleranceMm && (now > 0) != (before > 0);
}

}  // namespace dinsd
