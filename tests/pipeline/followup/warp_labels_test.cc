#include "pipeline/followup/warp_labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/pipeline/followup/made_map.h"

namespace dinsd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

LabelMap EmptyMap(const GridGeometry& grid) {
  return {grid, std::vector<std::uint16_t>(grid.SizeZyx().VoxelCount(), 0)};
}

std::uint16_t& At(LabelMap& map, std::int64_t i, std::int64_t j, std::int64_t k) {
  return map.labels[Offset(map.grid.SizeZyx(), {k, j, i})];
}

void Fill(LabelMap& map, std::array<std::int64_t, 3> low, std::array<std::int64_t, 3> high, std::uint16_t label) {
  for (std::int64_t k = low[2]; k < high[2]; ++k) {
    for (std::int64_t j = low[1]; j < high[1]; ++j) {
      for (std::int64_t i = low[0]; i < high[0]; ++i) At(map, i, j, k) = label;
    }
  }
}

std::int64_t Count(const LabelMap& map, std::uint16_t label) {
  return std::count(map.labels.begin(), map.labels.end(), label);
}

const GridGeometry kGrid = CoronalGrid({40, 50, 8}, {2, 2, 10});

TEST(WarpLabels, MovesEachLesionAndKeepsThemApart) {
  LabelMap prior = EmptyMap(kGrid);
  Fill(prior, {5, 5, 2}, {9, 9, 4}, 7);
  Fill(prior, {9, 5, 2}, {12, 9, 4}, 300);
  const WarpedLabels warped = WarpLabels(prior, kGrid, StudyShiftedBy(kGrid, {20, 10, -8}));
  LabelMap expected = EmptyMap(kGrid);  // 20 mm to the left, one slice to the back, 8 mm to the feet
  Fill(expected, {15, 9, 3}, {19, 13, 5}, 7);
  Fill(expected, {19, 9, 3}, {22, 13, 5}, 300);
  EXPECT_EQ(warped.map.labels, expected.labels);
  ASSERT_EQ(warped.lesions.size(), 2U);
  EXPECT_EQ(warped.lesions[0].label, 7);
  EXPECT_EQ(warped.lesions[1].label, 300);
  EXPECT_EQ(warped.lesions[0].voxels_today, 32);
  EXPECT_EQ(warped.lesions[0].share_imaged, 1);
  EXPECT_NEAR(warped.lesions[0].centre_today[0], warped.lesions[0].centre_prior[0] + 20, 1e-9);
  EXPECT_THAT(warped.lesions[0].flags, IsEmpty());
}

TEST(WarpLabels, TellsWhatIsNotImagedToday) {
  LabelMap prior = EmptyMap(kGrid);
  Fill(prior, {0, 20, 2}, {4, 24, 4}, 1);   // leaves the field
  Fill(prior, {8, 20, 2}, {14, 24, 4}, 2);  // two thirds stay
  Fill(prior, {30, 20, 2}, {34, 24, 4}, 3);
  const WarpedLabels warped = WarpLabels(prior, kGrid, StudyShiftedBy(kGrid, {-20, 0, 0}));
  ASSERT_EQ(warped.lesions.size(), 3U);
  EXPECT_THAT(warped.lesions[0].flags, ElementsAre("not_imaged"));
  EXPECT_EQ(warped.lesions[0].voxels_today, 0);
  EXPECT_THAT(warped.lesions[1].flags, ElementsAre("partly_imaged"));
  EXPECT_NEAR(warped.lesions[1].share_imaged, 2.0 / 3, 1e-9);
  EXPECT_THAT(warped.lesions[2].flags, IsEmpty());
}

