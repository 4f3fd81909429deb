#include "pipeline/segment/score.h"

#include <gtest/gtest.h>

#include "pipeline/read/same_grid.h"
#include "tests/pipeline/segment/study_kit.h"

namespace dinsd {
namespace {

// Voxels of 0.1 mL.
const GridGeometry kGrid = PlainGrid({30, 20, 10}, {10, 10, 1});

LabelMap Map(const Painting<std::uint16_t>& painting) {
  return {kGrid, painting.voxels};
}

TEST(ScoreMask, ComparesLabelWithLabel) {
  const auto truth = Painting<std::uint16_t>(kGrid, 0)
                         .Box({0, 0, 0}, {5, 1, 1}, 1)      // 0.5 mL
                         .Box({0, 5, 0}, {10, 7, 1}, 2)     // 2 mL
                         .Box({15, 5, 2}, {25, 15, 4}, 3);  // 20 mL
  const auto mask = Painting<std::uint16_t>(kGrid, 0)
                        .Box({0, 0, 0}, {5, 1, 1}, 2)      // under another label
                        .Box({5, 5, 0}, {10, 7, 1}, 2)     // half of the second
                        .Box({15, 5, 2}, {25, 15, 4}, 3);  // all of the third
  const MaskScore score = ScoreMask(Map(mask), Map(truth));
  ASSERT_EQ(score.lesions.size(), 3U);
  EXPECT_DOUBLE_EQ(score.lesions[0].truth_ml, 0.5);
  EXPECT_DOUBLE_EQ(score.lesions[0].dsc, 0);
  EXPECT_DOUBLE_EQ(score.lesions[1].dsc, 2.0 * 10 / (20 + 15));
  EXPECT_DOUBLE_EQ(score.lesions[1].mask_ml, 1.5);
  EXPECT_DOUBLE_EQ(score.lesions[2].dsc, 1);
  EXPECT_DOUBLE_EQ(score.whole_dsc, 2.0 * 215 / (225 + 215));
  ASSERT_EQ(score.bins.size(), 3U);
  EXPECT_EQ(score.bins[0].lesions, 1);
  EXPECT_EQ(score.bins[1].lesions, 1);
  EXPECT_EQ(score.bins[2].lesions, 1);
  EXPECT_DOUBLE_EQ(score.bins[1].mean_dsc, score.lesions[1].dsc);
  EXPECT_EQ(score.above_1_ml.lesions, 2);
  EXPECT_DOUBLE_EQ(score.above_1_ml.mean_dsc, (score.lesions[1].dsc + 1) / 2);
}

TEST(ScoreMask, CountsALesionThatWasMissedAsZero) {
  const auto truth = Painting<std::uint16_t>(kGrid, 0).Box({0, 5, 0}, {10, 7, 1}, 4);
  const MaskScore score = ScoreMask(Map({kGrid, 0}), Map(truth));
  EXPECT_EQ(score.above_1_ml.lesions, 1);
  EXPECT_DOUBLE_EQ(score.above_1_ml.mean_dsc, 0);
  EXPECT_DOUBLE_EQ(score.whole_dsc, 0);
}

TEST(ScoreMask, RefusesAnotherGrid) {
  LabelMap moved = Map({kGrid, 0});
  moved.grid.origin[1] += 1;
  EXPECT_THROW((void)ScoreMask(moved, Map({kGrid, 0})), std::invalid_argument);
}

TEST(IsSameGrid, SeesSizePlaceSpacingAndDirection) {
  EXPECT_TRUE(IsSameGrid(kGrid, kGrid, 0.01));
  GridGeometry other = kGrid;
  other.origin[2] += 0.02;
  EXPECT_FALSE(IsSameGrid(kGrid, other, 0.01));
  EXPECT_TRUE(IsSameGrid(kGrid, other, 0.03));
  other = kGrid;
  other.spacing[0] += 0.01;  // 0.29 mm at the far end
  EXPECT_FALSE(IsSameGrid(kGrid, other, 0.1));
  other = kGrid;
  other.direction = {0, 1, 0, 1, 0, 0, 0, 0, 1};
  EXPECT_FALSE(IsSameGrid(kGrid, other, 0.1));
  other = kGrid;
  other.size[0] = 29;
  EXPECT_FALSE(IsSameGrid(kGrid, other, 1000));
}

}  // namespace
}  // namespace dinsd
