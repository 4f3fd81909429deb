#include "pipeline/write/keyhole.h"

#include <gtest/gtest.h>

#include <string>

#include "pipeline/read/scan_conversion.h"
#include "tests/random.h"

namespace dinsd {
namespace {

struct Picture {
  int width, height;
  std::vector<bool> pixels;

  [[nodiscard]] bool At(int x, int y) const { return pixels[static_cast<std::size_t>(y * width + x)]; }
  [[nodiscard]] std::vector<ContourLoop> Polygons() const {
    return KeyholePolygons(width, height, [&](int x, int y) { return At(x, y); });
  }
};

Picture Drawn(const std::vector<std::string>& rows) {
  Picture picture{static_cast<int>(rows[0].size()), static_cast<int>(rows.size()), {}};
  for (const std::string& row : rows) {
    for (const char c : row) picture.pixels.push_back(c == '#');
  }
  return picture;
}

// Pixels that hang together by edges, counted by spreading.
int Components(const Picture& picture) {
  std::vector<bool> seen(picture.pixels.size());
  int components = 0;
  for (std::size_t start = 0; start < seen.size(); ++start) {
    if (seen[start] || !picture.pixels[start]) continue;
    ++components;
    std::vector<int> open{static_cast<int>(start)};
    seen[start] = true;
    while (!open.empty()) {
      const int x = open.back() % picture.width, y = open.back() / picture.width;
      open.pop_back();
      for (const auto& [dx, dy] : {std::pair(1, 0), {-1, 0}, {0, 1}, {0, -1}}) {
        const int u = x + dx, v = y + dy;
        if (u < 0 || v < 0 || u >= picture.width || v >= picture.height || !picture.At(u, v)) continue;
        const auto at = static_cast<std::size_t>(v * picture.width + u);
        if (!seen[at]) open.push_back(static_cast<int>(at));
        seen[at] = true;
      }
    }
  }
  return components;
}

Picture Filled(const std::vector<ContourLoop>& polygons, int width, int height) {
  std::vector<PixelPolygon> centred;
  for (const ContourLoop& polygon : polygons) {
    centred.emplace_back();
    for (const auto& [x, y] : polygon) centred.back().push_back({x - 0.5, y - 0.5});
  }
  Picture picture{width, height, std::vector<bool>(static_cast<std::size_t>(width * height))};
  FillEvenOdd(centred, width, height,
              [&](std::int64_t i, std::int64_t j) { picture.pixels[static_cast<std::size_t>(j * width + i)] = true; });
  return picture;
}

// A polygon without bridges or with any number of them, each step along one axis.
void ExpectSteps(const ContourLoop& polygon) {
  for (std::size_t n = 0; n < polygon.size(); ++n) {
    const auto &a = polygon[n], &b = polygon[(n + 1) % polygon.size()];
    EXPECT_TRUE((a[0] == b[0]) != (a[1] == b[1]));
  }
}

// Every polygon alone encloses one whole component: the area by the shoelace formula is that of its pixels.
void ExpectRoundTrip(const Picture& picture) {
  const std::vector<ContourLoop> polygons = picture.Polygons();
  EXPECT_EQ(static_cast<int>(polygons.size()), Components(picture));
  EXPECT_EQ(Filled(polygons, picture.width, picture.height).pixels, picture.pixels);
  for (const ContourLoop& polygon : polygons) ExpectSteps(polygon);
}

TEST(Keyhole, OneVoxelIsASquare) {
  const std::vector<ContourLoop> polygons = Drawn({"..", ".#"}).Polygons();
  ASSERT_EQ(polygons.size(), 1U);
  EXPECT_EQ(polygons[0].size(), 4U);
}

TEST(Keyhole, AHoleIsJoinedByABridgeOfNoWidth) {
  const std::vector<ContourLoop> polygons = Drawn({"###", "#.#", "###"}).Polygons();
  ASSERT_EQ(polygons.size(), 1U);
  EXPECT_EQ(polygons[0].size(), 4U + 4U + 3U);  // both squares; twice where the bridge lands, once more its other end
}

TEST(Keyhole, IslandsInHolesAndTouchingCornersAreComponentsOfTheirOwn) {
  ExpectRoundTrip(Drawn({"#######", "#.....#", "#.###.#", "#.#.#.#", "#.###.#", "#.....#", "#######"}));
  ExpectRoundTrip(Drawn({"#.#", ".#.", "#.#"}));
  ExpectRoundTrip(Drawn({"#####", "#.#.#", "##.##", "#.#.#", "#####"}));
  ExpectRoundTrip(Drawn({"####", "#..#", "#.##", "##.#", "####"}));
  ExpectRoundTrip(Drawn({"######", "#.##.#", "######", "##.###", "#.#.##", "######"}));
}

TEST(Keyhole, NothingGivesNothing) {
  EXPECT_TRUE(Drawn({"...", "..."}).Polygons().empty());
}

TEST(Keyhole, EverySmallPictureComesBack) {
  for (unsigned bits = 0; bits < 1U << 16; ++bits) {
    Picture picture{4, 4, {}};
    for (unsigned n = 0; n < 16; ++n) picture.pixels.push_back((bits >> n & 1U) != 0);
    ASSERT_NO_FATAL_FAILURE(ExpectRoundTrip(picture));
    ASSERT_FALSE(HasFailure()) << "picture " << bits;
  }
}

TEST(Keyhole, RandomPicturesOfAnyDensityComeBack) {
  TestRandom random(1);
  for (int n = 0; n < 300; ++n) {
    const double density = 0.1 + 0.8 * random.Unit();
    Picture picture{3 + n % 40, 3 + n * 7 % 31, {}};
    for (int p = 0; p < picture.width * picture.height; ++p) picture.pixels.push_back(random.Unit() < density);
    ExpectRoundTrip(picture);
    ASSERT_FALSE(HasFailure()) << "picture " << n;
  }
}

}  // namespace
}  // namespace dinsd
