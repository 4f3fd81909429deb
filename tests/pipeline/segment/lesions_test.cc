#include "pipeline/segment/lesions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "pipeline/segment/geodesic.h"
#include "tests/pipeline/segment/study_kit.h"
#include "tests/random.h"

namespace dinsd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Mask = Painting<std::uint8_t>;

std::int64_t Count(const std::vector<std::uint16_t>& labels, std::uint16_t label) {
  return std::count(labels.begin(), labels.end(), label);
}

std::uint16_t LabelAt(const DividedMask& divided, const GridGeometry& grid, const Ijk& v) {
  return divided.labels[Offset(grid.SizeZyx(), {v[2], v[1], v[0]})];
}

TEST(DivideMask, GivesALesionThePartsThatItsClicksReach) {
  const GridGeometry grid = PlainGrid({20, 20, 6});
  const Mask mask =
      Mask(grid, 0).Box({1, 1, 1}, {4, 4, 3}, 1).Box({10, 10, 1}, {14, 14, 4}, 1).Box({17, 1, 4}, {19, 3, 5}, 1);
  const DividedMask divided = DivideMask(mask.voxels, grid, PromptsOfLesions({{Plus({2, 2, 1})}, {Plus({11, 11, 2})}}));
  EXPECT_EQ(Count(divided.labels, 1), 3 * 3 * 2);
  EXPECT_EQ(Count(divided.labels, 2), 4 * 4 * 3);
  EXPECT_EQ(std::count(divided.unprompted.begin(), divided.unprompted.end(), 1), 2 * 2 * 1);
  for (const LesionRemarks& lesion : divided.lesions) {
    EXPECT_THAT(lesion.flags, IsEmpty());
    EXPECT_THAT(lesion.warnings, IsEmpty());
  }
}

TEST(DivideMask, JoinsVoxelsThatShareOnlyACorner) {
  const GridGeometry grid = PlainGrid({6, 6, 6});
  Mask mask(grid, 0);
  mask.At({1, 1, 1}) = mask.At({2, 2, 2}) = mask.At({3, 3, 3}) = 1;
  EXPECT_EQ(Count(DivideMask(mask.voxels, grid, PromptsOfLesions({{Plus({1, 1, 1})}})).labels, 1), 3);
}

TEST(DivideMask, TakesNothingForAClickOutsideTheMask) {
  const GridGeometry grid = PlainGrid({12, 12, 3});
  const Mask mask = Mask(grid, 0).Box({4, 4, 1}, {8, 8, 2}, 1);
  const DividedMask divided = DivideMask(mask.voxels, grid, PromptsOfLesions({{Plus({3, 4, 1}), Plus({3, 5, 1})}}));
  EXPECT_EQ(Count(divided.labels, 1), 0);
  EXPECT_THAT(divided.lesions[0].flags, ElementsAre("click_outside")) << "once";
  EXPECT_THAT(divided.lesions[0].warnings,
              ElementsAre(HasSubstr("(3, 4, 1) lies outside the mask"), HasSubstr("(3, 5, 1) lies outside the mask")));
  EXPECT_EQ(std::count(divided.unprompted.begin(), divided.unprompted.end(), 1), 16);
}

TEST(DivideMask, DividesASharedPartByDistanceInsideIt) {
  // A horseshoe: the ends are near each other through the air, far inside.
  const GridGeometry grid = PlainGrid({21, 12, 1});
  const Mask mask = Mask(grid, 0)
                        .Box({0, 0, 0}, {2, 12, 1}, 1)
                        .Box({0, 10, 0}, {21, 12, 1}, 1)
                        .Box({4, 0, 0}, {6, 8, 1}, 1)
                        .Box({4, 0, 0}, {21, 2, 1}, 1);
  const Mask joined = Mask(mask).Box({19, 0, 0}, {21, 12, 1}, 1);
  const DividedMask divided = DivideMask(joined.voxels, grid, PromptsOfLesions({{Plus({0, 0, 0})}, {Plus({4, 7, 0})}}));
  EXPECT_THAT(divided.lesions[0].flags, ElementsAre("shared_component"));
  EXPECT_THAT(divided.lesions[1].flags, ElementsAre("shared_component"));
  EXPECT_EQ(LabelAt(divided, grid, {1, 11, 0}), 1);
  EXPECT_EQ(LabelAt(divided, grid, {5, 0, 0}), 2);
  EXPECT_EQ(LabelAt(divided, grid, {4, 11, 0}), 1) << "four voxels below the second click, but far from it inside";
  EXPECT_EQ(Count(divided.labels, 0), static_cast<std::int64_t>(joined.voxels.size()) -
                                          std::count(joined.voxels.begin(), joined.voxels.end(), 1));
}

