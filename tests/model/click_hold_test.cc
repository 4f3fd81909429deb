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

// A tumour of 24 x 24 voxels in all slices but beside it nothing, in voxels of 5 x 2 x 2 mm: 46,080 mm^3 seen so.
ProbabilityMap Block(float inside, float outside) {
  ProbabilityMap map = Flat(outside);
  for (std::size_t at = 0; at < map.tumour.size(); ++at) {
    const Index3 v = IndexAt(kSize, at);
    if (v.y < 24 && v.x < 24) map.tumour[at] = inside;
  }
  return map;
}

ClickHold WithShare(double share) {
  return {.reach_mm = 4, .contrast = 1, .confidence = 0.9, .size_share = share};
}

std::vector<PlacedClick> OnePositiveOneNegative() {
  return {{{1, 12, 2}, Polarity::kPositive}, {{1, 12, 20}, Polarity::kNegative}};
}

TEST(HoldToClicks, ReachesFurtherInALargeTumour) {
  ProbabilityMap near = Block(0.7F, 0.02F), far = near;
  HoldToClicks(Input(OnePositiveOneNegative()), WithShare(0), near);
  HoldToClicks(Input(OnePositiveOneNegative()), WithShare(0.7), far);
  EXPECT_EQ(At(near, 1, 4, 20), 0.7F) << "16 mm from the click are beyond 3 reaches of 4 mm";
  EXPECT_LT(At(far, 1, 4, 20), 0.5F) << "and within the 25 mm that 0.7 of the cube's edge is";
  EXPECT_GT(At(far, 1, 12, 2), 0.5F) << "the positive click holds";
}

// Two processes and one observation.
TEST(HoldToClicks, AddsTheTumoursReachByHand) {
  ProbabilityMap map = Block(0.6F, 0.02F);
  HoldToClicks(Input({{{1, 12, 12}, Polarity::kPositive}}), WithShare(0.5), map);
  const double prior = std::log(0.6 / 0.4), missing = std::log(0.9 / 0.1) - prior;
  const double reach = 0.5 * std::cbrt(24 * 24 * 4 * 20.0), squared = 6.0 * 6.0;
  const double variance = 1 - 4 / reach;
  const double kernel = std::exp(-0.5 * squared / (4.0 * 4.0)) + variance * std::exp(-0.5 * squared / (reach * reach));
  const double expected = prior + kernel * missing / (1.02 * (1 + variance));
  EXPECT_NEAR(At(map, 1, 12, 15), 1 / (1 + std::exp(-expected)), 1e-5);
}

TEST(HoldToClicks, DoesWithASmallTumourAsEver) {
  ProbabilityMap small = Flat(0.02F);
  for (const std::int64_t x : {11, 12, 13}) small.tumour[Offset(kSize, {1, 12, x})] = 0.6F;  // 60 mm^3
  ProbabilityMap with = small, without = small;
  HoldToClicks(Input({{{1, 12, 12}, Polarity::kPositive}}), WithShare(0.5), with);
  HoldToClicks(Input({{{1, 12, 12}, Polarity::kPositive}}), WithShare(0), without);
  EXPECT_EQ(with.tumour, without.tumour);
}

TEST(HoldToClicks, LeavesAnotherTumourAlone) {
  ProbabilityMap map = Flat(0.02F);
  for (std::size_t at = 0; at < map.tumour.size(); ++at) {
    if (IndexAt(kSize, at).x != 16) map.tumour[at] = 0.95F;  // two halves
  }
  const ProbabilityMap before = map;
  HoldToClicks(
      Input({{{1, 4, 6}, Polarity::kPositive}, {{1, 4, 26}, Polarity::kPositive}, {{1, 28, 6}, Polarity::kNegative}}),
      WithShare(0.5), map);
  EXPECT_LT(At(map, 1, 26, 6), 0.5F);
  for (std::int64_t y = 0; y < kSize.y; ++y) {
    for (std::int64_t x = 17; x < kSize.x; ++x)
      ASSERT_NEAR(At(map, 1, y, x), At(before, 1, y, x), 1e-6) << y << " " << x;
  }
}

