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

// Noise on a few plateaus, where cheapest paths wind.
struct Noise {
  Size3 size;
  std::vector<float> image;
  std::vector<Index3> clicks;

  explicit Noise(TestRandom& random) : size{1 + random.Below(6), 1 + random.Below(24), 1 + random.Below(24)} {
    for (std::size_t i = 0; i < size.VoxelCount(); ++i) {
      image.push_back(static_cast<float>(random.Below(4)) + 0.2F * static_cast<float>(random.Unit()));
    }
    clicks.resize(static_cast<std::size_t>(1 + random.Below(3)));
    for (Index3& c : clicks) c = {random.Below(size.z), random.Below(size.y), random.Below(size.x)};
  }
};

std::vector<GeodesicOptions> StepCosts() {
  return {{.lambda = 1},
          {.lambda = 0},
          {.lambda = 0.5, .spacing = {3, 1, 0.7}},
          {.blend = GeodesicBlend{1, 1}},
          {.blend = GeodesicBlend{0.2, 3}}};
}

TEST(GeodesicGuideMap, SettlesAtTheExactMap) {
  TestRandom random(11);
  for (int round = 0; round < 20; ++round) {
    const Noise noise(random);
    for (GeodesicOptions options : StepCosts()) {
      options.iterations = 40;
      std::vector<float> scanned(noise.image.size()), exact(noise.image.size());
      GeodesicGuideMap(noise.size, noise.clicks, noise.image, options, scanned);
      ExactGeodesicGuideMap(noise.size, noise.clicks, noise.image, options, exact);
      for (std::size_t i = 0; i < exact.size(); ++i) {
        ASSERT_NEAR(scanned[i], exact[i], kGeodesicRelTolerance * exact[i]) << "voxel " << i;
      }
    }
  }
}

TEST(GeodesicGuideMap, IsNeverBelowTheExactMapAndFallsWithEachScan) {
  TestRandom random(12);
  for (int round = 0; round < 20; ++round) {
    const Noise noise(random);
    for (GeodesicOptions options : StepCosts()) {
      std::vector<float> exact(noise.image.size()), before(noise.image.size(), 1e10F), scanned(noise.image.size());
      ExactGeodesicGuideMap(noise.size, noise.clicks, noise.image, options, exact);
      for (options.iterations = 1; options.iterations < 4; ++options.iterations) {
        GeodesicGuideMap(noise.size, noise.clicks, noise.image, options, scanned);
        for (std::size_t i = 0; i < exact.size(); ++i) {
          ASSERT_GE(scanned[i], exact[i] * (1 - kGeodesicRelTolerance));
          ASSERT_LE(scanned[i], before[i]);
        }
        before = scanned;
      }
    }
  }
}

TEST(GeodesicGuideMap, BlendWithoutIntensityIsTheChamferDistanceAndWithoutLengthTheGeodesicOne) {
  TestRandom random(13);
  const Noise noise(random);
  const auto map = [&](const GeodesicOptions& options) {
    std::vector<float> out(noise.image.size());
    GeodesicGuideMap(noise.size, noise.clicks, noise.image, options, out);
    return out;
  };
  EXPECT_THAT(map({.blend = GeodesicBlend{1, 0}}), testing::Pointwise(testing::FloatEq(), map({.lambda = 0})));
  EXPECT_THAT(map({.blend = GeodesicBlend{0, 1}}), testing::Pointwise(testing::FloatEq(), map({.lambda = 1})));
}

TEST(ExactGeodesicGuideMap, IsZeroWithoutClicksAndRefusesWhatDoesNotFit) {
  const Size3 size{1, 2, 2};
  const std::vector<float> image(4), other(3);
  std::vector<float> out(4, 5.0F);
  const std::vector<Index3> outside = {{0, 2, 0}};
  ExactGeodesicGuideMap(size, {}, image, {}, out);
  EXPECT_THAT(out, Each(0.0F));
  EXPECT_THROW(ExactGeodesicGuideMap(size, outside, image, {}, out), std::invalid_argument);
  EXPECT_THROW(ExactGeodesicGuideMap(size, {}, other, {}, out), std::invalid_argument);
  EXPECT_THROW(ExactGeodesicGuideMap(size, {}, image, {.blend = GeodesicBlend{0, 0}}, out), std::invalid_argument);
}

TEST(EuclideanGuideMap, IsTheNearestSinglePrecisionNumberForRandomPoints) {
  TestRandom random(14);
  for (int round = 0; round < 20; ++round) {
    const Size3 size{1 + random.Below(5), 1 + random.Below(20), 1 + random.Below(20)};
    std::vector<Vec3> points(static_cast<std::size_t>(1 + random.Below(4)));
    for (Vec3& p : points) {
      p = {random.Unit() * static_cast<double>(size.z - 1), random.Unit() * static_cast<double>(size.y - 1),
           random.Unit() * static_cast<double>(size.x - 1)};
    }
    std::vector<float> out(size.VoxelCount());
    EuclideanGuideMapAt(size, points, out);
    for (std::size_t at = 0; at < out.size(); ++at) {
      const Index3 v = IndexAt(size, at);
      double nearest = INFINITY;
      for (const Vec3& p : points) {
        nearest = std::min(nearest, std::hypot(static_cast<double>(v.z) - p.z, static_cast<double>(v.y) - p.y,
                                               static_cast<double>(v.x) - p.x));
      }
      ASSERT_FLOAT_EQ(out[at], static_cast<float>(nearest));
    }
  }
}

}  // namespace
}  // namespace dinsd
