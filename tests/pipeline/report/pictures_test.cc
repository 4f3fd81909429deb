#include "pipeline/report/pictures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "pipeline/report/figure.h"
#include "pipeline/report/lesion_extent.h"
#include "tests/pipeline/report/sample_result.h"

namespace dinsd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::array<double, 9> kCoronal = {1, 0, 0, 0, 0, 1, 0, -1, 0};

// A dark volume of the given size without lesions.
StudyResult DarkResult(std::array<std::int64_t, 3> size, std::array<double, 3> spacing,
                       const std::array<double, 9>& direction = kCoronal) {
  const GridGeometry grid{.size = size, .spacing = spacing, .direction = direction};
  StudyResult result = ResultWithoutLesions(grid);
  const std::size_t voxels = grid.SizeZyx().VoxelCount();
  result.volume = {grid, std::vector<float>(voxels)};
  result.mask = {grid, std::vector<std::uint16_t>(voxels)};
  result.unprompted = {grid, std::vector<std::uint16_t>(voxels)};
  return result;
}

std::size_t CountOf(const std::string& text, const std::string& word) {
  std::size_t count = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++count;
  return count;
}

TEST(GreyWindow, LeavesOutWhatIsNotFinite) {
  const std::vector<float> values = {
      0, 1, 2, 3, std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()};
  const GreyWindow window = WindowOf(values);
  EXPECT_GE(window.low, 0);
  EXPECT_LE(window.high, 3);
  EXPECT_EQ(window.Grey(std::numeric_limits<float>::quiet_NaN()), 0);
  EXPECT_EQ(window.Grey(1e9F), 255);
}

TEST(GreyWindow, OfOneValueIsNotEmpty) {
  const GreyWindow window = WindowOf(std::vector<float>(50, 7.0F));
  EXPECT_GT(window.high, window.low);
  EXPECT_NO_THROW((void)WindowOf(std::vector<float>{}).Grey(1));
}

TEST(Palette, TellsNeighboursApart) {
  for (std::size_t label = 1; label < 20; ++label) EXPECT_NE(ColourOf(label), ColourOf(label + 1));
}

TEST(ChooseSlices, TakesAllWhereTheyFit) {
  EXPECT_THAT(ChooseSlices({}, 4, 3, 7, 7), ElementsAre(3, 4, 5, 6));
}

TEST(ChooseSlices, TakesTheClicksFirstAndSpreadsTheRest) {
  EXPECT_THAT(ChooseSlices({17}, 4, 0, 21, 3), ElementsAre(0, 8, 17));
  EXPECT_THAT(ChooseSlices({5, 5, 9}, 0, 0, 3, 2), ElementsAre(5, 9));
  EXPECT_THAT(ChooseSlices({}, 10, 0, 21, 3), ElementsAre(0, 10, 20));
}

TEST(ExtentsOf, AreInTheViewsOrder) {
  StudyResult result = DarkResult({4, 5, 6}, {1, 1, 8}, {-1, 0, 0, 0, 0, -1, 0, 1, 0});  // every axis the other way
  result.mask.labels[Offset({6, 5, 4}, {5, 0, 0})] = 1;
  const SliceView view(result.mask.grid);
  const LesionExtent extent = ExtentsOf(result.mask, view, 2).at(1);
  EXPECT_EQ(extent.z0, 0);
  EXPECT_EQ(extent.z1, 1);
  EXPECT_EQ(extent.box.y0, 4);
  EXPECT_EQ(extent.box.x0, 3);
  EXPECT_TRUE(ExtentsOf(result.mask, view, 2).at(0).box.IsEmpty());
}

TEST(ProjectionFigure, KeepsThePhysicalShapeOfAnisotropicVoxels) {
  const std::string figure = ProjectionFigure(DarkResult({10, 20, 3}, {1.5, 2, 9})).page();
  EXPECT_THAT(figure, HasSubstr("<image width=\"15.00\" height=\"40.00\""));
}

