#include "pipeline/report/slice_view.h"

#include <gtest/gtest.h>

namespace dinsd {
namespace {

GridGeometry Grid(const std::array<double, 9>& direction, std::array<double, 3> spacing = {1, 1, 8}) {
  return {.size = {5, 6, 3}, .spacing = spacing, .direction = direction};
}

// What the picture shows at its four edges: left, right, top, bottom.
std::string Edges(const GridGeometry& grid) {
  const EdgeLetters letters = SliceView(grid).letters();
  return letters.left + letters.right + letters.top + letters.bottom;
}

// The LPS point of a view's corner, for comparison with its letters.
std::array<double, 3> Lps(const GridGeometry& grid, const SliceView& view, std::int64_t y, std::int64_t x) {
  const auto at = static_cast<std::int64_t>(view.Offset(0, y, x));
  const std::int64_t plane = grid.size[0] * grid.size[1];
  return LpsFromIndex(grid, {static_cast<double>(at % grid.size[0]), static_cast<double>(at % plane / grid.size[0]),
                             static_cast<double>(at / plane)});
}

TEST(SliceView, PutsACoronalSeriesHeadUpAndThePatientsLeftOnTheRight) {
  const GridGeometry right_to_left_head_to_feet = Grid({1, 0, 0, 0, 0, 1, 0, -1, 0});
  EXPECT_EQ(Edges(right_to_left_head_to_feet), "RLHF");
  EXPECT_EQ(SliceView(right_to_left_head_to_feet).PlaneName(), "coronal");
  const GridGeometry all_the_other_way = Grid({-1, 0, 0, 0, 0, -1, 0, 1, 0});
  EXPECT_EQ(Edges(all_the_other_way), "RLHF");
  const SliceView view(all_the_other_way);
  const auto top_left = Lps(all_the_other_way, view, 0, 0);
  const auto bottom_right = Lps(all_the_other_way, view, view.size().y - 1, view.size().x - 1);
  EXPECT_LT(top_left[0], bottom_right[0]) << "x grows to the patient's left";
  EXPECT_GT(top_left[2], bottom_right[2]) << "z grows to the head";
}

TEST(SliceView, PutsAnAxialSeriesAnteriorUp) {
  EXPECT_EQ(Edges(Grid({1, 0, 0, 0, 1, 0, 0, 0, 1})), "RLAP");
  EXPECT_EQ(Edges(Grid({-1, 0, 0, 0, -1, 0, 0, 0, 1})), "RLAP");
  EXPECT_EQ(SliceView(Grid({1, 0, 0, 0, 1, 0, 0, 0, 1})).PlaneName(), "axial");
}

TEST(SliceView, PutsASagittalSeriesHeadUpAnteriorLeft) {
  EXPECT_EQ(Edges(Grid({0, 0, 1, 1, 0, 0, 0, -1, 0})), "APHF");
  EXPECT_EQ(Edges(Grid({0, 0, -1, -1, 0, 0, 0, 1, 0})), "APHF");
}

TEST(SliceView, FindsTheSliceAxisWhereverTheFileKeepsIt) {
  const GridGeometry coronal_in_lps_order = Grid({1, 0, 0, 0, 1, 0, 0, 0, 1}, {1.5, 10, 1.5});
  const SliceView view(coronal_in_lps_order);
  EXPECT_EQ(Edges(coronal_in_lps_order), "RLHF");
  EXPECT_EQ(view.size(), (Size3{6, 3, 5}));
  EXPECT_EQ(view.spacing_mm(), (Vec3{10, 1.5, 1.5}));
}

TEST(SliceView, NamesBothLettersOfAnObliqueEdge) {
  const double c = 0.8, s = 0.6;
  const GridGeometry turned = Grid({c, 0, -s, s, 0, c, 0, -1, 0});
  EXPECT_EQ(Edges(turned), "RALPHF");
  EXPECT_EQ(SliceView(turned).PlaneName(), "oblique coronal");
}

TEST(SliceView, CountsSlicesAsTheFileDoes) {
  const GridGeometry back_to_front = Grid({1, 0, 0, 0, 0, -1, 0, -1, 0});
  const SliceView view(back_to_front);
  const Index3 first = view.FromGrid({0, 0, 0});
  EXPECT_EQ(first.z, 2) << "shown from front to back";
  EXPECT_EQ(view.SliceNumber(first.z), 1);
}

TEST(ViewBox, GrowsRoundPixelsAndIsClipped) {
  ViewBox box;
  EXPECT_TRUE(box.IsEmpty());
  box.Include(3, 4);
  box.Include(1, 6);
  EXPECT_EQ(box.Width(), 3);
  EXPECT_EQ(box.Height(), 3);
  const ViewBox clipped = box.Grown(5, 1).ClippedTo({0, 0, 8, 6});
  EXPECT_EQ(clipped.x0, 0);
  EXPECT_EQ(clipped.x1, 8);
  EXPECT_EQ(clipped.y0, 3);
  EXPECT_EQ(clipped.y1, 6);
}

}  // namespace
}  // namespace dinsd
