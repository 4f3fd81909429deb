#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "gpu/connected_components.h"
#include "gpu/distance_transform.h"
#include "gpu/mask_ops.h"
#include "gpu/overlap.h"
#include "gpu/resample.h"
#include "gpu/skeleton.h"
#include "gpu/surface_distance.h"
#include "tests/random.h"

namespace dinsd {
namespace {

using Mask = std::vector<std::uint8_t>;

Mask RandomMask(TestRandom& random, const Size3& size, std::int64_t percent) {
  Mask mask(size.VoxelCount());
  for (auto& voxel : mask) voxel = random.Below(100) < percent ? 1 : 0;
  return mask;
}

// Flood fill in raster order: plain and obviously right.
Components FloodFill(const Mask& mask, const Size3& size, Connectivity connectivity) {
  Components found;
  found.labels.assign(mask.size(), 0);
  for (std::size_t start = 0; start < mask.size(); ++start) {
    if (mask[start] == 0 || found.labels[start] != 0) continue;
    found.sizes.push_back(0);
    std::vector<std::size_t> open = {start};
    found.labels[start] = static_cast<std::int32_t>(found.sizes.size());
    while (!open.empty()) {
      const Index3 v = IndexAt(size, open.back());
      open.pop_back();
      ++found.sizes.back();
      for (const Index3& d : NeighbourOffsets(connectivity)) {
        const Index3 n{v.z + d.z, v.y + d.y, v.x + d.x};
        if (!Contains(size, n) || mask[Offset(size, n)] == 0 || found.labels[Offset(size, n)] != 0) continue;
        found.labels[Offset(size, n)] = static_cast<std::int32_t>(found.sizes.size());
        open.push_back(Offset(size, n));
      }
    }
  }
  return found;
}

class ComponentsTest : public testing::TestWithParam<Connectivity> {};

TEST_P(ComponentsTest, EqualAFloodFillOnRandomMasks) {
  TestRandom random(11);
  for (int round = 0; round < 60; ++round) {
    const Size3 size{1 + random.Below(6), 1 + random.Below(12), 1 + random.Below(12)};
    const Mask mask = RandomMask(random, size, 10 + random.Below(60));
    const Components got = LabelComponents(mask, size, GetParam());
    const Components expected = FloodFill(mask, size, GetParam());
    ASSERT_EQ(got.labels, expected.labels) << "round " << round;
    ASSERT_EQ(got.sizes, expected.sizes);
  }
}

INSTANTIATE_TEST_SUITE_P(All, ComponentsTest, testing::Values(Connectivity::k6, Connectivity::k18, Connectivity::k26));

TEST(Components, RefuseAMaskOfAnotherSize) {
  EXPECT_THROW((void)LabelComponents(Mask(7), {2, 2, 2}, Connectivity::k6), std::invalid_argument);
}

TEST(MaskOps, CentroidIsTheMeanIndex) {
  const std::vector<std::int32_t> labels = {0, 1, 1, 0, 0, 1};
  const Vec3 centre = Centroid(labels, {1, 2, 3}, 1);
  EXPECT_DOUBLE_EQ(centre.y, 1.0 / 3);
  EXPECT_DOUBLE_EQ(centre.x, 5.0 / 3);
  EXPECT_THROW((void)Centroid(labels, {1, 2, 3}, 2), std::invalid_argument);
}

TEST(MaskOps, SymmetricDifferenceIsWhereExactlyOneIs) {
  EXPECT_EQ(SymmetricDifference(Mask{0, 1, 2, 0}, Mask{0, 0, 1, 3}), (Mask{0, 1, 0, 1}));
  EXPECT_THROW((void)SymmetricDifference(Mask(2), Mask(3)), std::invalid_argument);
}

TEST(MaskOps, ErosionTakesTheGridsBorderToo) {
  EXPECT_EQ(Erode(Mask(27, 1), {3, 3, 3}, Connectivity::k26)[13], 1);
  const Mask eroded = Erode(Mask(27, 1), {3, 3, 3}, Connectivity::k6);
  EXPECT_EQ(std::count(eroded.begin(), eroded.end(), 1), 1);
}

TEST(MaskOps, DilationReachesTheStatedNeighbours) {
  Mask mask(27);
  mask[13] = 1;
  const auto grown = [&](Connectivity c) {
    const Mask out = Dilate(mask, {3, 3, 3}, c);
    return std::count(out.begin(), out.end(), 1);
  };
  EXPECT_EQ(grown(Connectivity::k6), 7);
  EXPECT_EQ(grown(Connectivity::k18), 19);
  EXPECT_EQ(grown(Connectivity::k26), 27);
}

TEST(MaskOps, BoundingBoxIsHalfOpen) {
  Mask mask(24);
  mask[Offset({2, 3, 4}, {0, 1, 2})] = 1;
  mask[Offset({2, 3, 4}, {1, 1, 1})] = 1;
  EXPECT_EQ(BoundingBox(mask, {2, 3, 4}), (IndexBox{{0, 1, 1}, {2, 2, 3}}));
  EXPECT_EQ(BoundingBox(Mask(24), {2, 3, 4}), std::nullopt);
}

TEST(DistanceToMask, EqualsTheNearestOfAllVoxels) {
  TestRandom random(3);
  const Vec3 spacing{7.8, 1.5, 1.25};
  for (int round = 0; round < 20; ++round) {
    const Size3 size{1 + random.Below(5), 1 + random.Below(9), 1 + random.Below(9)};
    const Mask mask = RandomMask(random, size, 5);
    const auto distance = DistanceToMask(mask, size, spacing);
    for (std::size_t a = 0; a < mask.size(); ++a) {
      double nearest = std::numeric_limits<double>::infinity();
      for (std::size_t b = 0; b < mask.size(); ++b) {
        if (mask[b] == 0) continue;
        const Index3 p = IndexAt(size, a), q = IndexAt(size, b);
        nearest = std::min(
            nearest, std::hypot(static_cast<double>(p.z - q.z) * spacing.z, static_cast<double>(p.y - q.y) * spacing.y,
                                static_cast<double>(p.x - q.x) * spacing.x));
      }
      if (std::isinf(nearest)) {
        ASSERT_TRUE(std::isinf(distance[a]));
      } else {
        ASSERT_NEAR(distance[a], nearest, 1e-5);
      }
    }
  }
}

TEST(Skeleton, OfSmallEvenCubesIsEmpty) {
  EXPECT_THAT(Skeletonize3d(Mask(8, 1), {2, 2, 2}), testing::Each(0));
  EXPECT_THAT(Skeletonize3d(Mask(64, 1), {4, 4, 4}), testing::Each(0));
}

TEST(Skeleton, KeepsALineAndItsEnds) {
  const Mask line(9, 1);
  EXPECT_EQ(Skeletonize3d(line, {1, 1, 9}), line);
  EXPECT_EQ(Skeletonize3d(line, {9, 1, 1}), line);
}

TEST(Skeleton, KeepsTheNumberOfPieces) {
  TestRandom random(5);
  for (int round = 0; round < 10; ++round) {
    const Size3 size{5, 12, 12};
    const Mask mask = Dilate(RandomMask(random, size, 2), size, Connectivity::k6);
    const Mask skeleton = Skeletonize3d(mask, size);
    for (std::size_t i = 0; i < mask.size(); ++i) ASSERT_LE(skeleton[i], mask[i]);
    EXPECT_EQ(LabelComponents(skeleton, size, Connectivity::k26).sizes.size(),
              LabelComponents(mask, size, Connectivity::k26).sizes.size());
  }
}

TEST(Skeleton2d, IsTheMiddleRowOfABar) {
  Mask bar(5 * 11);
  for (std::size_t y = 1; y < 4; ++y) {
    for (std::size_t x = 1; x < 10; ++x) bar[y * 11 + x] = 1;
  }
  const Mask skeleton = Skeletonize2d(bar, 5, 11);
  for (std::size_t x = 3; x < 8; ++x) EXPECT_EQ(skeleton[2 * 11 + x], 1) << x;
  for (std::size_t x = 0; x < 8; ++x) EXPECT_EQ(skeleton[1 * 11 + x] + skeleton[3 * 11 + x], 0) << x;
}

TEST(Overlap, IsDefinedForEmptyMasks) {
  const Overlap both = CompareMasks(Mask(4), Mask(4));
  EXPECT_EQ(both.Dsc(), 1);
  EXPECT_EQ(both.Voe(), 0);
  EXPECT_EQ(both.Arvd(), 0);
  EXPECT_EQ(both.Rvd(), 0);
  EXPECT_EQ(both.LoopDice(), 1);
  const Overlap only_prediction = CompareMasks(Mask(4, 1), Mask(4));
  EXPECT_EQ(only_prediction.Dsc(), 0);
  EXPECT_TRUE(std::isinf(only_prediction.Arvd()));
  EXPECT_EQ(only_prediction.Rvd(), 2);
}

TEST(Overlap, CountsByHand) {
  const Overlap overlap = CompareMasks(Mask{1, 1, 0, 0}, Mask{1, 0, 1, 0});
  EXPECT_EQ(overlap.true_positives, 1);
  EXPECT_EQ(overlap.false_positives, 1);
  EXPECT_EQ(overlap.false_negatives, 1);
  EXPECT_EQ(overlap.true_negatives, 1);
  EXPECT_EQ(overlap.Dsc(), 0.5);
  EXPECT_DOUBLE_EQ(overlap.Voe(), 2.0 / 3);
}

TEST(SurfaceDistance, OfTwoVoxelsIsTheirDistance) {
  Mask a(10), b(10);
  a[1] = 1;
  b[5] = 1;
  const auto distances = CompareSurfaces(a, b, {1, 1, 10}, {1, 1, 2.5});
  ASSERT_TRUE(distances);
  EXPECT_DOUBLE_EQ(distances->assd, 10);
  EXPECT_DOUBLE_EQ(distances->hd, 10);
  EXPECT_DOUBLE_EQ(distances->hd95, 10);
  EXPECT_FALSE(CompareSurfaces(a, Mask(10), {1, 1, 10}, {1, 1, 1}));
}

TEST(Resample, KeepsCornersAndCountsHalfToEven) {
  EXPECT_EQ(ZoomedSize(5, 0.5F), 2);
  EXPECT_EQ(ZoomedSize(7, 0.5F), 4);
  EXPECT_EQ(ZoomedSize(1, 0.1F), 1);
  const std::vector<float> in = {0, 10};
  EXPECT_THAT(ResampleLinear(in, {1, 1, 2}, {1, 1, 5}, EdgeRule::kClamp), testing::ElementsAre(0, 2.5, 5, 7.5, 10));
}

TEST(Resample, PutsTheLastRowOutsideOnlyUnderTheReferenceRule) {
  // 320 of 128: (320-1) * ((128-1) / (320-1)) comes out above 127.
  const std::vector<float> in(128, 1.0F);
  EXPECT_EQ(ResampleLinear(in, {1, 1, 128}, {1, 1, 320}, EdgeRule::kReference).back(), 0.0F);
  EXPECT_EQ(ResampleLinear(in, {1, 1, 128}, {1, 1, 320}, EdgeRule::kClamp).back(), 1.0F);
}

TEST(Resample, RefusesWrongSizes) {
  const std::vector<float> in(8);
  EXPECT_THROW((void)ResampleLinear(in, {2, 2, 3}, {1, 1, 1}, EdgeRule::kClamp), std::invalid_argument);
  EXPECT_THROW((void)ResampleLinear(in, {2, 2, 2}, {0, 1, 1}, EdgeRule::kClamp), std::invalid_argument);
}

}  // namespace
}  // namespace dinsd
