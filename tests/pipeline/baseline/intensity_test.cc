#include "pipeline/baseline/intensity.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace dinsd {
namespace {

TEST(IntensityTest, TheShareIsOfTheSideWhoseSeedsLookAlike) {
  std::vector<double> image(100);
  std::vector<Seed> seeds(100, Seed::kNone);
  for (std::size_t at = 0; at < 100; ++at) image[at] = at < 50 ? 0 : 10;
  std::fill_n(seeds.begin(), 5, Seed::kBackground);
  std::fill_n(seeds.begin() + 50, 5, Seed::kForeground);
  const std::vector<double> share = ForegroundShare(image, seeds, {});
  EXPECT_LT(share[30], 0.05);
  EXPECT_GT(share[80], 0.95);
  const IntensityCosts costs = CostsOfIntensity(image, seeds, {});
  EXPECT_NEAR(share[80],
              std::exp(-costs.foreground[80]) / (std::exp(-costs.foreground[80]) + std::exp(-costs.background[80])),
              1e-12);
}

TEST(IntensityTest, ASideWithoutSeedsIsEvenEverywhere) {
  const std::vector<double> image{0, 1, 2, 3};
  const IntensityCosts costs =
      CostsOfIntensity(image, std::vector<Seed>{Seed::kBackground, Seed::kNone, Seed::kNone, Seed::kNone}, {});
  for (const double cost : costs.foreground) EXPECT_NEAR(cost, std::log(IntensityOptions().bins), 1e-12);
  EXPECT_LT(costs.background[0], costs.background[3]);
}

}  // namespace
}  // namespace dinsd