TEST(DivideMask, MeasuresDistanceInMillimetres) {
  // Along k a step is 10 mm: the click seven voxels away in i is nearer than the one a slice away.
  const GridGeometry grid = PlainGrid({20, 1, 2}, {1, 1, 10});
  const Mask mask(grid, 1);
  const DividedMask divided = DivideMask(mask.voxels, grid, PromptsOfLesions({{Plus({0, 0, 0})}, {Plus({7, 0, 1})}}));
  EXPECT_EQ(LabelAt(divided, grid, {7, 0, 0}), 1);
  EXPECT_EQ(LabelAt(divided, grid, {19, 0, 0}), 1);
  EXPECT_EQ(LabelAt(divided, grid, {19, 0, 1}), 2);
}

TEST(DivideMask, KeepsALesionInsideItsBox) {
  const GridGeometry grid = PlainGrid({20, 4, 1});
  const Mask mask(grid, 1);
  ResolvedPrompts prompts = PromptsOfLesions({{Plus({5, 1, 0}), Plus({15, 1, 0})}});
  prompts.lesions[0].box = VoxelBox{{2, 0, 0}, {9, 3, 1}};
  const DividedMask divided = DivideMask(mask.voxels, grid, prompts);
  EXPECT_EQ(Count(divided.labels, 1), 7 * 3);
  EXPECT_EQ(LabelAt(divided, grid, {9, 1, 0}), 0);
  EXPECT_THAT(divided.lesions[0].warnings, ElementsAre(HasSubstr("(15, 1, 0) lies outside the lesion's box")));
}

TEST(DivideMask, TakesOnlyWhatItsClickReachesInsideTheBox) {
  const GridGeometry grid = PlainGrid({20, 5, 1});
  const Mask mask =
      Mask(grid, 0).Box({2, 0, 0}, {4, 5, 1}, 1).Box({6, 0, 0}, {8, 5, 1}, 1).Box({0, 4, 0}, {20, 5, 1}, 1);
  ResolvedPrompts prompts = PromptsOfLesions({{Plus({2, 1, 0})}});
  prompts.lesions[0].box = VoxelBox{{0, 0, 0}, {20, 4, 1}};  // without the row that joins the two bars
  EXPECT_EQ(Count(DivideMask(mask.voxels, grid, prompts).labels, 1), 2 * 4);
}

TEST(DivideMask, GivesABoxWithoutClicksWhatNoClickReaches) {
  const GridGeometry grid = PlainGrid({20, 3, 1});
  const Mask mask = Mask(grid, 0).Box({0, 0, 0}, {5, 3, 1}, 1).Box({8, 0, 0}, {20, 3, 1}, 1);
  ResolvedPrompts prompts = PromptsOfLesions({{}, {Plus({10, 1, 0})}});
  prompts.lesions[0].box = VoxelBox{{3, 0, 0}, {9, 3, 1}};
  const DividedMask divided = DivideMask(mask.voxels, grid, prompts);
  EXPECT_EQ(Count(divided.labels, 1), 2 * 3);
  EXPECT_EQ(Count(divided.labels, 2), 12 * 3);
  EXPECT_THAT(divided.lesions[0].warnings, ElementsAre(HasSubstr("3 voxels")));
}

