#include "pipeline/followup/match_lesions.h"

#include <gmock/gmock.h>

#include <stdexcept>

#include "tests/random.h"

namespace dinsd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Coronal slices of 5 mm, pixels of 1 mm.
LabelMap Empty() {
  LabelMap mask;
  mask.grid.size = {60, 60, 12};
  mask.grid.spacing = {1, 1, 5};
  mask.labels.assign(mask.grid.SizeZyx().VoxelCount(), 0);
  return mask;
}

// A block of voxels, from `low` on.
void Put(LabelMap& mask, std::uint16_t label, std::array<std::int64_t, 3> low, std::array<std::int64_t, 3> size) {
  for (std::int64_t k = low[2]; k < low[2] + size[2]; ++k) {
    for (std::int64_t j = low[1]; j < low[1] + size[1]; ++j) {
      for (std::int64_t i = low[0]; i < low[0] + size[0]; ++i)
        mask.labels[Offset(mask.grid.SizeZyx(), {k, j, i})] = label;
    }
  }
}

TEST(MatchLesionsTest, FollowsLesionsThatMovedALittleWhateverTheirLabels) {
  LabelMap before = Empty(), now = Empty();
  Put(before, 1, {5, 5, 2}, {8, 8, 3});
  Put(before, 2, {40, 40, 6}, {6, 6, 3});
  Put(now, 7, {43, 42, 6}, {6, 6, 3});
  Put(now, 3, {4, 9, 3}, {8, 8, 3});
  const LesionMatches matches = MatchLesions(before, now, {});
  ASSERT_EQ(matches.pairs.size(), 2U);
  EXPECT_EQ(matches.pairs[0].today, 3);
  EXPECT_EQ(matches.pairs[1].today, 7);
  EXPECT_NEAR(matches.pairs[1].distance_mm, std::sqrt(13.0), 1e-9);
  EXPECT_GT(matches.pairs[1].iou, 0.4);
  EXPECT_THAT(matches.unmatched_prior, IsEmpty());
  EXPECT_THAT(matches.unmatched_today, IsEmpty());
}

TEST(MatchLesionsTest, WhatIsFarAwayIsNoPair) {
  LabelMap before = Empty(), now = Empty();
  Put(before, 1, {2, 2, 1}, {4, 4, 2});
  Put(now, 1, {50, 50, 9}, {4, 4, 2});
  const LesionMatches matches = MatchLesions(before, now, {});
  EXPECT_THAT(matches.pairs, IsEmpty());
  EXPECT_THAT(matches.unmatched_prior, ElementsAre(1));
  EXPECT_THAT(matches.unmatched_today, ElementsAre(1));
}

// The nearest pair alone would be taken first by a greedy matching, and leave the other lesion without one.
TEST(MatchLesionsTest, TakesTheBestOfAllPairingsNotTheNearestFirst) {
  LabelMap before = Empty(), now = Empty();
  Put(before, 1, {20, 20, 4}, {4, 4, 3});
  Put(before, 2, {34, 20, 4}, {4, 4, 3});
  Put(now, 1, {31, 20, 4}, {3, 4, 3});  // next to 2, where 1 has nothing else
  Put(now, 2, {47, 20, 4}, {4, 4, 3});  // in reach of 2 alone
  const LesionMatches matches = MatchLesions(before, now, {});
  ASSERT_EQ(matches.pairs.size(), 2U);
  EXPECT_EQ(matches.pairs[0].today, 1);
  EXPECT_EQ(matches.pairs[1].today, 2);
}

TEST(MatchLesionsTest, TwoThatGrewTogetherAreMerged) {
  LabelMap before = Empty(), now = Empty();
  Put(before, 4, {10, 10, 4}, {10, 10, 3});
  Put(before, 9, {24, 10, 4}, {6, 10, 3});
  Put(now, 1, {9, 9, 4}, {22, 12, 3});
  const LesionMatches matches = MatchLesions(before, now, {});
  ASSERT_EQ(matches.merged.size(), 1U);
  EXPECT_EQ(matches.merged[0].one, 1);
  EXPECT_THAT(matches.merged[0].many, ElementsAre(4, 9));
  EXPECT_THAT(matches.unmatched_prior, IsEmpty());
  EXPECT_THAT(matches.split, IsEmpty());
}

