#include "pipeline/report/contour.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/random.h"

namespace dinsd {
namespace {

std::vector<ContourLoop> Trace(const std::vector<std::string>& rows) {
  return TraceContours(static_cast<int>(rows[0].size()), static_cast<int>(rows.size()), [&](int x, int y) {
    return rows[static_cast<std::size_t>(y)][static_cast<std::size_t>(x)] == '#';
  });
}

// Shoelace formula, positive when the region is on the right hand (y downwards: clockwise on the screen).
double SignedArea(const ContourLoop& loop) {
  double area = 0;
  for (std::size_t i = 0; i < loop.size(); ++i) {
    const auto& a = loop[i];
    const auto& b = loop[(i + 1) % loop.size()];
    area += a[0] * b[1] - b[0] * a[1];
  }
  return area / 2;
}

TEST(Contour, OfOnePixelIsItsFourCorners) {
  const auto loops = Trace({"...", ".#.", "..."});
  ASSERT_EQ(loops.size(), 1U);
  EXPECT_EQ(loops[0].size(), 4U);
  EXPECT_EQ(SignedArea(loops[0]), 1);
  EXPECT_EQ(ContourPath(loops), "M2 1v1h-1v-1z");
}

TEST(Contour, LeavesOutCornersOnStraightEdges) {
  EXPECT_EQ(Trace({"####", "####"})[0].size(), 4U);
}

TEST(Contour, GoesRoundHoles) {
  const auto loops = Trace({"###", "#.#", "###"});
  ASSERT_EQ(loops.size(), 2U);
  EXPECT_EQ(SignedArea(loops[0]) + SignedArea(loops[1]), 8);
}

TEST(Contour, KeepsPixelsApartThatTouchAtACorner) {
  EXPECT_EQ(Trace({"#.", ".#"}).size(), 2U);
  EXPECT_EQ(Trace({".#", "#."}).size(), 2U);
}

TEST(Contour, OfNothingIsNothing) {
  EXPECT_TRUE(Trace({"..", ".."}).empty());
  EXPECT_EQ(ContourPath({}), "");
}

TEST(Contour, EnclosesEveryRegionsArea) {
  TestRandom random(17);
  for (int round = 0; round < 200; ++round) {
    const int width = 1 + static_cast<int>(random.Below(14)), height = 1 + static_cast<int>(random.Below(14));
    std::vector<bool> inside(static_cast<std::size_t>(width * height));
    int count = 0;
    for (std::size_t i = 0; i < inside.size(); ++i) {
      inside[i] = random.Below(2) == 0;
      count += inside[i] ? 1 : 0;
    }
    double area = 0;
    for (const ContourLoop& loop :
         TraceContours(width, height, [&](int x, int y) { return inside[static_cast<std::size_t>(y * width + x)]; })) {
      area += SignedArea(loop);
    }
    EXPECT_EQ(area, count) << width << " x " << height;
  }
}

}  // namespace
}  // namespace dinsd
