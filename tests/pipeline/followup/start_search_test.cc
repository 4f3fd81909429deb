#include "pipeline/followup/start_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "model/train/counter_random.h"
#include "pipeline/followup/registration_error.h"
#include "tests/pipeline/followup/made_map.h"

namespace dinsd {
namespace {

constexpr double kVoxelMm = 8;

// A "body" of 240 x 600 x 60 mm in patches of 32 mm, in air.
Volume Patches(std::uint64_t seed) {
  Volume volume{CoronalGrid({60, 150, 6}, {4, 4, 10}, {-120, 0, 300}), {}};
  CounterRandom random(seed, 1);
  std::vector<float> patches(8 * 19 * 2);
  for (float& v : patches) v = static_cast<float>(random.Uniform(50, 250));
  for (std::int64_t k = 0; k < 6; ++k) {
    for (std::int64_t j = 0; j < 150; ++j) {
      for (std::int64_t i = 0; i < 60; ++i) {
        const bool is_air = i < 8 || i >= 52;
        volume.voxels.push_back(is_air ? 1.0F : patches[static_cast<std::size_t>((k / 3 * 19 + j / 8) * 8 + i / 8)]);
      }
    }
  }
  return volume;
}

Volume Rows(const Volume& volume, std::int64_t begin, std::int64_t end) {
  Volume part{volume.grid, {}};
  part.grid.size[1] = end - begin;
  part.grid.origin = LpsFromIndex(volume.grid, {0, static_cast<double>(begin), 0});
  for (std::int64_t k = 0; k < volume.grid.size[2]; ++k) {
    const auto first = volume.voxels.begin() + (k * volume.grid.size[1] + begin) * volume.grid.size[0];
    part.voxels.insert(part.voxels.end(), first, first + (end - begin) * volume.grid.size[0]);
  }
  return part;
}

std::vector<Start> Starts(const Volume& today, const Volume& prior, const std::optional<StartHint>& hint = {}) {
  const auto& frame = today.grid.direction;
  return FindStarts(MakeWorkingImage(today, frame, kVoxelMm), MakeWorkingImage(prior, frame, kVoxelMm), 3, frame, hint);
}

double Length(const Point3& p) {
  return std::hypot(p[0], p[1], p[2]);
}

TEST(FindStarts, FindsAStationThatIsWiderThanHighInTheWholeBody) {
  const Volume whole = Patches(1);
  const std::vector<Start> starts = Starts(Rows(whole, 110, 150), whole);  // 220 mm from middle to middle
  ASSERT_FALSE(starts.empty());
  EXPECT_LT(Length(starts.front().shift), kVoxelMm);
  for (std::size_t n = 1; n < starts.size(); ++n) {
    EXPECT_LE(starts[n].score, starts[n - 1].score);
    EXPECT_GE(Length(starts[n].shift), 40 - kVoxelMm);
  }
}

TEST(FindStarts, FindsABodyThatLiesElsewhereOnTheTable) {
  const Volume today = Patches(2);
  Volume prior = today;
  prior.grid.origin = {prior.grid.origin[0] + 48, prior.grid.origin[1], prior.grid.origin[2] - 320};
  const Point3 shift = FromFrame(today.grid.direction, Starts(today, prior).front().shift);
  EXPECT_LT(Length({shift[0] - 48, shift[1], shift[2] + 320}), kVoxelMm);
}

TEST(FindStarts, LooksNearAHintAlone) {
  const Volume today = Patches(3);
  Volume prior = today;
  prior.grid.origin[2] -= 320;
  const Point3 near = Starts(today, prior, StartHint{{0, 0, -300}, 40}).front().shift;
  EXPECT_LT(std::abs(FromFrame(today.grid.direction, near)[2] + 320), kVoxelMm);
  const Point3 far = Starts(today, prior, StartHint{{0, 0, -200}, 40}).front().shift;
  EXPECT_LE(std::abs(FromFrame(today.grid.direction, far)[2] + 200), 40 + kVoxelMm);
}

TEST(FindStarts, FindsNoPlaceForABodyThatIsNotThere) {
  const Volume today = Patches(4);
  Volume prior = Rows(today, 0, 20);  // a seventh of it: never a third
  try {
    (void)Starts(today, prior);
    FAIL() << "no error";
  } catch (const RegistrationError& error) {
    EXPECT_EQ(error.code(), "REG_NO_OVERLAP");
  }
}

}  // namespace
}  // namespace dinsd
