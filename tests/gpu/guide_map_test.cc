#include "gpu/guide_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/random.h"

namespace dinsd {
namespace {

using testing::Each;

// The formula of the header, voxel by voxel.
std::vector<float> PlainGuideMap(const Size3& size, const std::vector<Index3>& clicks, const Vec3& sigma) {
  std::vector<float> out(size.VoxelCount(), 0.0F);
  for (std::size_t at = 0; at < out.size(); ++at) {
    const Index3 v = IndexAt(size, at);
    for (const Index3& c : clicks) {
      const double z = static_cast<double>(v.z - c.z) / sigma.z;
      const double y = static_cast<double>(v.y - c.y) / sigma.y;
      const double x = static_cast<double>(v.x - c.x) / sigma.x;
      out[at] = std::max(out[at], static_cast<float>(std::exp(-(z * z + y * y + x * x) / 2)));
    }
  }
  return out;
}

TEST(ExponentialGuideMap, EqualsThePlainFormulaForRandomClicks) {
  TestRandom random(7);
  for (int round = 0; round < 20; ++round) {
    const Size3 size{1 + random.Below(7), 1 + random.Below(40), 1 + random.Below(40)};
    std::vector<Index3> clicks(static_cast<std::size_t>(random.Below(4)));
    for (Index3& c : clicks) {
      c = {random.Below(size.z), random.Below(size.y), random.Below(size.x)};
    }
    const Vec3 sigma{0.3 + 3 * random.Unit(), 1 + 5 * random.Unit(), 1 + 5 * random.Unit()};
    std::vector<float> out(size.VoxelCount());
    ExponentialGuideMap(size, clicks, {.sigma = sigma}, out);
    const std::vector<float> expected = PlainGuideMap(size, clicks, sigma);
    for (std::size_t i = 0; i < out.size(); ++i) ASSERT_NEAR(out[i], expected[i], kGuideMapAbsTolerance);
  }
}

TEST(ExponentialGuideMap, IsZeroWithoutClicksAndOneAtAClick) {
  const Size3 size{2, 3, 4};
  std::vector<float> out(size.VoxelCount(), 5.0F);
  ExponentialGuideMap(size, {}, {}, out);
  EXPECT_THAT(out, Each(0.0F));
  const std::vector<Index3> clicks = {{1, 2, 3}};
  ExponentialGuideMap(size, clicks, {}, out);
  EXPECT_EQ(out.back(), 1.0F);
}

TEST(ExponentialGuideMap, DoesNotDependOnTheOrderOfClicks) {
  const Size3 size{4, 20, 20};
  std::vector<Index3> clicks = {{0, 1, 2}, {3, 10, 10}, {2, 5, 19}};
  std::vector<float> there(size.VoxelCount()), back(size.VoxelCount());
  ExponentialGuideMap(size, clicks, {}, there);
  std::reverse(clicks.begin(), clicks.end());
  ExponentialGuideMap(size, clicks, {}, back);
  EXPECT_EQ(there, back);
}

TEST(ExponentialGuideMap, RefusesWhatDoesNotFit) {
  const Size3 size{2, 2, 2};
  std::vector<float> out(8), other(7);
  const std::vector<Index3> outside = {{0, 2, 0}};
  EXPECT_THROW(ExponentialGuideMap(size, outside, {}, out), std::invalid_argument);
  EXPECT_THROW(ExponentialGuideMap(size, {}, {}, other), std::invalid_argument);
  EXPECT_THROW(ExponentialGuideMap(size, {}, {.sigma = {0, 1, 1}}, out), std::invalid_argument);
  EXPECT_THROW(ExponentialGuideMap(size, {}, {.gamma = 2}, out), std::invalid_argument);
}

TEST(EuclideanGuideMap, IsTheDistanceToTheNearestClick) {
  const Size3 size{1, 1, 7};
  std::vector<float> out(7);
  const std::vector<Index3> clicks = {{0, 0, 0}, {0, 0, 5}};
  EuclideanGuideMap(size, clicks, out);
  EXPECT_THAT(out, testing::ElementsAre(0, 1, 2, 2, 1, 0, 1));
  EuclideanGuideMap(size, {}, out);
  EXPECT_THAT(out, Each(0.0F));
}

TEST(GeodesicGuideMap, IsAChamferDistanceWithoutIntensity) {
  const Size3 size{1, 3, 3};
  const std::vector<float> flat(9, 4.0F);
  std::vector<float> out(9);
  const std::vector<Index3> clicks = {{0, 0, 0}};
  GeodesicGuideMap(size, clicks, flat, {.lambda = 0}, out);
  EXPECT_FLOAT_EQ(out[2], 2.0F);
  EXPECT_FLOAT_EQ(out[4], std::sqrt(2.0F));
  EXPECT_FLOAT_EQ(out[8], 2 * std::sqrt(2.0F));
}

TEST(GeodesicGuideMap, GrowsAcrossAnEdgeOnly) {
  const Size3 size{1, 1, 4};
  const std::vector<float> step = {1, 1, 3, 3};
  std::vector<float> out(4);
  const std::vector<Index3> clicks = {{0, 0, 0}};
  GeodesicGuideMap(size, clicks, step, {.lambda = 1}, out);
  EXPECT_NEAR(out[1], 1e-5, 1e-7);
  EXPECT_NEAR(out[2], 2.00002, 1e-5);
  EXPECT_NEAR(out[3], 2.00003, 1e-5);
}

}  // namespace
}  // namespace dinsd