TEST(ProjectionFigure, DrawsALesionWhereItIsSeenFromTheFront) {
  StudyResult result = DarkResult({10, 20, 3}, {2, 2, 9}, {-1, 0, 0, 0, 0, 1, 0, -1, 0});  // i runs right to the left
  result.mask.labels[Offset({3, 20, 10}, {1, 4, 0})] = 1;
  AddLesionOfMask(result, 1);
  const std::string figure = ProjectionFigure(result).page();
  EXPECT_THAT(figure, HasSubstr("translate(18.00 8.00) scale(2.000000 2.000000)"));
  EXPECT_THAT(figure, HasSubstr("1 \xC2\xB7 0.036 mL"));
  for (const char* letter : {">R<", ">L<", ">H<", ">F<"}) EXPECT_THAT(figure, HasSubstr(letter));
}

TEST(ProjectionFigure, NumbersTheLargestWhereThereIsNoRoomForAll) {
  const std::string figure = ProjectionFigure(SampleResult(300, {80, 500, 14})).page();
  EXPECT_THAT(figure, HasSubstr("Numbers stand at the 128 largest of"));
}

TEST(LesionStrips, ShowTheClicksOfALesionThatStayedEmpty) {
  StudyResult result = DarkResult({40, 40, 9}, {2, 2, 8});
  AddLesionOfMask(result, 1);
  result.resolved.lesions[0].clicks = {{.ijk = {20, 20, 4}}, {.ijk = {25, 20, 6}, .sign = Polarity::kNegative}};
  const LesionStrips drawn = DrawLesionStrips(result);
  ASSERT_EQ(drawn.strips.size(), 1U);
  const std::string strip = drawn.strips[0].pictures.page();
  EXPECT_THAT(strip, HasSubstr("slice 5 of 9, with 1 click\""));
  EXPECT_THAT(strip, HasSubstr("slice 7 of 9, with 1 click\""));
  EXPECT_EQ(CountOf(strip, "<circle"), 2U) << "one positive click and its rim";
}

TEST(LesionStrips, ShowTheBoxOfALesionWithoutClicks) {
  StudyResult result = DarkResult({40, 40, 9}, {2, 2, 8});
  AddLesionOfMask(result, 1);
  AddLesionOfMask(result, 2);
  result.resolved.lesions[0].box = VoxelBox{{5, 5, 2}, {9, 9, 4}};
  const LesionStrips drawn = DrawLesionStrips(result);
  ASSERT_EQ(drawn.strips.size(), 1U) << "nothing is known of the second";
  EXPECT_EQ(drawn.left_out, 0U);
}

TEST(LesionStrips, MarkProposedClicks) {
  StudyResult result = SampleResult(1);
  EXPECT_THAT(DrawLesionStrips(result).strips.at(0).pictures.page(), Not(HasSubstr("proposed")));
  result.resolved.lesions[0].clicks[0].status = ClickStatus::kProposed;
  EXPECT_THAT(DrawLesionStrips(result).strips.at(0).pictures.page(), HasSubstr("click proposed"));
}

TEST(LesionStrips, AreLimitedInNumberAndBytesWithRemarksFirst) {
  StudyResult result = SampleResult(12, {80, 400, 14});
  for (LesionResult& lesion : result.lesions) lesion.is_below_measurable = false;
  result.lesions[7].volume_ml = 0.01;
  result.lesions[7].flags = {"touches_border"};
  const LesionStrips few = DrawLesionStrips(result, {.lesions = 3});
  ASSERT_EQ(few.strips.size(), 3U);
  EXPECT_EQ(few.left_out, 9U);
  EXPECT_TRUE(std::any_of(few.strips.begin(), few.strips.end(), [](const auto& strip) { return strip.lesion == 7; }));
  const LesionStrips small = DrawLesionStrips(result, {.bytes = 60'000});
  EXPECT_LT(small.strips.size(), 12U);
  EXPECT_EQ(small.strips.size() + small.left_out, 12U);
}

TEST(LesionStrips, OfHugeLesionsStaySmall) {
  StudyResult result = DarkResult({700, 900, 3}, {1, 1, 6});
  TestRandom random(3);
  for (float& v : result.volume.voxels) v = static_cast<float>(random.Below(1000));
  for (std::size_t i = 0; i < result.mask.labels.size(); ++i) result.mask.labels[i] = 1;
  AddLesionOfMask(result, 1);
  const LesionStrips drawn = DrawLesionStrips(result);
  ASSERT_EQ(drawn.strips.size(), 1U);
  EXPECT_LT(drawn.strips[0].pictures.page().size(), 200'000U);
}

}  // namespace
}  // namespace dinsd