TEST(HoldToClicks, LeavesARightTumourAloneWhateverItsSize) {
  const ProbabilityMap right = Block(0.97F, 0.02F);
  ProbabilityMap map = right;
  HoldToClicks(Input({{{1, 12, 12}, Polarity::kPositive}, {{1, 12, 28}, Polarity::kNegative}}), WithShare(0.5), map);
  EXPECT_EQ(map.tumour, right.tumour);
}

TEST(HoldToClicks, GivesEveryClickedVoxelItsClass) {
  ProbabilityMap map = Block(0.9999F, 1e-4F);
  std::vector<PlacedClick> clicks;
  for (int i = 0; i < 8; ++i) {
    clicks.push_back({{1, 12, 10.0 + i}, i % 2 == 0 ? Polarity::kPositive : Polarity::kNegative});
  }
  HoldToClicks(Input(clicks), WithShare(0.5), map);
  for (int i = 0; i < 8; ++i) EXPECT_EQ(At(map, 1, 12, 10 + i) > 0.5F, i % 2 == 0) << "click " << i;
}

TEST(HoldToClicks, IsTheSameTwice) {
  ProbabilityMap a = Block(0.95F, 0.02F), b = a;
  HoldToClicks(Input(OnePositiveOneNegative()), WithShare(0.5), a);
  HoldToClicks(Input(OnePositiveOneNegative()), WithShare(0.5), b);
  EXPECT_EQ(a.tumour, b.tumour);
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

// Says what the sum of its two guides says.
class Echo : public Segmenter {
 public:
  ProbabilityMap Run(const NetworkInput& input) override {
    clicks = input.clicks.size();
    ProbabilityMap map = Flat(0.5F);
    for (std::size_t at = 0; at < map.tumour.size(); ++at) {
      map.tumour[at] += 0.4F * input.positive_guide[at] - 0.4F * input.negative_guide[at];
    }
    return map;
  }
  std::size_t clicks = 0;
};

TEST(HoldingClicks, ShowsTheNetworkNoNegativeClickWhereItIsNotToSeeThem) {
  NetworkInput input = Input({{{1, 12, 4}, Polarity::kPositive}, {{1, 12, 28}, Polarity::kNegative}});
  input.positive_guide.assign(input.positive_guide.size(), 0.8F);
  input.negative_guide.assign(input.negative_guide.size(), 1.0F);
  ClickHold hold = WithShare(0);
  for (const bool is_seen : {true, false}) {
    hold.negative_seen = is_seen;
    auto echo = std::make_unique<Echo>();
    const Echo& network = *echo;
    const auto holding = HoldingClicks(std::move(echo), hold);
    const ProbabilityMap map = holding->Run(input);
    EXPECT_EQ(network.clicks, is_seen ? 2U : 1U);
    EXPECT_NEAR(At(map, 3, 28, 4), is_seen ? 0.42 : 0.82, 1e-6) << "far from both clicks";
    EXPECT_LT(At(map, 1, 12, 28), 0.5F) << "it corrects all the same";
    EXPECT_EQ(map.not_followed, std::vector<std::size_t>{is_seen ? 0U : 1U});
  }
}

TEST(ClickHold, SaysWhatIsLegal) {
  EXPECT_TRUE(IsLegal(ClickHold{}));
  EXPECT_TRUE(IsLegal(kHold));
  EXPECT_FALSE(IsLegal({.reach_mm = -1}));
  EXPECT_FALSE(IsLegal({.reach_mm = 10, .contrast = 0}));
  EXPECT_FALSE(IsLegal({.reach_mm = 10, .contrast = 1, .confidence = 0.5}));
  EXPECT_TRUE(IsLegal(WithShare(0.5)));
  EXPECT_FALSE(IsLegal(WithShare(-0.1)));
  EXPECT_FALSE(IsLegal(WithShare(2.1)));
}

}  // namespace
}  // namespace dinsd
