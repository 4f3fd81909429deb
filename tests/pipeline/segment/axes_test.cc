#include "pipeline/segment/axes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace dinsd {
namespace {

// A grid whose axes i, j, k run along these world axes (0 = left, 1 = back, 2 = head) with these signs.
GridGeometry Grid(std::array<int, 3> world, std::array<int, 3> sign, std::array<double, 3> spacing) {
  GridGeometry grid{.size = {3, 4, 5}, .spacing = spacing, .direction = {}};
  for (std::size_t axis = 0; axis < 3; ++axis)
    grid.direction[static_cast<std::size_t>(world[axis]) * 3 + axis] = sign[axis];
  return grid;
}

TEST(ChooseAxes, TakesACoronalStudyAsSlicesFromFrontToBack) {
  const AxisMap map = ChooseAxes(Grid({0, 2, 1}, {1, -1, 1}, {1.56, 1.56, 10}), AxisRule::kSliceAxis);
  EXPECT_THAT(map.source, testing::ElementsAre(2, 1, 0));
  EXPECT_THAT(map.is_reversed, testing::ElementsAre(false, false, false));
}

TEST(ChooseAxes, FindsTheSlicesOfAPermutedFile) {
  const AxisMap map = ChooseAxes(Grid({0, 1, 2}, {-1, -1, 1}, {1.56, 10, 1.56}), AxisRule::kSliceAxis);
  EXPECT_THAT(map.source, testing::ElementsAre(1, 2, 0));
  EXPECT_THAT(map.is_reversed, testing::ElementsAre(true, true, true));
}

TEST(ChooseAxes, TakesTheThirdAxisOfPetWithItsThinSlices) {
  EXPECT_EQ(ChooseAxes(Grid({0, 1, 2}, {1, 1, 1}, {5.47, 5.47, 3.27}), AxisRule::kSliceAxis).source[0], 2U);
}

TEST(ChooseAxes, TakesCubesFromFrontToBackInWhateverOrderTheFileHasThem) {
  for (const double nearly : {1.0, 1.005}) {
    std::array<int, 3> world{0, 1, 2};
    do {
      const GridGeometry grid = Grid(world, {1, 1, 1}, {1, nearly, 1});
      EXPECT_FALSE(HasSliceAxis(grid));
      const AxisMap map = ChooseAxes(grid, AxisRule::kSliceAxis);
      EXPECT_EQ(world[map.source[0]], 1);
      EXPECT_EQ(world[map.source[1]], 2);
      EXPECT_EQ(world[map.source[2]], 0);
    } while (std::next_permutation(world.begin(), world.end()));
  }
  EXPECT_TRUE(HasSliceAxis(Grid({0, 1, 2}, {1, 1, 1}, {1, 1, 1.2})));
}

TEST(ChooseAxes, GoesByTheWorldUnderThePublishedRule) {
  const AxisMap map = ChooseAxes(Grid({0, 2, 1}, {1, -1, 1}, {1.5, 1.5, 7.8}), AxisRule::kWorldAxes);
  EXPECT_THAT(map.source, testing::ElementsAre(1, 2, 0));
  EXPECT_THAT(map.is_reversed, testing::ElementsAre(true, false, false));
}

// All 48 orientations: the array is the same whatever way the file stores it, and goes back unchanged.
class OrientationTest : public testing::TestWithParam<int> {};

TEST_P(OrientationTest, GoesToTheArrayAndBack) {
  std::array<int, 3> world = {0, 1, 2};
  for (int p = 0; p < GetParam() / 8; ++p) std::next_permutation(world.begin(), world.end());
  const std::array<int, 3> sign = {(GetParam() & 1) != 0 ? -1 : 1, (GetParam() & 2) != 0 ? -1 : 1,
                                   (GetParam() & 4) != 0 ? -1 : 1};
  std::array<double, 3> spacing{};
  for (std::size_t axis = 0; axis < 3; ++axis) spacing[axis] = world[axis] == 1 ? 10 : 1.5;  // coronal slices
  const GridGeometry grid = Grid(world, sign, spacing);
  for (const AxisRule rule : {AxisRule::kSliceAxis, AxisRule::kWorldAxes}) {
    const AxisMap map = ChooseAxes(grid, rule);
    std::vector<std::uint16_t> voxels(60);
    std::iota(voxels.begin(), voxels.end(), std::uint16_t{0});
    const auto array = ToArray<std::uint16_t>(voxels, map);
    EXPECT_EQ(FromArray<std::uint16_t>(array, map), voxels);
    for (std::size_t at = 0; at < array.size(); ++at) {
      const auto ijk = map.ToGrid(IndexAt(map.Size(), at));
      EXPECT_EQ(array[at], voxels[static_cast<std::size_t>((ijk[2] * 4 + ijk[1]) * 3 + ijk[0])]);
      EXPECT_EQ(map.ToArray(ijk), IndexAt(map.Size(), at));
    }
    // Depth runs to the back (slices) or to the head (world); columns always to the left.
    const auto step = [&](std::size_t axis, std::size_t w) {
      return grid.direction[w * 3 + map.source[axis]] * (map.is_reversed[axis] ? -1 : 1);
    };
    EXPECT_EQ(step(2, 0), 1);
    EXPECT_EQ(rule == AxisRule::kSliceAxis ? step(0, 1) : step(0, 2), 1);
    EXPECT_EQ(rule == AxisRule::kSliceAxis ? step(1, 2) : step(1, 1), rule == AxisRule::kSliceAxis ? -1 : 1);
  }
}

INSTANTIATE_TEST_SUITE_P(All48, OrientationTest, testing::Range(0, 48));

TEST(ChooseAxes, RefusesAnAmbiguousOrientationUnderThePublishedRule) {
  GridGeometry grid = Grid({0, 1, 2}, {1, 1, 1}, {1, 1, 1});
  grid.direction = {0.6, 0.7, 0.39, 0.5, 0.6, 0.62, 0.62, 0.39, 0.68};
  EXPECT_THROW((void)ChooseAxes(grid, AxisRule::kWorldAxes), std::invalid_argument);
}

}  // namespace
}  // namespace dinsd
