#include "pipeline/baseline/region.h"

#include <gtest/gtest.h>

#include <cmath>

#include "pipeline/baseline/seeds.h"

namespace dinsd {
namespace {

TEST(RegionTest, MergesVoxelsInThePlaneToTheirMean) {
  const Size3 size{2, 3, 5};
  std::vector<float> image(size.VoxelCount());
  for (std::size_t at = 0; at < image.size(); ++at) image[at] = static_cast<float>(at);
  const Region region = CutRegion(image, size, {4, 1, 1.5}, {{0, 0, 0}, {2, 3, 5}}, {1, 12});
  EXPECT_EQ(region.merge, 2);
  EXPECT_EQ(region.size, (Size3{2, 2, 3}));
  EXPECT_EQ(region.spacing_mm, (Vec3{4, 2, 3}));
  // Means 3 (of 0 1 5 6) and 14 (the corner alone); their distance is kept by the standardisation.
  const double sd_step = (region.image[1] - region.image[0]) / 2;
  EXPECT_NEAR(region.image[5] - region.image[0], 11 * sd_step, 1e-12);
  double sum = 0, squares = 0;
  for (const double v : region.image) sum += v, squares += v * v;
  EXPECT_NEAR(sum, 0, 1e-12);
  EXPECT_NEAR(squares, 12, 1e-12);
}

TEST(RegionTest, AddsItsMaskInsideItsBox) {
  const Size3 size{1, 4, 4};
  const Region region = CutRegion(std::vector<float>(16), size, {1, 1, 1}, {{0, 1, 1}, {1, 4, 4}}, {1, 4});
  ASSERT_EQ(region.size, (Size3{1, 2, 2}));
  std::vector<std::uint8_t> array(16, 0);
  array[5] = array[7] = 1;
  region.Paste(std::vector<std::uint8_t>{1, 0, 0, 1}, size, array);
  EXPECT_EQ(array, (std::vector<std::uint8_t>{0, 0, 0, 0, 0, 1, 1, 1, 0, 1, 1, 0, 0, 0, 0, 1}));
  EXPECT_EQ(region.FromImage({0, 3, 2}), (Index3{0, 1, 0}));
  EXPECT_TRUE(region.Holds({0, 1, 1}));
  EXPECT_FALSE(region.Holds({0, 0, 1}));
}

TEST(RegionTest, MergesUpToTheDistanceOfTheSlicesAndTheLimit) {
  const std::vector<float> image(2 * 9 * 9);
  const auto merge = [&](double slice_mm, double limit_mm) {
    return CutRegion(image, {2, 9, 9}, {slice_mm, 1, 1}, {{0, 0, 0}, {2, 9, 9}}, {limit_mm, 999}).merge;
  };
  EXPECT_EQ(merge(1, 3), 1);
  EXPECT_EQ(merge(2.5, 3), 2);
  EXPECT_EQ(merge(10, 3), 3);
}

TEST(RegionTest, EachPieceHasItsBoxGrownByTheMargin) {
  const Size3 size{3, 30, 30};
  std::vector<std::uint8_t> truth(size.VoxelCount());
  truth[Offset(size, {1, 5, 5})] = truth[Offset(size, {1, 6, 6})] = truth[Offset(size, {0, 25, 29})] = 1;
  const auto boxes = BoxesAround(truth, size, {10, 1, 1}, 3);
  ASSERT_EQ(boxes.size(), 2U);
  EXPECT_EQ(boxes[0], (IndexBox{{0, 22, 26}, {2, 29, 30}}));
  EXPECT_EQ(boxes[1], (IndexBox{{0, 2, 2}, {3, 10, 10}}));
}

TEST(SeedsTest, ClicksAreBallsInMillimetresAndTheNearestClickWins) {
  const Size3 size{5, 12, 12};
  const Region region =
      CutRegion(std::vector<float>(size.VoxelCount()), size, {3, 1, 1}, {{0, 0, 0}, {5, 12, 12}}, {1, 999});
  const std::vector<Seed> seeds =
      PlaceSeeds(region, std::vector<Click>{{{2, 5, 4}, Polarity::kPositive}, {{2, 5, 7}, Polarity::kNegative}}, 2);
  const auto at = [&](std::int64_t z, std::int64_t y, std::int64_t x) { return seeds[Offset(size, {z, y, x})]; };
  EXPECT_EQ(at(0, 5, 5), Seed::kBackground) << "border";
  EXPECT_EQ(at(2, 5, 4), Seed::kForeground);
  EXPECT_EQ(at(2, 5, 5), Seed::kForeground) << "1 mm from one, 2 mm from the other";
  EXPECT_EQ(at(2, 5, 6), Seed::kBackground);
  EXPECT_EQ(at(2, 7, 4), Seed::kForeground) << "at the radius";
  EXPECT_EQ(at(2, 7, 3), Seed::kNone) << "beyond it";
  EXPECT_EQ(at(3, 5, 4), Seed::kNone) << "3 mm away, in the next slice";
}

}  // namespace
}  // namespace dinsd
