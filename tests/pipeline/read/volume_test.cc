#include "pipeline/read/volume.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/random.h"

namespace dinsd {
namespace {

GridGeometry Oblique() {
  const double c = std::cos(0.3), s = std::sin(0.3);
  return {
      .size = {10, 20, 30}, .spacing = {1.5, 2, 8}, .origin = {-7, 30, 4}, .direction = {c, -s, 0, 0, 0, -1, s, c, 0}};
}

TEST(GridGeometry, MapsTheFirstVoxelToTheOrigin) {
  EXPECT_THAT(LpsFromIndex(Oblique(), {0, 0, 0}), testing::ElementsAre(-7, 30, 4));
}

TEST(GridGeometry, MapsThereAndBack) {
  TestRandom random(1);
  for (int i = 0; i < 100; ++i) {
    const std::array<double, 3> index = {20 * random.Unit() - 5, 20 * random.Unit(), 40 * random.Unit()};
    const auto back = IndexFromLps(Oblique(), LpsFromIndex(Oblique(), index));
    for (std::size_t axis = 0; axis < 3; ++axis) EXPECT_NEAR(back[axis], index[axis], 1e-9);
  }
}

TEST(GridGeometry, KnowsTheVolumeOfAVoxel) {
  EXPECT_DOUBLE_EQ(Oblique().VoxelVolumeMl(), 0.024);
}

}  // namespace
}  // namespace dinsd
