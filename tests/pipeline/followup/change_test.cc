#include "pipeline/followup/change.h"

#include <gmock/gmock.h>

#include <stdexcept>

namespace dinsd {
namespace {

using testing::DoubleNear;
using testing::HasSubstr;
using testing::Optional;

ChangeInput From(double before, double now) {
  return {LesionVolume{before, 5}, LesionVolume{now, 5}, std::nullopt, std::nullopt, ""};
}

ChangeClass ClassOf(const ChangeInput& input) {
  return ChangeOf(input, {}).change;
}

TEST(ChangeOfTest, TwentyPercentWithAnIntervalThatExcludesZeroIsReal) {
  ChangeInput grown = From(10, 12);
  grown.interval = {5, 40};
  EXPECT_EQ(ClassOf(grown), ChangeClass::kIncrease);
  ChangeInput shrunk = From(10, 8);
  shrunk.interval = {-35, -4};
  EXPECT_EQ(ClassOf(shrunk), ChangeClass::kDecrease);
  EXPECT_THAT(ChangeOf(shrunk, {}).percent, Optional(DoubleNear(-20, 1e-9)));
  EXPECT_THAT(ChangeOf(shrunk, {}).ml, Optional(DoubleNear(-2, 1e-9)));
}

TEST(ChangeOfTest, VolumesOfWholeVoxelsMakeExactlyTwentyPercentDespiteRounding) {
  constexpr double kVoxelMl = 0.0078125 * 1.1;
  ChangeInput input = From(5 * kVoxelMl, 6 * kVoxelMl);
  input.interval = {1, 40};
  EXPECT_EQ(ClassOf(input), ChangeClass::kIncrease);
}

TEST(ChangeOfTest, LessIsStableWhateverTheInterval) {
  ChangeInput input = From(10, 11.99);
  EXPECT_EQ(ClassOf(input), ChangeClass::kStable);
  input.interval = {15, 25};
  EXPECT_EQ(ClassOf(input), ChangeClass::kStable);
  EXPECT_EQ(ClassOf(From(10, 8.01)), ChangeClass::kStable);
}

TEST(ChangeOfTest, AStableThatIsNotSureSaysSo) {
  ChangeInput input = From(10, 9.1);
  EXPECT_EQ(ChangeOf(input, {}).reason,
            "measured as stable; how sure is not known: the interval of the change is not known");
  input.no_interval = "uncalibrated";
  EXPECT_EQ(ChangeOf(input, {}).reason, "measured as stable; how sure is not known: uncalibrated");
  input.interval = {-80, 316};
  EXPECT_EQ(ClassOf(input), ChangeClass::kStable);
  EXPECT_EQ(ChangeOf(input, {}).reason,
            "measured as stable; the 95 % interval of the change, -80 to +316 %, does not exclude a change of 20 % or "
            "more");
  input.interval = {-20, 5};
  EXPECT_THAT(ChangeOf(input, {}).reason, HasSubstr("does not exclude a change of 20 % or more"));
  input.interval = {-19.9, 5};
  EXPECT_EQ(ChangeOf(input, {}).reason, "");
}

TEST(ChangeOfTest, APercentShortOfTheMarkDoesNotReadAsIt) {
  EXPECT_EQ(PercentDecimals(12.6), 0);
  EXPECT_EQ(PercentDecimals(-20), 0);
  EXPECT_EQ(PercentDecimals(20.04), 0);
  EXPECT_EQ(PercentDecimals(19.6), 1);
  EXPECT_EQ(PercentDecimals(-19.96), 2);
  EXPECT_EQ(PercentDecimals(20 - 1e-12), 0) << "it counts as 20";
  EXPECT_EQ(PercentDecimals(24.7, {.percent = 25}), 1);
}

TEST(ChangeOfTest, WithoutAnIntervalOrWithZeroInItIsUncertainAndSaysWhy) {
  ChangeInput input = From(10, 20);
  EXPECT_EQ(ClassOf(input), ChangeClass::kUncertain);
  EXPECT_THAT(ChangeOf(input, {}).reason, HasSubstr("not known"));
  input.no_interval = "model_mismatch";
  EXPECT_EQ(ChangeOf(input, {}).reason, "model_mismatch");
  input.interval = {-10, 210};
  EXPECT_EQ(ClassOf(input), ChangeClass::kUncertain);
  EXPECT_THAT(ChangeOf(input, {}).reason, HasSubstr("-10 to +210 %"));
  input.interval = {-50, -5};
  EXPECT_EQ(ClassOf(input), ChangeClass::kUncertain) << "an interval on the other side supports nothing";
  input.interval = {0, 30};
  EXPECT_EQ(ClassOf(input), ChangeClass::kUncertain) << "0 is in it";
}

TEST(ChangeOfTest, WhatIsTooThinGetsFiguresButNoVerdict) {
  ChangeInput input = From(10, 20);
  input.interval = {50, 150};
  input.reference->slices_spanned = 2;
  VolumeChange change = ChangeOf(input, {});
  EXPECT_EQ(change.change, ChangeClass::kBelowMeasurable);
  EXPECT_THAT(change.reason, HasSubstr("at the reference it spans 2 slices, fewer than 3"));
  EXPECT_THAT(change.percent, Optional(DoubleNear(100, 1e-9)));
  input = From(10, 1);
  input.now->slices_spanned = 1;
  change = ChangeOf(input, {});
  EXPECT_EQ(change.change, ChangeClass::kBelowMeasurable);
  EXPECT_THAT(change.reason, HasSubstr("was measurable and now spans 1 slice,"));
}

TEST(ChangeOfTest, NewNotFoundAndNotImagedHaveNoPercent) {
  ChangeInput input = From(0, 5);
  input.reference.reset();
  EXPECT_EQ(ClassOf(input), ChangeClass::kNew);
  EXPECT_FALSE(ChangeOf(input, {}).percent.has_value());
  EXPECT_EQ(ClassOf(From(0, 5)), ChangeClass::kNew) << "an empty reference divides nothing";
  EXPECT_EQ(ClassOf(From(5, 0)), ChangeClass::kNotFound);
  EXPECT_FALSE(ChangeOf(From(5, 0), {}).ml.has_value());
  input = From(5, 0);
  input.now.reset();
  EXPECT_EQ(ClassOf(input), ChangeClass::kNotImaged);
}

TEST(ChangeOfTest, RatesNeedATime) {
  ChangeInput input = From(10, 16);
  EXPECT_FALSE(ChangeOf(input, {}).ml_per_month.has_value());
  input.days = 0;
  EXPECT_FALSE(ChangeOf(input, {}).ml_per_month.has_value());
  input.days = 365.25 / 2;
  EXPECT_THAT(ChangeOf(input, {}).ml_per_month, Optional(DoubleNear(1, 1e-9)));
  EXPECT_THAT(ChangeOf(input, {}).percent_per_month, Optional(DoubleNear(10, 1e-9)));
}

TEST(ChangeOfTest, EveryClassHasItsWordAndOptionsAreChecked) {
  EXPECT_STREQ(Word(ChangeClass::kIncrease), "increase");
  EXPECT_STREQ(Word(ChangeClass::kBelowMeasurable), "below_measurable");
  EXPECT_THROW((void)ChangeOf(From(1, 1), {.percent = 0}), std::invalid_argument);
  EXPECT_THROW((void)ChangeOf(From(1, 1), {.measurable_slices = 0}), std::invalid_argument);
}

}  // namespace
}  // namespace dinsd
