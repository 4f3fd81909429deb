#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "gpu/lesion_detection.h"
#include "gpu/mask_ops.h"
#include "gpu/surface_distance.h"
#include "tests/random.h"

namespace dinsd {
namespace {

using Mask = std::vector<std::uint8_t>;

Mask RandomMask(TestRandom& random, const Size3& size, std::int64_t percent) {
  Mask mask(size.VoxelCount());
  for (auto& voxel : mask) voxel = random.Below(100) < percent ? 1 : 0;
  return Dilate(mask, size, Connectivity::k6);
}

// Every voxel of `from` against every voxel of `to`: plain and obviously right.
std::vector<double> AllDistances(const Mask& from, const Mask& to, const Size3& size, const Vec3& mm) {
  std::vector<double> distances;
  for (std::size_t a = 0; a < from.size(); ++a) {
    if (from[a] == 0) continue;
    double nearest = std::numeric_limits<double>::infinity();
    for (std::size_t b = 0; b < to.size(); ++b) {
      if (to[b] == 0) continue;
      const Index3 p = IndexAt(size, a), q = IndexAt(size, b);
      nearest =
          std::min(nearest, std::hypot(static_cast<double>(p.z - q.z) * mm.z, static_cast<double>(p.y - q.y) * mm.y,
                                       static_cast<double>(p.x - q.x) * mm.x));
    }
    distances.push_back(nearest);
  }
  return distances;
}

// A voxel of the mask with a neighbour that is not in it, or at the border of the grid.
Mask PlainSurface(const Mask& mask, const Size3& size, Connectivity connectivity) {
  Mask surface(mask.size());
  for (std::size_t at = 0; at < mask.size(); ++at) {
    const Index3 v = IndexAt(size, at);
    for (const Index3& d : NeighbourOffsets(connectivity)) {
      const Index3 n{v.z + d.z, v.y + d.y, v.x + d.x};
      if (mask[at] != 0 && (!Contains(size, n) || mask[Offset(size, n)] == 0)) surface[at] = 1;
    }
  }
  return surface;
}

double PlainPercentile95(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const double rank = 0.95 * static_cast<double>(values.size() - 1);
  const double below = values[static_cast<std::size_t>(std::floor(rank))];
  const double above = values[static_cast<std::size_t>(std::ceil(rank))];
  return below + (above - below) * (rank - std::floor(rank));
}

class SurfaceTest : public testing::TestWithParam<Connectivity> {};

TEST_P(SurfaceTest, DistancesEqualThoseOfAllPairsOfVoxels) {
  TestRandom random(21);
  const Vec3 mm{7.8, 1.5, 1.25};
  for (int round = 0; round < 20; ++round) {
    const Size3 size{3 + random.Below(4), 5 + random.Below(6), 5 + random.Below(6)};
    const Mask a = RandomMask(random, size, 6), b = RandomMask(random, size, 6);
    const auto got = CompareSurfaces(a, b, size, mm, GetParam());
    if (!got) continue;
    const Mask surface_a = PlainSurface(a, size, GetParam()), surface_b = PlainSurface(b, size, GetParam());
    const auto from_a = AllDistances(surface_a, surface_b, size, mm);
    const auto from_b = AllDistances(surface_b, surface_a, size, mm);
    std::vector<double> pooled = from_a;
    pooled.insert(pooled.end(), from_b.begin(), from_b.end());
    const auto n = static_cast<double>(pooled.size());
    ASSERT_NEAR(got->assd, std::accumulate(pooled.begin(), pooled.end(), 0.0) / n, 1e-9);
    ASSERT_NEAR(got->rmsd, std::sqrt(std::inner_product(pooled.begin(), pooled.end(), pooled.begin(), 0.0) / n), 1e-9);
    ASSERT_NEAR(got->hd, *std::max_element(pooled.begin(), pooled.end()), 1e-9);
    ASSERT_NEAR(got->hd95, PlainPercentile95(pooled), 1e-9);
    ASSERT_NEAR(got->hd95_of_directions, std::max(PlainPercentile95(from_a), PlainPercentile95(from_b)), 1e-9);
  }
}

INSTANTIATE_TEST_SUITE_P(All, SurfaceTest, testing::Values(Connectivity::k6, Connectivity::k18, Connectivity::k26));

TEST(SurfaceDistance, IsTheSameWhereverTheMasksLieInTheGrid) {
  const Size3 small{3, 3, 4}, large{9, 12, 15};
  const Mask a(small.VoxelCount(), 1);
  Mask b = a;
  b[0] = b[1] = b[5] = 0;
  Mask moved_a(large.VoxelCount()), moved_b(large.VoxelCount());
  for (std::size_t at = 0; at < a.size(); ++at) {
    const Index3 v = IndexAt(small, at);
    moved_a[Offset(large, {v.z + 4, v.y + 7, v.x + 2})] = a[at];
    moved_b[Offset(large, {v.z + 4, v.y + 7, v.x + 2})] = b[at];
  }
  const auto there = CompareSurfaces(a, b, small, {2, 1, 1}),
             elsewhere = CompareSurfaces(moved_a, moved_b, large, {2, 1, 1});
  EXPECT_EQ(there->assd, elsewhere->assd);
  EXPECT_EQ(there->hd95, elsewhere->hd95);
  EXPECT_GT(there->assd, 0);
}

TEST(SurfaceDistance, RefusesMasksOfAnotherSize) {
  EXPECT_THROW((void)CompareSurfaces(Mask(8), Mask(7), {2, 2, 2}, {1, 1, 1}), std::invalid_argument);
  EXPECT_THROW((void)HausdorffOfMasks(Mask(7), Mask(7), {2, 2, 2}, {1, 1, 1}), std::invalid_argument);
}

TEST(HausdorffOfMasks, TakesInnerVoxelsIntoAccount) {
  const Size3 size{1, 1, 9};
  const Mask whole(9, 1);
  Mask hollow(9, 1);
  hollow[4] = 0;
  EXPECT_EQ(HausdorffOfMasks(whole, hollow, size, {1, 1, 2}), 2);
  EXPECT_EQ(HausdorffOfMasks(whole, Mask(9), size, {1, 1, 2}), std::nullopt);
}

TEST(HausdorffOfMasks, EqualsThatOfAllPairsOfVoxels) {
  TestRandom random(22);
  const Vec3 mm{4, 0.9, 1.1};
  for (int round = 0; round < 20; ++round) {
    const Size3 size{3 + random.Below(4), 5 + random.Below(6), 5 + random.Below(6)};
    const Mask a = RandomMask(random, size, 4), b = RandomMask(random, size, 4);
    const auto got = HausdorffOfMasks(a, b, size, mm);
    if (!got) continue;
    const auto from_a = AllDistances(a, b, size, mm), from_b = AllDistances(b, a, size, mm);
    ASSERT_NEAR(
        *got,
        std::max(*std::max_element(from_a.begin(), from_a.end()), *std::max_element(from_b.begin(), from_b.end())),
        1e-9);
  }
}

using Labels = std::vector<std::int32_t>;

TEST(LesionDetection, CountsByHand) {
  //                         hit 2/3     hit 1/2   missed  invented
  const Labels truth = {1, 1, 1, 0, 2, 2, 0, 0, 3, 3, 0, 0};
  const Labels prediction = {5, 5, 0, 0, 7, 0, 0, 0, 0, 0, 0, 9};
  const LesionDetection at_half = MatchLesions(prediction, truth, 0.5);
  EXPECT_EQ(at_half.matches, (std::vector<LesionMatch>{{5, 1, 2.0 / 3}, {7, 2, 0.5}}));
  EXPECT_DOUBLE_EQ(*at_half.Sensitivity(), 2.0 / 3);
  EXPECT_DOUBLE_EQ(*at_half.Precision(), 2.0 / 3);
  EXPECT_DOUBLE_EQ(at_half.F1(), 2.0 / 3);
  EXPECT_DOUBLE_EQ(*at_half.SegmentationQuality(), (2.0 / 3 + 0.5) / 2);
  EXPECT_DOUBLE_EQ(at_half.PanopticQuality(), *at_half.SegmentationQuality() * at_half.F1());
  EXPECT_EQ(MatchLesions(prediction, truth, 0.6).matches.size(), 1U);
}

TEST(LesionDetection, MatchesOneToOneLargestIouFirst) {
  // Both predictions reach lesion 1; only the better one counts, the other stays a false positive.
  const Labels truth = {1, 1, 1, 1, 1, 1};
  const Labels prediction = {2, 2, 3, 3, 3, 0};
  const LesionDetection found = MatchLesions(prediction, truth, 0.1);
  ASSERT_EQ(found.matches.size(), 1U);
  EXPECT_EQ(found.matches[0].prediction, 3);
  EXPECT_EQ(*found.Precision(), 0.5);
}

TEST(LesionDetection, IsDefinedWithoutLesions) {
  const LesionDetection nothing = MatchLesions(Labels(4), Labels(4), 0.5);
  EXPECT_EQ(nothing.Sensitivity(), std::nullopt);
  EXPECT_EQ(nothing.Precision(), std::nullopt);
  EXPECT_EQ(nothing.SegmentationQuality(), std::nullopt);
  EXPECT_EQ(nothing.F1(), 1);
  EXPECT_EQ(nothing.PanopticQuality(), 1);
  const LesionDetection invented = MatchLesions(Labels(4, 1), Labels(4), 0.5);
  EXPECT_EQ(invented.Precision(), 0);
  EXPECT_EQ(invented.F1(), 0);
  EXPECT_EQ(invented.PanopticQuality(), 0);
}

TEST(LesionDetection, RefusesWhatItCannotMatch) {
  EXPECT_THROW((void)MatchLesions(Labels(3), Labels(4), 0.5), std::invalid_argument);
  EXPECT_THROW((void)MatchLesions(Labels(4, -1), Labels(4), 0.5), std::invalid_argument);
  EXPECT_THROW((void)MatchLesions(Labels(4), Labels(4), 0), std::invalid_argument);
}

}  // namespace
}  // namespace dinsd
