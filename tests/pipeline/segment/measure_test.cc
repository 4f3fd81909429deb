#include "pipeline/segment/measure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/pipeline/segment/study_kit.h"

namespace dinsd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

DividedMask Divided(const Painting<std::uint16_t>& labels, std::size_t lesions) {
  return {labels.voxels, std::vector<std::uint8_t>(labels.voxels.size()), std::vector<LesionRemarks>(lesions), {}};
}

TEST(MeasureLesions, CountsVoxelsMillilitresSlicesAndClicks) {
  const GridGeometry grid = PlainGrid({20, 20, 10}, {1.5, 2, 10});
  const auto labels = Painting<std::uint16_t>(grid, 0).Box({2, 2, 3}, {6, 7, 7}, 1);
  const ResolvedPrompts prompts = PromptsOfLesions({{Plus({3, 3, 4}), Minus({9, 9, 4}), Plus({4, 4, 5})}});
  const auto lesions = MeasureLesions(Divided(labels, 1), grid, 2, prompts, {});
  ASSERT_EQ(lesions.size(), 1U);
  EXPECT_EQ(lesions[0].id, "L1");
  EXPECT_EQ(lesions[0].label, 1);
  EXPECT_EQ(lesions[0].voxels, 4 * 5 * 4);
  EXPECT_DOUBLE_EQ(lesions[0].volume_ml, 80 * 1.5 * 2 * 10 / 1000);
  EXPECT_EQ(lesions[0].slices_spanned, 4);
  EXPECT_EQ(lesions[0].clicks_positive, 2);
  EXPECT_EQ(lesions[0].clicks_negative, 1);
  EXPECT_THAT(lesions[0].flags, IsEmpty());
}

TEST(MeasureLesions, GoesByTheSliceAxisThatItIsGiven) {
  const GridGeometry grid = PlainGrid({20, 20, 10});
  const auto labels = Painting<std::uint16_t>(grid, 0).Box({2, 2, 3}, {4, 7, 7}, 1);
  const ResolvedPrompts prompts = PromptsOfLesions({{Plus({3, 3, 4})}});
  EXPECT_EQ(MeasureLesions(Divided(labels, 1), grid, 1, prompts, {})[0].slices_spanned, 5);
  const LesionResult thin = MeasureLesions(Divided(labels, 1), grid, 0, prompts, {})[0];
  EXPECT_EQ(thin.slices_spanned, 2);
  EXPECT_TRUE(thin.is_below_measurable);
  EXPECT_THAT(thin.flags, ElementsAre("below_measurable"));
  EXPECT_FALSE(MeasureLesions(Divided(labels, 1), grid, 0, prompts, {.measurable_slices = 2})[0].is_below_measurable);
}

TEST(MeasureLesions, FlagsEachBorderOfTheVolume) {
  const GridGeometry grid = PlainGrid({9, 9, 9});
  const ResolvedPrompts prompts = PromptsOfLesions({{Plus({4, 4, 4})}});
  for (std::size_t axis = 0; axis < 3; ++axis) {
    for (const bool at_end : {false, true}) {
      Ijk begin{2, 2, 2}, end{7, 7, 7};
      (at_end ? end[axis] : begin[axis]) = at_end ? 9 : 0;
      const auto labels = Painting<std::uint16_t>(grid, 0).Box(begin, end, 1);
      EXPECT_THAT(MeasureLesions(Divided(labels, 1), grid, 2, prompts, {})[0].flags, ElementsAre("touches_border"))
          << "axis " << axis << (at_end ? " end" : " begin");
    }
  }
  const auto inside = Painting<std::uint16_t>(grid, 0).Box({1, 1, 1}, {8, 8, 8}, 1);
  EXPECT_THAT(MeasureLesions(Divided(inside, 1), grid, 2, prompts, {})[0].flags, IsEmpty());
}

TEST(MeasureLesions, KeepsTheLabelOfALesionBehindAnEmptyOne) {
  const GridGeometry grid = PlainGrid({9, 9, 9});
  const auto labels = Painting<std::uint16_t>(grid, 0).Box({1, 1, 1}, {8, 8, 8}, 2);
  ResolvedPrompts prompts = PromptsOfLesions({{Plus({0, 0, 0})}, {Plus({4, 4, 4})}});
  prompts.lesions[0].flags = {"CLICK_MOVED"};
  DividedMask divided = Divided(labels, 2);
  divided.lesions[0].warnings = {"outside"};
  divided.lesions[1].flags = {"shared_component", "shared_component"};
  const auto lesions = MeasureLesions(divided, grid, 2, prompts, {});
  EXPECT_THAT(lesions[0].flags, UnorderedElementsAre("CLICK_MOVED", "empty"));
  EXPECT_THAT(lesions[0].warnings, ElementsAre("outside"));
  EXPECT_EQ(lesions[0].voxels, 0);
  EXPECT_FALSE(lesions[0].is_below_measurable);
  EXPECT_EQ(lesions[1].label, 2);
  EXPECT_EQ(lesions[1].voxels, 343);
  EXPECT_THAT(lesions[1].flags, ElementsAre("shared_component"));
}

}  // namespace
}  // namespace dinsd
