#include "pipeline/segment/windows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/box_mode.h"

namespace dinsd {
namespace {

ModelManifest OwnWeights() {
  ModelManifest manifest;
  manifest.grid_rule = GridRule::kSpacing;
  manifest.spacing_mm = 2;
  manifest.training_crop = {10, 64, 48};
  return manifest;
}

ArrayLesion LesionAt(std::vector<Index3> voxels) {
  ArrayLesion lesion;
  for (const Index3& v : voxels) lesion.clicks.push_back({{v, Polarity::kPositive}, {}});
  return lesion;
}

Size3 SizeOf(const IndexBox& box) {
  return {box.end.z - box.begin.z, box.end.y - box.begin.y, box.end.x - box.begin.x};
}

// 20 slices, 400 x 160 voxels of 1 mm: 208 x 80 of the network's.
const Size3 kArray{20, 416, 160};

WindowRule OwnRule(const Size3& array = kArray) {
  return {OwnWeights(), NetworkGrid::For(OwnWeights(), array, {5, 1, 1})};
}

TEST(WindowRule, IsAtLeastAsLargeAsTheTrainingCrop) {
  const IndexBox window = OwnRule().Around(LesionAt({{10, 200, 80}}));
  EXPECT_EQ(SizeOf(window), (Size3{10, 64, 48}));
  EXPECT_TRUE(window.begin.z <= 10 && window.end.z > 10);
  EXPECT_TRUE(window.begin.y <= 100 && window.end.y > 100);
  EXPECT_TRUE(window.begin.x <= 40 && window.end.x > 40);
}

TEST(WindowRule, TakesTheWholeDepthWhereTrainingSawAsMuch) {
  EXPECT_EQ(SizeOf(OwnRule({9, 416, 160}).Around(LesionAt({{2, 200, 80}}))).z, 10) << "9 slices and a padded one";
}

TEST(WindowRule, MovesAWindowInsideTheGrid) {
  EXPECT_EQ(OwnRule().Around(LesionAt({{0, 0, 0}})), (IndexBox{{0, 0, 0}, {10, 64, 48}}));
  EXPECT_EQ(OwnRule().Around(LesionAt({{19, 415, 159}})), (IndexBox{{10, 144, 32}, {20, 208, 80}}));
}

TEST(WindowRule, HoldsAllClicksAndStaysLegal) {
  const IndexBox window = OwnRule().Around(LesionAt({{3, 10, 20}, {18, 300, 60}}));
  EXPECT_LE(window.begin.y, 5);
  EXPECT_GE(window.end.y, 151);
  EXPECT_EQ(SizeOf(window).z % 2, 0);
  EXPECT_EQ(SizeOf(window).y % 16, 0);
  EXPECT_EQ(SizeOf(window).x % 16, 0);
}

TEST(WindowRule, GoesRoundTheBoxWhereALesionHasOne) {
  ArrayLesion lesion = LesionAt({{3, 10, 20}});
  lesion.box = IndexBox{{4, 200, 40}, {8, 380, 120}};
  const IndexBox window = OwnRule().Around(lesion);
  EXPECT_GT(window.begin.y, 60);
  EXPECT_EQ(SizeOf(window).y, 96);  // 90 voxels of the network grid, rounded up
}

TEST(WindowRule, IsThePublishedWindowForImportedCheckpoints) {
  const ModelManifest published;
  const Size3 array{12, 300, 200};
  const WindowRule rule(published, NetworkGrid::For(published, array, {5, 1, 1}));
  ArrayLesion lesion;
  for (const IndexBox& box : {IndexBox{{2, 20, 30}, {7, 100, 121}}, IndexBox{{0, 0, 0}, {2, 10, 10}},
                              IndexBox{{1, 100, 60}, {12, 299, 200}}}) {
    lesion.box = box;
    EXPECT_EQ(rule.Around(lesion), GrowToWindow(box, array));
  }
}

TEST(WindowRule, GrowsByHalfOnTheSidesThatAreReached) {
  const WindowRule rule = OwnRule();
  const IndexBox window{{6, 64, 16}, {16, 128, 64}};
  EXPECT_EQ(rule.Grown(window, {{false, true, false}, {}}), (IndexBox{{6, 32, 16}, {16, 128, 64}}));
  EXPECT_EQ(rule.Grown(window, {{}, {true, false, false}}), (IndexBox{{6, 64, 16}, {20, 128, 64}}));
  EXPECT_EQ(rule.Grown(window, {{}, {false, false, true}}), (IndexBox{{6, 64, 16}, {16, 128, 80}}))
      << "24 voxels more were wanted, the grid has 16";
  const IndexBox odd{{6, 64, 0}, {16, 128, 48}};
  EXPECT_EQ(rule.Grown(odd, {{}, {false, false, true}}), (IndexBox{{6, 64, 0}, {16, 128, 80}}))
      << "24 more make 72, rounded up to 80";
  EXPECT_EQ(rule.Grown(window, {}), window);
}

TEST(WindowRule, SeesWhichSidesALesionReaches) {
  const WindowRule rule = OwnRule();
  const IndexBox window{{10, 64, 0}, {20, 128, 48}};
  const Size3 size = SizeOf(window);
  std::vector<std::uint8_t> mask(size.VoxelCount());
  for (std::int64_t x = 0; x < 48; ++x) mask[Offset(size, {5, 20, x})] = 1;  // the lesion, through the whole width
  for (std::int64_t y = 30; y < 64; ++y) mask[Offset(size, {9, y, 7})] = 1;  // something else
  const std::vector<Index3> click = {{15, 84, 10}};
  const WindowSides sides = rule.SidesReached(window, mask, click);
  EXPECT_EQ(sides.at_begin, (std::array<bool, 3>{false, false, false})) << "x begins where the volume does";
  EXPECT_EQ(sides.at_end, (std::array<bool, 3>{false, false, true}));
  const std::vector<Index3> off = {{15, 90, 10}};
  EXPECT_FALSE(rule.SidesReached(window, mask, off).Any());
  const std::vector<Index3> other = {{19, 100, 7}};
  EXPECT_EQ(rule.SidesReached(window, mask, other).at_end, (std::array<bool, 3>{false, true, false}))
      << "depth ends where the volume does";
}

TEST(WindowRule, CountsTheVoxelsOfAPass) {
  EXPECT_EQ(OwnRule().PassVoxels({{0, 0, 0}, {10, 64, 48}}), 10 * 64 * 48);
  const ModelManifest published;
  const WindowRule rule(published, NetworkGrid::For(published, {12, 300, 200}, {5, 1, 1}));
  EXPECT_EQ(rule.PassVoxels({{0, 0, 0}, {7, 130, 140}}), 8 * 128 * 144);
}

}  // namespace
}  // namespace dinsd
