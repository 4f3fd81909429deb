#include "pipeline/baseline/random_walker.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/random.h"

namespace dinsd {
namespace {

using Dense = std::vector<std::vector<double>>;

// Gauss with row exchange.
std::vector<double> SolveDense(Dense a, std::vector<double> b) {
  const std::size_t n = b.size();
  for (std::size_t k = 0; k < n; ++k) {
    std::size_t best = k;
    for (std::size_t i = k; i < n; ++i) best = std::abs(a[i][k]) > std::abs(a[best][k]) ? i : best;
    std::swap(a[k], a[best]);
    std::swap(b[k], b[best]);
    for (std::size_t i = k + 1; i < n; ++i) {
      const double f = a[i][k] / a[k][k];
      for (std::size_t j = k; j < n; ++j) a[i][j] -= f * a[k][j];
      b[i] -= f * b[k];
    }
  }
  for (std::size_t k = n; k-- > 0;) {
    for (std::size_t j = k + 1; j < n; ++j) b[k] -= a[k][j] * b[j];
    b[k] /= a[k][k];
  }
  return b;
}

// The definition: at a seed its value, elsewhere the weighted mean of the neighbours.
std::vector<double> DenseWalker(const std::vector<double>& image, const Size3& size, const Vec3& spacing,
                                const std::vector<Seed>& seeds, const RandomWalkerOptions& options,
                                const std::vector<double>& prior) {
  const std::size_t n = image.size();
  double mean = 0, squares = 0;
  for (const double v : image) mean += v / static_cast<double>(n);
  for (const double v : image) squares += (v - mean) * (v - mean) / static_cast<double>(n);
  Dense a(n, std::vector<double>(n));
  std::vector<double> b(n);
  for (std::size_t at = 0; at < n; ++at) {
    if (seeds[at] != Seed::kNone) {
      a[at][at] = 1;
      b[at] = seeds[at] == Seed::kForeground ? 1 : 0;
      continue;
    }
    const Index3 v = IndexAt(size, at);
    for (const Index3& d : NeighbourOffsets(Connectivity::k6)) {
      const Index3 w{v.z + d.z, v.y + d.y, v.x + d.x};
      if (!Contains(size, w)) continue;
      const double step = d.z != 0 ? spacing.z : d.y != 0 ? spacing.y : spacing.x;
      const bool is_slope = options.steps == WalkerSteps::kSlope;
      const double slope = (image[Offset(size, w)] - image[at]) / (is_slope ? step : 1);
      const double weight =
          (std::exp(-options.beta / (10 * std::sqrt(squares)) * slope * slope) + 1e-10) / (is_slope ? 1 : step * step);
      a[at][Offset(size, w)] -= weight;
      a[at][at] += weight;
    }
    if (prior.empty()) continue;
    a[at][at] += options.prior_weight;
    b[at] += options.prior_weight * prior[at];
  }
  return SolveDense(a, b);
}

std::vector<Seed> SomeSeeds(std::size_t count, TestRandom& random) {
  std::vector<Seed> seeds(count, Seed::kNone);
  for (int k = 0; k < 3; ++k) {
    seeds[static_cast<std::size_t>(random.Below(static_cast<std::int64_t>(count)))] = Seed::kForeground;
    seeds[static_cast<std::size_t>(random.Below(static_cast<std::int64_t>(count)))] = Seed::kBackground;
  }
  return seeds;
}

void ExpectDenseSolution(const std::vector<double>& image, const Size3& size, const Vec3& spacing,
                         const std::vector<Seed>& seeds, const RandomWalkerOptions& options,
                         const std::vector<double>& prior) {
  const std::vector<double> expected = DenseWalker(image, size, spacing, seeds, options, prior);
  const std::vector<double> found = WalkerProbability(image, size, spacing, seeds, options, {}, prior);
  const std::vector<double> guessed = WalkerProbability(image, size, spacing, seeds, options, expected, prior);
  for (std::size_t at = 0; at < image.size(); ++at) {
    EXPECT_NEAR(found[at], expected[at], 1e-8) << at;
    EXPECT_NEAR(guessed[at], expected[at], 1e-8) << at;
  }
}

TEST(RandomWalkerTest, EqualsADenseSolutionOfItsEquations) {
  TestRandom random(2006);
  for (int trial = 0; trial < 20; ++trial) {
    const Size3 size{2 + random.Below(3), 3 + random.Below(3), 4};
    const Vec3 spacing{1.5, 1, 1 + static_cast<double>(trial % 2)};
    std::vector<double> image(size.VoxelCount());
    for (double& v : image) v = 3 * random.Unit();
    std::vector<Seed> seeds = SomeSeeds(image.size(), random);
    seeds.front() = Seed::kForeground;
    seeds.back() = Seed::kBackground;
    for (const WalkerSteps steps : {WalkerSteps::kSlope, WalkerSteps::kFlow}) {
      const RandomWalkerOptions options{.beta = 4, .steps = steps, .prior_weight = 0.3, .tolerance = 1e-12};
      ExpectDenseSolution(image, size, spacing, seeds, options, {});
      std::vector<double> prior(image.size());
      for (double& p : prior) p = random.Unit();
      ExpectDenseSolution(image, size, spacing, seeds, options, prior);
    }
  }
}

TEST(RandomWalkerTest, FallsLinearlyBetweenTwoSeedsWhereTheImageIsFlat) {
  const std::vector<double> image(5, 7);
  std::vector<Seed> seeds(5, Seed::kNone);
  seeds.front() = Seed::kForeground;
  seeds.back() = Seed::kBackground;
  const std::vector<double> found = WalkerProbability(image, {1, 1, 5}, {1, 1, 1}, seeds, {.tolerance = 1e-12});
  for (std::size_t x = 0; x < 5; ++x) EXPECT_NEAR(found[x], 1 - static_cast<double>(x) / 4, 1e-9);
}

TEST(RandomWalkerTest, IsCertainWhereOneKindOfSeedIsMissing) {
  const std::vector<double> image{1, 2, 3, 4};
  std::vector<Seed> seeds(4, Seed::kNone);
  seeds[1] = Seed::kBackground;
  EXPECT_EQ(WalkerProbability(image, {1, 2, 2}, {1, 1, 1}, seeds, {}), std::vector<double>(4, 0));
  seeds[1] = Seed::kForeground;
  EXPECT_EQ(WalkerProbability(image, {1, 2, 2}, {1, 1, 1}, seeds, {}), std::vector<double>(4, 1));
}

TEST(RandomWalkerTest, SaysWhenItDoesNotConverge) {
  std::vector<double> image(1000);
  for (std::size_t at = 0; at < image.size(); ++at) image[at] = static_cast<double>(at * 7919 % 101);
  std::vector<Seed> seeds(1000, Seed::kNone);
  seeds.front() = Seed::kForeground;
  seeds.back() = Seed::kBackground;
  EXPECT_THROW(
      (void)WalkerProbability(image, {10, 10, 10}, {1, 1, 1}, seeds, {.tolerance = 1e-14, .most_iterations = 2}),
      std::runtime_error);
}

}  // namespace
}  // namespace dinsd
