#include "model/click_lesions.h"

#include <gtest/gtest.h>

namespace dinsd {
namespace {

constexpr Size3 kSize{2, 8, 16};
constexpr Vec3 kVoxelMm{5, 2, 1};

// Two tumours of 2 x 8 x 4 voxels, at columns 0 to 3 and 8 to 11.
ProbabilityMap TwoTumours() {
  ProbabilityMap map{kSize, std::vector<float>(kSize.VoxelCount(), 0.1F)};
  for (std::size_t at = 0; at < map.tumour.size(); ++at) {
    if (IndexAt(kSize, at).x % 8 < 4) map.tumour[at] = 0.8F;
  }
  return map;
}

PlacedClick Positive(double y, double x) {
  return {{0, y, x}, Polarity::kPositive};
}

TEST(ClickLesions, AreThePartsOfTheMapThatHoldPositiveClicks) {
  const std::vector<PlacedClick> clicks = {Positive(4, 1), Positive(6, 2), Positive(4, 9)};
  const ClickLesions lesions(clicks, kVoxelMm, TwoTumours());
  EXPECT_EQ(lesions.Count(), 2);
  EXPECT_DOUBLE_EQ(lesions.VolumeMm3(0), 64 * 10.0);
  EXPECT_EQ(lesions.Of({0, 4, 2}), 0);
  EXPECT_EQ(lesions.Of({0, 4, 15}), 1);
}

TEST(ClickLesions, TakeAVoxelToTheNearestClickInMm) {
  const std::vector<PlacedClick> clicks = {Positive(4, 2), Positive(0, 8)};
  const ClickLesions lesions(clicks, kVoxelMm, TwoTumours());
  EXPECT_EQ(lesions.Of({0, 1, 4}), 1) << "6 mm and 2 to the first, 2 mm and 4 to the second";
  EXPECT_EQ(lesions.Of({0, 2, 5}), 0) << "as far from both: the first";
}

TEST(ClickLesions, TakeAClickOutsideToTheNearestTumour) {
  const std::vector<PlacedClick> clicks = {Positive(4, 6), Positive(4, 1), Positive(4, 9)};
  const ClickLesions lesions(clicks, kVoxelMm, TwoTumours());
  EXPECT_EQ(lesions.Count(), 2);
  EXPECT_EQ(lesions.Of({0, 4, 6}), lesions.Of({0, 4, 9}));
}

TEST(ClickLesions, AreOneWithoutAVolumeWhereNoClickIsInside) {
  const std::vector<PlacedClick> outside = {Positive(4, 6), {{0, 4, 1}, Polarity::kNegative}};
  for (const auto& clicks : {outside, std::vector<PlacedClick>()}) {
    const ClickLesions lesions(clicks, kVoxelMm, TwoTumours());
    EXPECT_EQ(lesions.Count(), 1);
    EXPECT_EQ(lesions.VolumeMm3(0), 0);
    EXPECT_EQ(lesions.Of({1, 7, 15}), 0);
  }
}

}  // namespace
}  // namespace dinsd
