#include "model/click_hold.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "gpu/mask_ops.h"
#include "model/guides.h"
#include "model/network_grid.h"
#include "model/network_segmenter.h"

namespace dinsd {
namespace {

constexpr Size3 kSize{4, 32, 32};
constexpr ClickHold kHold{.reach_mm = 10, .contrast = 1, .confidence = 0.95};

// Dark, with a bright block at rows 8 to 15; voxels of 5 x 2 x 2 mm.
NetworkInput Input(std::vector<PlacedClick> clicks) {
  NetworkInput input{kSize, std::vector<float>(kSize.VoxelCount()), std::vector<float>(kSize.VoxelCount()),
                     std::vector<float>(kSize.VoxelCount())};
  for (std::size_t at = 0; at < input.image.size(); ++at) {
    const Index3 v = IndexAt(kSize, at);
    input.image[at] = v.y >= 8 && v.y < 16 ? 6.0F : 0.0F;
  }
  input.clicks = std::move(clicks);
  input.voxel_mm = {5, 2, 2};
  return input;
}

ProbabilityMap Flat(float p) {
  return {kSize, std::vector<float>(kSize.VoxelCount(), p)};
}

float At(const ProbabilityMap& map, std::int64_t z, std::int64_t y, std::int64_t x) {
  return map.tumour[Offset(kSize, {z, y, x})];
}

TEST(HoldToClicks, ChangesNothingWhereEveryClickIsFollowed) {
  ProbabilityMap map = Flat(0.97F);
  HoldToClicks(Input({{{1, 12, 16}, Polarity::kPositive}}), kHold, map);
  EXPECT_EQ(map.tumour, Flat(0.97F).tumour);
  HoldToClicks(Input({}), kHold, map);
  EXPECT_EQ(map.tumour, Flat(0.97F).tumour);
}

TEST(HoldToClicks, PullsTheClickedVoxelToItsClassAndItsLikeWithIt) {
  ProbabilityMap map = Flat(0.01F);
  HoldToClicks(Input({{{1, 12, 16}, Polarity::kPositive}}), kHold, map);
  EXPECT_NEAR(At(map, 1, 12, 16), 0.95, 0.01);
  EXPECT_EQ(map.not_followed, std::vector<std::size_t>{0});
  EXPECT_GT(At(map, 1, 12, 17), 0.9);
  EXPECT_GT(At(map, 1, 12, 17), At(map, 1, 12, 20)) << "less with distance in a row";
  EXPECT_GT(At(map, 1, 12, 18), At(map, 2, 12, 16)) << "distances are mm: 4 in the row, 5 between slices";
  EXPECT_LT(At(map, 1, 18, 16), 0.02) << "as far, but not as bright";
}

// The posterior mean of one observation, by hand.
TEST(HoldToClicks, IsAGaussianProcessByHand) {
  ProbabilityMap map = Flat(0.2F);
  HoldToClicks(Input({{{1, 12, 16}, Polarity::kPositive}}), kHold, map);
  const double prior = std::log(0.2 / 0.8), missing = std::log(0.95 / 0.05) - prior;
  const double kernel = std::exp(-0.5 * (6.0 * 6.0) / (10.0 * 10.0));  // three voxels of 2 mm, as bright
  const double expected = prior + kernel * missing / 1.02;
  EXPECT_NEAR(At(map, 1, 12, 19), 1 / (1 + std::exp(-expected)), 1e-5);
}

TEST(HoldToClicks, LetsClicksOfBothSignsShareTheGround) {
  ProbabilityMap map = Flat(0.9F);
  HoldToClicks(Input({{{1, 12, 8}, Polarity::kPositive}, {{1, 12, 16}, Polarity::kNegative}}), kHold, map);
  EXPECT_EQ(map.not_followed, std::vector<std::size_t>{1}) << "the positive one only lacked confidence";
  EXPECT_GT(At(map, 1, 12, 8), 0.9);
  EXPECT_LT(At(map, 1, 12, 16), 0.1);
}

TEST(HoldToClicks, StaysFiniteWhereClicksContradict) {
  ProbabilityMap map = Flat(0.5F);
  HoldToClicks(Input({{{1, 12, 8}, Polarity::kPositive}, {{1, 12, 8}, Polarity::kNegative}}), kHold, map);
  for (const float p : map.tumour) ASSERT_TRUE(p >= 0 && p <= 1);
}

// Says 0.01 everywhere.
class Deaf : public Segmenter {
 public:
  ProbabilityMap Run(const NetworkInput& input) override {
    return {input.size, std::vector<float>(input.size.VoxelCount(), 0.01F)};
  }
};

TEST(HoldingClicks, HoldsClicksOfTheImageAlsoUnderFlips) {
  const NetworkGrid grid({3, 64, 48}, 32, 32, EdgeRule::kClamp);
  std::vector<float> image(grid.network().VoxelCount(), 1.0F);
  const std::vector<Click> clicks = {{{2, 40, 12}, Polarity::kPositive}};
  const NetworkInput input = MakeInput(grid, image, WithSpread(clicks, {}), {}, {5, 1, 1});
  ASSERT_EQ(input.clicks.size(), 1U);
  EXPECT_DOUBLE_EQ(input.voxel_mm.y, 2);
  EXPECT_DOUBLE_EQ(input.voxel_mm.x, 1.5);
  const auto plain = HoldingClicks(std::make_unique<Deaf>(), kHold);
  const auto flipped = AverageOverFlips(HoldingClicks(std::make_unique<Deaf>(), kHold));
  const ProbabilityMap a = plain->Run(input), b = flipped->Run(input);
  for (std::size_t at = 0; at < a.tumour.size(); ++at) ASSERT_NEAR(a.tumour[at], b.tumour[at], 0.06);
  const Vec3 p = input.clicks[0].at;
  const std::size_t clicked = Offset(grid.network(), {std::lround(p.z), std::lround(p.y), std::lround(p.x)});
  EXPECT_GT(a.tumour[clicked], 0.9);
  EXPECT_GT(b.tumour[clicked], 0.9);
  EXPECT_EQ(b.not_followed, std::vector<std::size_t>{0});
}

TEST(ClickHold, SaysWhatIsLegal) {
  EXPECT_TRUE(IsLegal(ClickHold{}));
  EXPECT_TRUE(IsLegal(kHold));
  EXPECT_FALSE(IsLegal({.reach_mm = -1}));
  EXPECT_FALSE(IsLegal({.reach_mm = 10, .contrast = 0}));
  EXPECT_FALSE(IsLegal({.reach_mm = 10, .contrast = 1, .confidence = 0.5}));
}

}  // namespace
}  // namespace dinsd
