#include "pipeline/followup/change_interval.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/random.h"

namespace dinsd {
namespace {

TEST(IntervalOfChangeTest, IsThatOfBothTimepointsOnTheLogarithm) {
  const auto interval = IntervalOfChange(10, 15, 0.06, 0.08);
  ASSERT_TRUE(interval);
  EXPECT_NEAR(interval->low, 100 * (1.5 * std::exp(-1.96 * 0.1) - 1), 1e-3);
  EXPECT_NEAR(interval->high, 100 * (1.5 * std::exp(1.96 * 0.1) - 1), 1e-3);
}

TEST(IntervalOfChangeTest, IsTheChangeItselfWithoutAnyError) {
  const auto interval = IntervalOfChange(8, 6, 0, 0);
  ASSERT_TRUE(interval);
  EXPECT_NEAR(interval->low, -25, 1e-12);
  EXPECT_NEAR(interval->high, -25, 1e-12);
}

TEST(IntervalOfChangeTest, IsNotKnownWithoutBothErrorsAndBothVolumes) {
  const double nan = std::numeric_limits<double>::quiet_NaN(), infinite = std::numeric_limits<double>::infinity();
  EXPECT_FALSE(IntervalOfChange(10, 15, std::nullopt, 0.1));
  EXPECT_FALSE(IntervalOfChange(10, 15, 0.1, std::nullopt));
  EXPECT_FALSE(IntervalOfChange(10, 15, nan, 0.1));
  EXPECT_FALSE(IntervalOfChange(10, 15, 0.1, infinite));
  EXPECT_FALSE(IntervalOfChange(10, 15, -0.1, 0.1));
  EXPECT_FALSE(IntervalOfChange(0, 15, 0.1, 0.1));
  EXPECT_FALSE(IntervalOfChange(10, 0, 0.1, 0.1));
  EXPECT_FALSE(IntervalOfChange(nan, 15, 0.1, 0.1));
  EXPECT_FALSE(IntervalOfChange(10, 15, 1000, 0.1)) << "no number is so large";
}

// What it is for: of unchanged lesions whose errors are as stated, one in twenty seems to change.
TEST(IntervalOfChangeTest, HoldsNoChangeInNineteenOfTwentyUnchangedLesions) {
  TestRandom random(20);
  const auto normal = [&] {
    return std::sqrt(-2 * std::log(1 - random.Unit())) * std::cos(2 * std::acos(-1.0) * random.Unit());
  };
  constexpr int kLesions = 20000;
  int holds = 0;
  for (int n = 0; n < kLesions; ++n) {
    const double a = 0.3 * random.Unit(), b = 0.3 * random.Unit();
    const auto interval = IntervalOfChange(10 * std::exp(a * normal()), 10 * std::exp(b * normal()), a, b);
    ASSERT_TRUE(interval);
    if (interval->low <= 0 && interval->high >= 0) ++holds;
  }
  EXPECT_NEAR(holds, 0.95 * kLesions, 4 * std::sqrt(kLesions * 0.95 * 0.05));
}

}  // namespace
}  // namespace dinsd
