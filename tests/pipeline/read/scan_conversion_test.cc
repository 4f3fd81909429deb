#include "pipeline/read/scan_conversion.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/random.h"

namespace dinsd {
namespace {

constexpr std::int64_t kColumns = 19, kRows = 13;

std::vector<bool> Filled(const std::vector<PixelPolygon>& polygons) {
  std::vector<bool> pixels(kColumns * kRows);
  FillEvenOdd(polygons, kColumns, kRows, [&](std::int64_t i, std::int64_t j) {
    EXPECT_FALSE(pixels[static_cast<std::size_t>(j * kColumns + i)]);
    pixels[static_cast<std::size_t>(j * kColumns + i)] = true;
  });
  return pixels;
}

// A ray to the right, pixel by pixel.
bool IsInside(const PixelPolygon& polygon, double i, double j) {
  bool inside = false;
  for (std::size_t a = 0, b = polygon.size() - 1; a < polygon.size(); b = a++) {
    const auto &p = polygon[a], &q = polygon[b];
    if ((p[1] > j) != (q[1] > j) && i < (q[0] - p[0]) * (j - p[1]) / (q[1] - p[1]) + p[0]) inside = !inside;
  }
  return inside;
}

TEST(ScanConversion, IsTheExclusiveOrOfAllPolygonsAtEveryCentre) {
  TestRandom random(5);
  for (int n = 0; n < 500; ++n) {
    std::vector<PixelPolygon> polygons(static_cast<std::size_t>(1 + random.Below(3)));
    for (PixelPolygon& polygon : polygons) {
      for (std::int64_t corners = 3 + random.Below(9); corners > 0; --corners)  // they cross themselves
        polygon.push_back({random.Unit() * 30 - 5, random.Unit() * 24 - 5});
    }
    const std::vector<bool> pixels = Filled(polygons);
    for (std::int64_t p = 0; p < kColumns * kRows; ++p) {
      bool expected = false;
      for (const PixelPolygon& polygon : polygons)
        expected ^= IsInside(polygon, static_cast<double>(p % kColumns), static_cast<double>(p / kColumns));
      ASSERT_EQ(pixels[static_cast<std::size_t>(p)], expected) << n << " " << p;
    }
  }
}

TEST(ScanConversion, ACentreOnAnEdgeBelongsToOneOfTheTwoSides) {
  const PixelPolygon left{{2, 2}, {5, 2}, {5, 6}, {2, 6}}, right{{5, 2}, {9, 2}, {9, 6}, {5, 6}};
  const std::vector<bool> a = Filled({left}), b = Filled({right}), both = Filled({left, right});
  EXPECT_EQ(std::count(a.begin(), a.end(), true), 3 * 4);
  EXPECT_EQ(std::count(b.begin(), b.end(), true), 4 * 4);
  EXPECT_EQ(std::count(both.begin(), both.end(), true), 7 * 4);
}

TEST(ScanConversion, NothingAndWhatLiesOutsideIsEmpty) {
  EXPECT_EQ(Filled({}), std::vector<bool>(kColumns * kRows));
  EXPECT_EQ(Filled({{}}), std::vector<bool>(kColumns * kRows));
  EXPECT_EQ(Filled({{{-9, -9}, {-2, -9}, {-2, -2}}}), std::vector<bool>(kColumns * kRows));
  EXPECT_EQ(Filled({{{-9, -9}, {99, -9}, {99, 99}, {-9, 99}}}), std::vector<bool>(kColumns * kRows, true));
}

}  // namespace
}  // namespace dinsd