TEST(WarpLabels, LosesNoSmallLesionBetweenThickSlices) {
  const GridGeometry thin = CoronalGrid({40, 50, 26}, {2, 2, 3});
  LabelMap prior = EmptyMap(thin);
  Fill(prior, {10, 10, 5}, {12, 12, 6},
       1);  // 3 mm thick, 15 mm from the front: in the middle between two slices of today
  Fill(prior, {12, 10, 5}, {14, 12, 6}, 2);
  const WarpedLabels warped = WarpLabels(prior, kGrid, StudyShiftedBy(kGrid, {0, 0, 0}));
  for (const std::uint16_t label : {1, 2}) EXPECT_EQ(Count(warped.map, label), 4) << label;
  for (const WarpedLesion& lesion : warped.lesions) EXPECT_THAT(lesion.flags, ElementsAre("thin"));
}

TEST(WarpLabels, AThinLesionTakesNoVoxelOfAnother) {
  const GridGeometry thin = CoronalGrid({40, 50, 26}, {2, 2, 3});
  LabelMap prior = EmptyMap(thin);
  Fill(prior, {10, 10, 5}, {13, 12, 6}, 1);
  Fill(prior, {12, 10, 6}, {14, 12, 8}, 2);  // in today's third slice
  const WarpedLabels warped = WarpLabels(prior, kGrid, StudyShiftedBy(kGrid, {0, 0, 0}));
  EXPECT_EQ(Count(warped.map, 1), 4);
  EXPECT_EQ(Count(warped.map, 2), 4);
}

TEST(WarpLabels, FlagsALesionThatTheOtherDirectionBringsElsewhere) {
  LabelMap prior = EmptyMap(kGrid);
  Fill(prior, {20, 20, 3}, {24, 24, 5}, 1);
  StudyRegistration registration = StudyShiftedBy(kGrid, {0, 0, 0});
  registration.parts[0].back = ShiftedBy(kGrid, {9, 0, 0});
  EXPECT_THAT(WarpLabels(prior, kGrid, registration).lesions[0].flags, IsEmpty());
  registration.parts[0].back = ShiftedBy(kGrid, {11, 0, 0});
  EXPECT_THAT(WarpLabels(prior, kGrid, registration).lesions[0].flags, ElementsAre("reg_roundtrip"));
  registration.parts[0].back = ShiftedBy(kGrid, {0, 10.5, 0});  // more than a slice
  const WarpedLesion lesion = WarpLabels(prior, kGrid, registration).lesions[0];
  EXPECT_THAT(lesion.flags, ElementsAre("reg_roundtrip"));
  EXPECT_NEAR(lesion.round_trip_mm.value(), 10.5, 1e-9);
}

TEST(WarpLabels, AnEmptyMaskStaysEmpty) {
  const WarpedLabels warped = WarpLabels(EmptyMap(kGrid), kGrid, StudyShiftedBy(kGrid, {0, 0, 0}));
  EXPECT_THAT(warped.lesions, IsEmpty());
  EXPECT_EQ(Count(warped.map, 0), 40 * 50 * 8);
  EXPECT_THROW((void)WarpLabels({kGrid, {}}, kGrid, StudyShiftedBy(kGrid, {0, 0, 0})), std::invalid_argument);
}

TEST(WarpImage, BringsVoxelsToTheirPlace) {
  Volume prior{kGrid, std::vector<float>(kGrid.SizeZyx().VoxelCount(), 1)};
  prior.voxels[Offset(kGrid.SizeZyx(), {3, 10, 10})] = 50;
  const Volume warped = WarpImage(prior, kGrid, StudyShiftedBy(kGrid, {20, 10, -8}));
  EXPECT_NEAR(warped.voxels[Offset(kGrid.SizeZyx(), {4, 14, 20})], 50, 1e-4);
  EXPECT_EQ(warped.voxels[Offset(kGrid.SizeZyx(), {4, 14, 2})], 0);  // not imaged before
  EXPECT_NEAR(ResampleImage(prior, kGrid).voxels[Offset(kGrid.SizeZyx(), {3, 10, 10})], 50, 1e-4);
}

}  // namespace
}  // namespace dinsd
