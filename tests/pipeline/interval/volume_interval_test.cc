#include "pipeline/interval/volume_interval.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

namespace dinsd {
namespace {

TEST(VolumeSpread, IsThatOfTheLogarithms) {
  const double e = std::exp(1.0);
  const VolumeSpread spread = SpreadOf({1, e, e * e}, 0.01, 0.75);
  EXPECT_NEAR(spread.run_log_sd, 1, 1e-12);
  EXPECT_NEAR(spread.LogSd(), 1.25, 1e-12) << "with what the voxels add";
  EXPECT_EQ(SpreadOf({2, 2, 2}, 0.01, 0).LogSd(), 0);
  EXPECT_THROW((void)SpreadOf({2}, 0.01, 0), std::invalid_argument);
}

TEST(VolumeSpread, OfALesionThatWasLostInARunIsLarge) {
  const VolumeSpread spread = SpreadOf({5, 5, 5, 0}, 0.02, 0);
  EXPECT_NEAR(spread.run_log_sd, std::log(5 / 0.01) / 2, 1e-12) << "half a voxel stands for nothing";
}

TEST(VolumeInterval, GoesByTheCalibrationOfVolumeAndOfChange) {
  const VolumeSpread spread{{9, 10, 11, 12, 10, 9}, 0.3, 0.4};
  const IntervalCalibration calibration{
      .volume_bias = -0.1, .volume = {.factor = 2, .floor = 0}, .change = {.factor = 0, .floor = 0.25}};
  const VolumeInterval interval = IntervalOf(10, 3, spread, calibration);
  EXPECT_NEAR(interval.low_ml, 10 * std::exp(-0.1 - 1.645 * 1), 1e-3);
  EXPECT_NEAR(interval.high_ml, 10 * std::exp(-0.1 + 1.645 * 1), 1e-1);
  EXPECT_EQ(interval.level, 0.9);
  EXPECT_EQ(interval.runs, 6);
  EXPECT_DOUBLE_EQ(interval.change_log_sd.value(), 0.25);
}

// A ball of 10 mm radius and one of 20: an outline that lies 1 mm in or out is 30 and 15 % of its volume.
TEST(VolumeInterval, OfASmallLesionIsMovedAndWidenedByAnOutlineThatLiesInOrOut) {
  const IntervalCalibration calibration{
      .edge_bias_mm = -1, .volume = {.floor = 0.4, .edge_mm = 1}, .change = {.factor = 1, .edge_mm = 2}};
  const VolumeSpread spread{{1, 1, 1}, 0, 0.8};
  const double small_ml = 4.0 / 3 * M_PI, large_ml = 8 * small_ml;
  const VolumeInterval small = IntervalOf(small_ml, 3, spread, calibration),
                       large = IntervalOf(large_ml, 3, spread, calibration);
  EXPECT_NEAR(small.low_ml, small_ml * std::exp(-0.3 - 1.645 * 0.5), 1e-3);
  EXPECT_NEAR(small.high_ml, small_ml * std::exp(-0.3 + 1.645 * 0.5), 1e-3);
  EXPECT_NEAR(large.low_ml, large_ml * std::exp(-0.15 - 1.645 * std::hypot(0.4, 0.15)), 1e-2);
  EXPECT_NEAR(small.change_log_sd.value(), 1.0, 1e-12);
  EXPECT_NEAR(large.change_log_sd.value(), std::hypot(0.8, 0.3), 1e-12);
}

// Changes are fitted on lesions of least_slices and more, volumes on all.
TEST(VolumeInterval, OfATooThinLesionBearsOnNoChange) {
  const VolumeSpread spread{{9, 10, 11, 12, 10, 9}, 0.3, 0.4};
  IntervalCalibration calibration{.volume = {.factor = 2}, .change = {.factor = 1}};
  const VolumeInterval thin = IntervalOf(10, 2, spread, calibration), thick = IntervalOf(10, 3, spread, calibration);
  EXPECT_FALSE(thin.change_log_sd);
  EXPECT_DOUBLE_EQ(thick.change_log_sd.value(), 0.5);
  EXPECT_EQ(thin.low_ml, thick.low_ml);
  EXPECT_EQ(thin.high_ml, thick.high_ml);
  calibration.least_slices = 2;
  EXPECT_TRUE(IntervalOf(10, 2, spread, calibration).change_log_sd);
}

}  // namespace
}  // namespace dinsd