TEST(MatchLesionsTest, OneThatFellApartIsSplit) {
  LabelMap before = Empty(), now = Empty();
  Put(before, 1, {9, 9, 4}, {22, 12, 3});
  Put(now, 2, {24, 10, 4}, {6, 10, 3});
  Put(now, 3, {10, 10, 4}, {10, 10, 3});
  const LesionMatches matches = MatchLesions(before, now, {});
  ASSERT_EQ(matches.split.size(), 1U);
  EXPECT_EQ(matches.split[0].one, 1);
  EXPECT_THAT(matches.split[0].many, ElementsAre(2, 3));
  EXPECT_THAT(matches.unmatched_today, IsEmpty());
}

TEST(MatchLesionsTest, ANewLesionBesideAPairIsNotPartOfIt) {
  LabelMap before = Empty(), now = Empty();
  Put(before, 1, {10, 10, 4}, {8, 8, 3});
  Put(now, 1, {10, 10, 4}, {8, 8, 3});
  Put(now, 2, {30, 10, 4}, {8, 8, 3});
  const LesionMatches matches = MatchLesions(before, now, {});
  EXPECT_EQ(matches.pairs.size(), 1U);
  EXPECT_THAT(matches.unmatched_today, ElementsAre(2));
  EXPECT_THAT(matches.split, IsEmpty());
}

// The dilation is the voxels within an ellipsoid: in plane by mm, across by slices, at the border of the grid too.
TEST(MatchLesionsTest, IouIsThatOfMasksDilatedByTheEllipsoid) {
  TestRandom random(77);
  LabelMap before = Empty(), now = Empty();
  for (int n = 0; n < 40; ++n) {
    before.labels[Offset(before.grid.SizeZyx(), {random.Below(3), random.Below(12), random.Below(12)})] = 1;
    now.labels[Offset(now.grid.SizeZyx(), {random.Below(4), 4 + random.Below(12), random.Below(12)})] = 1;
  }
  const auto dilated = [](const LabelMap& mask) {
    std::vector<bool> grown(mask.labels.size(), false);
    for (std::size_t at = 0; at < grown.size(); ++at) {
      const Index3 v = IndexAt(mask.grid.SizeZyx(), at);
      for (std::size_t other = 0; other < grown.size() && !grown[at]; ++other) {
        if (mask.labels[other] == 0) continue;
        const Index3 w = IndexAt(mask.grid.SizeZyx(), other);
        const auto part = [](std::int64_t a, std::int64_t b, double reach) {
          const double d = static_cast<double>(a - b) / reach;
          return d * d;
        };
        grown[at] = part(v.z, w.z, 1) + part(v.y, w.y, 8) + part(v.x, w.x, 8) <= 1 + 1e-6;
      }
    }
    return grown;
  };
  const std::vector<bool> a = dilated(before), b = dilated(now);
  double common = 0, both = 0;
  for (std::size_t at = 0; at < a.size(); ++at) {
    common += a[at] && b[at] ? 1 : 0;
    both += a[at] || b[at] ? 1 : 0;
  }
  const LesionMatches matches = MatchLesions(before, now, {});
  ASSERT_EQ(matches.pairs.size(), 1U);
  EXPECT_NEAR(matches.pairs[0].iou, common / both, 1e-9);
}

TEST(MatchLesionsTest, RefusesTwoGridsAndBadOptions) {
  LabelMap other = Empty();
  other.grid.origin[0] = 1;
  EXPECT_THROW((void)MatchLesions(Empty(), other, {}), std::invalid_argument);
  EXPECT_THROW((void)MatchLesions(Empty(), Empty(), {.gate_mm = 0}), std::invalid_argument);
}

}  // namespace
}  // namespace dinsd
