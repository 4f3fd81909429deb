#include "pipeline/evaluate/simulated_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

namespace dinsd {
namespace {

// Two balls, labels 1 and 2, on a grid of thick slices.
LabelMap TwoBalls(std::int64_t apart = 20) {
  LabelMap map;
  map.grid.size = {60, 40, 12};
  map.grid.spacing = {1.5, 1.5, 6};
  map.labels.resize(60 * 40 * 12);
  const Size3 size = map.grid.SizeZyx();
  for (std::size_t at = 0; at < map.labels.size(); ++at) {
    const Index3 v = IndexAt(size, at);
    const auto squared = [&](std::int64_t x) {
      const double dz = 6.0 * static_cast<double>(v.z - 6), dy = 1.5 * static_cast<double>(v.y - 20),
                   dx = 1.5 * static_cast<double>(v.x - x);
      return dz * dz + dy * dy + dx * dx;
    };
    if (squared(15) < 200) map.labels[at] = 1;
    if (squared(15 + apart) < 200) map.labels[at] = 2;
  }
  return map;
}

std::int64_t Count(const LabelMap& map, std::uint16_t label) {
  return std::count(map.labels.begin(), map.labels.end(), label);
}

TEST(SimulatedReader, WithoutErrorsDrawsTheTruth) {
  const LabelMap truth = TwoBalls();
  EXPECT_EQ(SimulateReader(truth, {.jitter_mm = 0, .missed_end_slices = 0}).labels, truth.labels);
}

TEST(SimulatedReader, DrawsTheSameTwiceAndOtherwiseWithAnotherSeed) {
  const LabelMap truth = TwoBalls();
  EXPECT_EQ(SimulateReader(truth, {.seed = 4}).labels, SimulateReader(truth, {.seed = 4}).labels);
  EXPECT_NE(SimulateReader(truth, {.seed = 4}).labels, SimulateReader(truth, {.seed = 5}).labels);
  EXPECT_NE(SimulateReader(truth, {.seed = 4}).labels, truth.labels);
}

TEST(SimulatedReader, DrawsOutsideOrInsideWithABias) {
  const LabelMap truth = TwoBalls();
  const LabelMap outside = SimulateReader(truth, {.jitter_mm = 0, .bias_mm = 1, .missed_end_slices = 0});
  const LabelMap inside = SimulateReader(truth, {.jitter_mm = 0, .bias_mm = -1, .missed_end_slices = 0});
  EXPECT_GT(Count(outside, 1), Count(truth, 1));
  EXPECT_LT(Count(inside, 1), Count(truth, 1));
  EXPECT_GT(Count(inside, 1), 0);
}

TEST(SimulatedReader, LeavesOutEndSlicesButNeverAWholeLesion) {
  const LabelMap truth = TwoBalls();
  const LabelMap drawn = SimulateReader(truth, {.jitter_mm = 0, .missed_end_slices = 1});
  const auto slices = [](const LabelMap& map) {
    std::int64_t count = 0;
    for (std::int64_t z = 0; z < 12; ++z) {
      const auto begin = map.labels.begin() + z * 60 * 40;
      count += std::find(begin, begin + 60 * 40, 1) != begin + 60 * 40 ? 1 : 0;
    }
    return count;
  };
  EXPECT_EQ(slices(drawn), slices(truth) - 2);
  LabelMap flat = truth;
  for (std::size_t at = 0; at < flat.labels.size(); ++at) {
    if (IndexAt(flat.grid.SizeZyx(), at).z != 6) flat.labels[at] = 0;
  }
  EXPECT_EQ(SimulateReader(flat, {.jitter_mm = 0, .missed_end_slices = 1}).labels, flat.labels);
}

TEST(SimulatedReader, LeavesNoLesionVoxelToANeighbourThatGrows) {
  const LabelMap truth = TwoBalls(19);
  const LabelMap drawn = SimulateReader(truth, {.jitter_mm = 0, .bias_mm = 6, .missed_end_slices = 0});
  for (std::size_t at = 0; at < truth.labels.size(); ++at) {
    if (truth.labels[at] != 0) {
      ASSERT_EQ(drawn.labels[at], truth.labels[at]);
    }
  }
  EXPECT_GT(Count(drawn, 2), Count(truth, 2));
}

TEST(SimulatedReader, RefusesOptionsOutOfRange) {
  EXPECT_THROW((void)SimulateReader(TwoBalls(), {.jitter_mm = -1}), std::invalid_argument);
  EXPECT_THROW((void)SimulateReader(TwoBalls(), {.missed_end_slices = 2}), std::invalid_argument);
}

}  // namespace
}  // namespace dinsd
