#include "pipeline/interval/shift_image.h"

#include <gtest/gtest.h>

#include "tests/random.h"

namespace dinsd {
namespace {

// A straight slope keeps its slope, and its value moves by the shift.
TEST(ShiftedTest, MovesByAPartOfAVoxelAlongEachAxis) {
  const Size3 size{5, 6, 7};
  std::vector<float> voxels;
  for (std::size_t at = 0; at < size.VoxelCount(); ++at) {
    const Index3 v = IndexAt(size, at);
    voxels.push_back(static_cast<float>(v.x + 10 * v.y + 100 * v.z));
  }
  const std::vector<float> moved = Shifted(voxels, size, {0.25, -0.5, 0.125});
  for (std::size_t at = 0; at < size.VoxelCount(); ++at) {
    const Index3 v = IndexAt(size, at);
    if (v.x == size.x - 1 || v.y == 0 || v.z == size.z - 1) continue;
    ASSERT_NEAR(moved[at], voxels[at] + 0.25F - 5 + 12.5F, 1e-3) << v.z << " " << v.y << " " << v.x;
  }
  EXPECT_NEAR(moved[0], 0.25F + 12.5F, 1e-3) << "beyond the first row is that row again";
}

TEST(ShiftedTest, ByNothingIsTheImageAndByAWholeVoxelTheNextOne) {
  TestRandom random(3);
  const Size3 size{2, 3, 4};
  std::vector<float> voxels(size.VoxelCount());
  for (float& v : voxels) v = static_cast<float>(random.Unit());
  EXPECT_EQ(Shifted(voxels, size, {0, 0, 0}), voxels);
  const std::vector<float> moved = Shifted(voxels, size, {1, 0, 0});
  EXPECT_EQ(moved[0], voxels[1]);
  EXPECT_EQ(moved[3], voxels[3]);
}

}  // namespace
}  // namespace dinsd
