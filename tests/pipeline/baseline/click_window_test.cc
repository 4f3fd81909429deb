#include "pipeline/baseline/click_window.h"

#include <gtest/gtest.h>

namespace dinsd {
namespace {

constexpr Size3 kSize{9, 60, 60};
constexpr Vec3 kSpacing{10, 2, 1};
constexpr WindowOptions kOptions{.half_mm = 20, .margin_mm = 4};

TEST(ClickWindowTest, ReachesAsManyMillimetresToEachSideInsideTheImage) {
  EXPECT_EQ(WindowAround({4, 30, 30}, kSize, kSpacing, kOptions), (IndexBox{{2, 20, 10}, {7, 41, 51}}));
  EXPECT_EQ(WindowAround({0, 5, 59}, kSize, kSpacing, kOptions), (IndexBox{{0, 0, 39}, {3, 16, 60}}));
}

TEST(ClickWindowTest, AClickIsWellInsideButForTheMarginOfSidesThatAreNotTheImages) {
  const IndexBox window{{0, 20, 10}, {5, 41, 60}};
  const auto is_inside = [&](const Index3& v) { return IsWellInside(window, v, kSize, kSpacing, kOptions); };
  EXPECT_TRUE(is_inside({0, 22, 59})) << "at the image's sides";
  EXPECT_TRUE(is_inside({3, 38, 14}));
  EXPECT_FALSE(is_inside({4, 30, 30})) << "the last slice: at least one voxel of margin";
  EXPECT_FALSE(is_inside({2, 21, 30}));
  EXPECT_FALSE(is_inside({2, 39, 30}));
  EXPECT_FALSE(is_inside({2, 30, 13}));
  EXPECT_FALSE(is_inside({5, 30, 30})) << "outside";
}

}  // namespace
}  // namespace dinsd
