#include "pipeline/read/lattice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dinsd {
namespace {

using testing::ElementsAre;

// 4 x 3 x 2 voxels, coronal and a little oblique.
GridGeometry Grid() {
  const double c = 0.96, s = 0.28;
  return {{4, 3, 2}, {1.5, 2, 10}, {-10, 20, 30}, {c, 0, -s, s, 0, c, 0, -1, 0}};
}

TEST(Lattice, OfAGridLiesOnItself) {
  const auto place = PlaceOnGrid(LatticeOf(Grid()), Grid());
  ASSERT_TRUE(place);
  EXPECT_THAT(place->base, ElementsAre(0, 0, 0));
  EXPECT_THAT(place->step[0], ElementsAre(1, 0, 0));
  EXPECT_THAT(place->step[1], ElementsAre(0, 1, 0));
  EXPECT_THAT(place->step[2], ElementsAre(0, 0, 1));
}

// The same voxels with the axes k, -i, j.
GridGeometry Turned(const GridGeometry& grid) {
  GridGeometry turned;
  turned.size = {grid.size[2], grid.size[0], grid.size[1]};
  turned.spacing = {grid.spacing[2], grid.spacing[0], grid.spacing[1]};
  turned.origin = LpsFromIndex(grid, {static_cast<double>(grid.size[0] - 1), 0, 0});
  for (std::size_t row = 0; row < 3; ++row) {
    turned.direction[row * 3] = grid.direction[row * 3 + 2];
    turned.direction[row * 3 + 1] = -grid.direction[row * 3];
    turned.direction[row * 3 + 2] = grid.direction[row * 3 + 1];
  }
  return turned;
}

TEST(Lattice, TurnedLabelsComeBackVoxelByVoxel) {
  const GridGeometry grid = Grid();
  LabelMap turned{Turned(grid), {}};
  for (std::int64_t b = 0; b < turned.grid.size[2]; ++b) {
    for (std::int64_t a = 0; a < turned.grid.size[1]; ++a) {
      for (std::int64_t k = 0; k < turned.grid.size[0]; ++k) {
        const std::int64_t i = grid.size[0] - 1 - a, j = b;
        turned.labels.push_back(static_cast<std::uint16_t>((k * 3 + j) * 4 + i + 1));
      }
    }
  }
  const auto moved = OnSameVoxels(turned, grid);
  ASSERT_TRUE(moved);
  for (std::size_t at = 0; at < moved->labels.size(); ++at) EXPECT_EQ(moved->labels[at], at + 1);
}

TEST(Lattice, OtherVoxelsAreNotThese) {
  const GridGeometry grid = Grid();
  const LabelMap map{grid, std::vector<std::uint16_t>(24)};
  EXPECT_TRUE(OnSameVoxels(map, grid));
  LabelMap other = map;
  other.grid.origin[1] += 1.1;  // of 10 mm
  EXPECT_FALSE(OnSameVoxels(other, grid));
  other = map;
  other.grid.spacing[0] *= 1.05;  // a seventh of a voxel at the far end
  EXPECT_FALSE(OnSameVoxels(other, grid));
  other = map;
  other.grid.size = {4, 2, 3};
  EXPECT_FALSE(OnSameVoxels(other, grid));
  other = map;
  other.grid.origin = LpsFromIndex(grid, {1, 0, 0});
  EXPECT_FALSE(OnSameVoxels(other, grid));
  EXPECT_TRUE(PlaceOnGrid(LatticeOf(other.grid), grid));  // voxels of it, but not all within
}

TEST(Lattice, AStepOfTwoVoxelsOrAlongADiagonalIsNone) {
  const GridGeometry grid = Grid();
  Lattice lattice = LatticeOf(grid);
  for (double& d : lattice.step[0]) d *= 2;
  EXPECT_FALSE(PlaceOnGrid(lattice, grid));
  lattice = LatticeOf(grid);
  lattice.step[1] = lattice.step[0];
  EXPECT_FALSE(PlaceOnGrid(lattice, grid));
}

}  // namespace
}  // namespace dinsd