TEST(DivideMask, WarnsBothLesionsThatWereClickedInOneVoxel) {
  const GridGeometry grid = PlainGrid({12, 12, 3});
  const Mask mask = Mask(grid, 0).Box({4, 4, 1}, {8, 8, 2}, 1);
  const DividedMask divided = DivideMask(mask.voxels, grid, PromptsOfLesions({{Plus({5, 5, 1})}, {Plus({5, 5, 1})}}));
  EXPECT_EQ(Count(divided.labels, 2), 0);
  EXPECT_THAT(divided.lesions[0].warnings, ElementsAre(HasSubstr("cannot be told apart")));
  EXPECT_THAT(divided.lesions[1].warnings, ElementsAre(HasSubstr("lies in what lesion 1 got")));
}

TEST(DivideMask, WarnsOfNegativeClicksInsideTumour) {
  const GridGeometry grid = PlainGrid({20, 3, 1});
  const Mask mask = Mask(grid, 0).Box({0, 0, 0}, {5, 3, 1}, 1).Box({8, 0, 0}, {20, 3, 1}, 1);
  ResolvedPrompts prompts = PromptsOfLesions({{Plus({1, 1, 0}), Minus({3, 1, 0}), Minus({6, 1, 0})}});
  prompts.background = {Minus({2, 2, 0}), Minus({9, 2, 0}), Minus({7, 2, 0})};
  const DividedMask divided = DivideMask(mask.voxels, grid, prompts);
  EXPECT_THAT(divided.lesions[0].warnings, ElementsAre(HasSubstr("negative click at voxel (3, 1, 0)")));
  EXPECT_THAT(divided.warnings, ElementsAre(HasSubstr("(2, 2, 0) lies inside lesion 1"), HasSubstr("(9, 2, 0)")));
}

TEST(DivideMask, LabelsAllLesionsOfAnEmptyMaskEmpty) {
  const GridGeometry grid = PlainGrid({4, 4, 4});
  const DividedMask divided = DivideMask(Mask(grid, 0).voxels, grid, PromptsOfLesions({{Plus({1, 1, 1})}}));
  EXPECT_EQ(Count(divided.labels, 0), 64);
  EXPECT_EQ(divided.lesions.size(), 1U);
}

TEST(DivideMask, RefusesAMaskOfAnotherSize) {
  EXPECT_THROW((void)DivideMask(std::vector<std::uint8_t>(7), PlainGrid({2, 2, 2}), {}), std::invalid_argument);
}

// Every voxel belongs to the owner whose own map of distances is smallest there.
TEST(SpreadInside, EqualsOneMapPerOwnerOnRandomMasks) {
  for (unsigned seed = 1; seed <= 8; ++seed) {
    TestRandom random(seed);
    const Size3 size{4, 9, 11};
    std::vector<std::uint8_t> mask(size.VoxelCount());
    for (auto& voxel : mask) voxel = random.Unit() < 0.6 ? 1 : 0;
    std::vector<GeodesicSeed> seeds;
    for (std::uint16_t owner = 1; owner <= 4; ++owner) {
      for (int click = 0; click < 2; ++click) {
        seeds.push_back(
            {IndexAt(size, static_cast<std::size_t>(random.Below(static_cast<std::int64_t>(mask.size())))), owner});
      }
    }
    const Vec3 spacing{5, 1.3, 1.1};
    const GeodesicOwners together = SpreadInside(mask, size, spacing, seeds);
    std::vector<GeodesicOwners> alone;
    for (std::uint16_t owner = 1; owner <= 4; ++owner) {
      alone.push_back(SpreadInside(mask, size, spacing, std::span(seeds).subspan(2 * (owner - 1U), 2)));
    }
    for (std::size_t at = 0; at < mask.size(); ++at) {
      std::uint16_t nearest = 0;
      float distance = std::numeric_limits<float>::infinity();
      for (std::uint16_t owner = 1; owner <= 4; ++owner) {
        if (alone[owner - 1U].distance_mm[at] < distance) {
          distance = alone[owner - 1U].distance_mm[at];
          nearest = owner;
        }
      }
      ASSERT_EQ(together.owner[at], nearest) << "voxel " << at;
      ASSERT_EQ(together.distance_mm[at], distance) << "voxel " << at;
    }
  }
}

}  // namespace
}  // namespace dinsd
