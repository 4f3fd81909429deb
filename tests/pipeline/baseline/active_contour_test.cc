#include "pipeline/baseline/active_contour.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace dinsd {
namespace {

constexpr Size3 kSize{7, 20, 24};
constexpr Vec3 kSpacing{2, 1, 1};

// A bright half (x < 12) and a dark one, the left wall and the right wall being background.
std::vector<double> TwoHalves() {
  std::vector<double> image(kSize.VoxelCount());
  for (std::size_t at = 0; at < image.size(); ++at) image[at] = IndexAt(kSize, at).x < 12 ? 1 : -1;
  return image;
}

TEST(ActiveContourTest, SpeedIsOneOnFlatGroundAndLeastAtTheEdge) {
  const std::vector<float> speed = EdgeSpeed(TwoHalves(), kSize, kSpacing, {});
  EXPECT_NEAR(speed[Offset(kSize, {3, 10, 2})], 1, 1e-3);
  EXPECT_LT(speed[Offset(kSize, {3, 10, 12})], 0.05);
  EXPECT_LT(speed[Offset(kSize, {3, 10, 11})], 0.05);
}

TEST(ActiveContourTest, FrontsMeetHalfWayOnFlatGround) {
  std::vector<Seed> seeds(kSize.VoxelCount(), Seed::kNone);
  for (std::size_t at = 0; at < seeds.size(); ++at) {
    const Index3 v = IndexAt(kSize, at);
    if (v.x == 0) seeds[at] = Seed::kForeground;
    if (v.x == 23) seeds[at] = Seed::kBackground;
  }
  const std::vector<std::uint8_t> mask =
      ActiveContour(std::vector<float>(seeds.size(), 1), kSize, kSpacing, seeds, {.iterations = 0});
  for (std::size_t at = 0; at < mask.size(); ++at) EXPECT_EQ(mask[at] != 0, IndexAt(kSize, at).x < 12) << at;
}

TEST(ActiveContourTest, FrontsAreSlowerWhereTheIntensitySpeaksForTheOtherSide) {
  std::vector<Seed> seeds(kSize.VoxelCount(), Seed::kNone);
  std::vector<double> share(seeds.size());
  for (std::size_t at = 0; at < seeds.size(); ++at) {
    const Index3 v = IndexAt(kSize, at);
    if (v.x == 0) seeds[at] = Seed::kForeground;
    if (v.x == 23) seeds[at] = Seed::kBackground;
    share[at] = v.x < 18 ? 0.99 : 0.01;
  }
  const std::vector<std::uint8_t> mask = ActiveContour(std::vector<float>(seeds.size(), 1), kSize, kSpacing, seeds,
                                                       {.least_share = 0.01, .share_power = 1, .iterations = 0}, share);
  for (std::size_t at = 0; at < mask.size(); ++at) EXPECT_EQ(mask[at] != 0, IndexAt(kSize, at).x < 18) << at;
}

TEST(ActiveContourTest, StopsAtTheEdgeThoughTheOtherFrontIsFarAway) {
  std::vector<Seed> seeds(kSize.VoxelCount(), Seed::kNone);
  seeds[Offset(kSize, {3, 10, 10})] = Seed::kForeground;
  seeds[Offset(kSize, {3, 10, 23})] = Seed::kBackground;
  const ActiveContourOptions options;
  const std::vector<float> speed = EdgeSpeed(TwoHalves(), kSize, kSpacing, options);
  const std::vector<std::uint8_t> mask = ActiveContour(speed, kSize, kSpacing, seeds, options);
  std::size_t wrong = 0;
  for (std::size_t at = 0; at < mask.size(); ++at) wrong += (mask[at] != 0) != (IndexAt(kSize, at).x < 12) ? 1 : 0;
  EXPECT_LT(wrong, mask.size() / 20);
}

TEST(ActiveContourTest, CurvatureRoundsACorner) {
  std::vector<Seed> seeds(kSize.VoxelCount(), Seed::kBackground);
  for (std::size_t at = 0; at < seeds.size(); ++at) {
    const Index3 v = IndexAt(kSize, at);
    if (v.y >= 2 && v.y < 18 && v.x >= 2 && v.x < 22) seeds[at] = Seed::kNone;
  }
  seeds[Offset(kSize, {3, 10, 12})] = Seed::kForeground;
  const std::vector<float> speed(seeds.size(), 1);
  const auto count = [&](double curvature) {
    const ActiveContourOptions options{.propagation = 0, .curvature = curvature, .advection = 0, .iterations = 40};
    const auto mask = ActiveContour(speed, kSize, kSpacing, seeds, options);
    return std::count(mask.begin(), mask.end(), 1);
  };
  EXPECT_LT(count(1), count(0));
}

TEST(ActiveContourTest, IsAllOrNothingWhereOneKindOfSeedIsMissing) {
  const std::vector<float> speed(kSize.VoxelCount(), 1);
  std::vector<Seed> seeds(speed.size(), Seed::kNone);
  seeds[5] = Seed::kBackground;
  EXPECT_EQ(ActiveContour(speed, kSize, kSpacing, seeds, {}), std::vector<std::uint8_t>(speed.size(), 0));
  seeds[5] = Seed::kForeground;
  EXPECT_EQ(ActiveContour(speed, kSize, kSpacing, seeds, {}), std::vector<std::uint8_t>(speed.size(), 1));
}

TEST(ActiveContourTest, TakesARegionOfThreeSlices) {
  const Size3 size{3, 8, 8};
  std::vector<Seed> seeds(size.VoxelCount(), Seed::kNone);
  seeds[Offset(size, {1, 4, 4})] = Seed::kForeground;
  seeds[0] = Seed::kBackground;
  const std::vector<float> speed = EdgeSpeed(std::vector<double>(seeds.size(), 0), size, kSpacing, {});
  const std::vector<std::uint8_t> mask = ActiveContour(speed, size, kSpacing, seeds, {});
  EXPECT_EQ(mask[Offset(size, {1, 4, 4})], 1);
  EXPECT_EQ(mask[0], 0);
}

}  // namespace
}  // namespace dinsd
