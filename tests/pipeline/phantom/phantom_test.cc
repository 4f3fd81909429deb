#include "pipeline/phantom/phantom.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "pipeline/phantom/lesion.h"
#include "tests/pipeline/phantom/intensity_methods.h"

namespace dinsd {
namespace {

std::size_t VoxelAt(const GridGeometry& grid, const std::array<double, 3>& lps) {
  const std::array<double, 3> index = IndexFromLps(grid, lps);
  return static_cast<std::size_t>((std::llround(index[2]) * grid.size[1] + std::llround(index[1])) * grid.size[0] +
                                  std::llround(index[0]));
}

class SmallPhantom : public testing::TestWithParam<std::uint64_t> {
 protected:
  [[nodiscard]] static Phantom Make(int timepoint = 1) {
    return MakePhantom({PhantomPreset::kSmall, GetParam(), timepoint});
  }
};

TEST_P(SmallPhantom, IsTheSameTwice) {
  const Phantom a = Make(), b = Make();
  EXPECT_EQ(a.image.voxels, b.image.voxels);
  EXPECT_EQ(a.truth.labels, b.truth.labels);
  ASSERT_EQ(a.lesions.size(), b.lesions.size());
  for (std::size_t n = 0; n < a.lesions.size(); ++n) EXPECT_EQ(a.lesions[n].clicks_lps, b.lesions[n].clicks_lps);
}

TEST_P(SmallPhantom, HoldsTwoToFourLesions) {
  const Phantom phantom = Make();
  EXPECT_GE(phantom.lesions.size(), 2U);
  EXPECT_LE(phantom.lesions.size(), 4U);
}

TEST_P(SmallPhantom, StatesTheVolumeOfEachLabel) {
  const Phantom phantom = Make();
  std::map<std::size_t, std::size_t> voxels;
  for (const std::uint16_t label : phantom.truth.labels) ++voxels[label];
  EXPECT_EQ(voxels.size(), phantom.lesions.size() + 1) << "a label too many or an empty lesion";
  for (std::size_t n = 0; n < phantom.lesions.size(); ++n)
    EXPECT_DOUBLE_EQ(phantom.lesions[n].voxel_ml, static_cast<double>(voxels[n + 1]) * 0.0625);
}

TEST_P(SmallPhantom, ClicksInsideEveryLesion) {
  const Phantom phantom = Make();
  for (std::size_t n = 0; n < phantom.lesions.size(); ++n) {
    const auto& clicks = phantom.lesions[n].clicks_lps;
    EXPECT_GE(clicks.size(), 1U);
    EXPECT_LE(clicks.size(), 3U);
    for (const auto& click : clicks) EXPECT_EQ(phantom.truth.labels[VoxelAt(phantom.truth.grid, click)], n + 1);
  }
}

TEST_P(SmallPhantom, HasWholeNumbersThatFitInt16) {
  for (const float v : Make().image.voxels) {
    ASSERT_EQ(v, std::floor(v));
    ASSERT_GE(v, 0);
    ASSERT_LT(v, 32768);
  }
}

TEST_P(SmallPhantom, ChangesByTheStatedAmounts) {
  std::map<std::string, double> before;
  std::set<std::string> removed_before;
  int changes = 0, added = 0, removed = 0;
  for (int timepoint = 1; timepoint <= 4; ++timepoint) {
    const Phantom phantom = Make(timepoint);
    std::map<std::string, double> now;
    for (const PhantomLesion& lesion : phantom.lesions) {
      now[lesion.id] = lesion.analytic_ml;
      EXPECT_FALSE(removed_before.contains(lesion.id)) << "came back";
      EXPECT_EQ(lesion.is_new, timepoint > 1 && !before.contains(lesion.id));
      if (!before.contains(lesion.id)) continue;
      EXPECT_NEAR(lesion.analytic_ml / before[lesion.id], lesion.change_factor, 0.01 * lesion.change_factor);
      changes += lesion.change_factor != 1 ? 1 : 0;
    }
    for (const auto& [id, volume] : before) {
      const bool is_named =
          std::find(phantom.removed_ids.begin(), phantom.removed_ids.end(), id) != phantom.removed_ids.end();
      EXPECT_EQ(is_named, !now.contains(id)) << id;
    }
    removed_before.insert(phantom.removed_ids.begin(), phantom.removed_ids.end());
    removed += static_cast<int>(phantom.removed_ids.size());
    added += static_cast<int>(std::count_if(phantom.lesions.begin(), phantom.lesions.end(),
                                            [](const PhantomLesion& lesion) { return lesion.is_new; }));
    before = now;
  }
  EXPECT_GE(changes, 1);
  EXPECT_GE(added, 1);
  EXPECT_GE(removed, 1);
}

TEST_P(SmallPhantom, MovesBetweenTimepoints) {
  const Phantom first = Make(1), second = Make(2);
  double difference = 0, noise = 0;
  for (std::size_t v = 1; v < first.image.voxels.size(); ++v) {
    difference += std::abs(static_cast<double>(first.image.voxels[v] - second.image.voxels[v]));
    noise += 15 * std::sqrt(2.0) * 0.8;
  }
  EXPECT_GT(difference, 1.5 * noise);
}

INSTANTIATE_TEST_SUITE_P(Seeds, SmallPhantom, testing::Values(1, 2, 5, 9, 77));

TEST(PhantomOptionsCheck, RefusesTimepointsThatAreNotPlanned) {
  EXPECT_THROW((void)MakePhantom({PhantomPreset::kSmall, 1, 0}), std::invalid_argument);
  EXPECT_THROW((void)MakePhantom({PhantomPreset::kSmall, 1, kMostTimepoints + 1}), std::invalid_argument);
}

TEST(PhantomPresetNames, ReadBack) {
  for (const char* name : {"wbmri-a", "wbmri-b", "small"}) EXPECT_EQ(NameOf(PhantomPresetFrom(name)), name);
  EXPECT_THROW((void)PhantomPresetFrom("wbmri-c"), std::invalid_argument);
}

TEST(PhantomSeeds, GiveOtherPatients) {
  EXPECT_NE(MakePhantom({PhantomPreset::kSmall, 1, 1}).image.voxels,
            MakePhantom({PhantomPreset::kSmall, 2, 1}).image.voxels);
}

// Plans without pictures: many seeds cost little.
std::vector<LesionPlan> PlansOf(std::uint64_t seed, PhantomChanges changes = PhantomChanges::kUsual) {
  const PhantomOptions options{PhantomPreset::kWholeBodyA, seed, 1, changes};
  const NoiseTile noise(seed, kTextureStream);
  return PlanLesions(options, BuildAnatomy(seed), noise, {{-236, -88, -820}, {236, 88, 820}});
}

TEST(PhantomPlan, KeepsCountsAndSizesInRange) {
  std::size_t small = 0, all = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    std::size_t present = 0;
    for (const LesionPlan& plan : PlansOf(seed)) {
      const double volume = plan.VolumeMl(1);
      if (volume == 0) continue;  // comes later
      ++present;
      EXPECT_GE(volume, 0.2) << "seed " << seed;
      EXPECT_LE(volume, 300) << "seed " << seed;
      small += volume < 5 ? 1 : 0;
    }
    EXPECT_GE(present, 5U) << "seed " << seed;
    EXPECT_LE(present, 60U) << "seed " << seed;
    all += present;
  }
  EXPECT_NEAR(static_cast<double>(small) / static_cast<double>(all), 0.6, 0.05);
}

TEST(PhantomPlan, HoldsBothKindsAtManySites) {
  std::set<std::string> sites;
  std::size_t plexiform = 0, superficial = 0, all = 0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    for (const LesionPlan& plan : PlansOf(seed)) {
      sites.insert(plan.site);
      plexiform += plan.is_plexiform ? 1 : 0;
      superficial += plan.is_superficial ? 1 : 0;
      ++all;
    }
  }
  EXPECT_GE(sites.size(), 6U);
  EXPECT_GT(plexiform, all / 10);
  EXPECT_LT(plexiform, all / 2);
  EXPECT_GT(superficial, all / 20);
}

TEST(PhantomPlan, ChangesWidelyWhereAsked) {
  std::size_t same = 0, halved = 0, doubled = 0, all = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    for (const LesionPlan& plan : PlansOf(seed, PhantomChanges::kWide)) {
      if (plan.VolumeMl(1) < 1 || plan.VolumeMl(2) == 0) continue;  // too small to shrink, comes later, goes
      const double factor = plan.VolumeMl(2) / plan.VolumeMl(1);
      EXPECT_GE(factor, 0.4 - 1e-9) << "seed " << seed << " " << plan.id;
      EXPECT_LE(factor, 2.5 + 1e-9) << "seed " << seed << " " << plan.id;
      same += factor == 1 ? 1 : 0;
      halved += factor < 0.5 ? 1 : 0;
      doubled += factor > 2 ? 1 : 0;
      ++all;
    }
  }
  EXPECT_NEAR(static_cast<double>(same) / static_cast<double>(all), 1.0 / 3, 0.08);
  EXPECT_GT(halved, 5U);
  EXPECT_GT(doubled, 5U);
}

class WholeBodyPhantom : public testing::TestWithParam<std::uint64_t> {};

TEST_P(WholeBodyPhantom, IsBeyondThresholdsAndRegionGrowing) {
  const Phantom phantom = MakePhantom({PhantomPreset::kWholeBodyA, GetParam(), 1});
  EXPECT_EQ(phantom.image.grid.size, (std::array<std::int64_t, 3>{321, 1080, 20}));
  const IntensityResult threshold = BestThreshold(phantom), growing = BestRegionGrowing(phantom);
  RecordProperty("threshold", std::to_string(threshold.best_mean));
  RecordProperty("growing", std::to_string(growing.best_mean));
  EXPECT_LT(threshold.best_mean, 0.5) << "at " << threshold.best_setting;
  EXPECT_LT(growing.best_mean, 0.5) << "at " << growing.best_setting;
  EXPECT_GT(growing.best_mean, 0.02) << "the measure itself is broken";
}

INSTANTIATE_TEST_SUITE_P(Seeds, WholeBodyPhantom, testing::Values(1, 4));

// The yardstick of the bounds above finds a ball that is brighter than all around it.
TEST(IntensityMethods, FindABrightBall) {
  Phantom phantom;
  const GridGeometry grid{{20, 20, 20}, {1, 1, 1}, {0, 0, 0}, {1, 0, 0, 0, 1, 0, 0, 0, 1}};
  phantom.image = {grid, std::vector<float>(8000, 100)};
  phantom.truth = {grid, std::vector<std::uint16_t>(8000, 0)};
  for (std::size_t v = 0; v < 8000; ++v) {
    const auto n = static_cast<std::int64_t>(v);
    const std::int64_t i = n % 20 - 10, j = n / 20 % 20 - 10, k = n / 400 - 10;
    if (i * i + j * j + k * k > 30) continue;
    phantom.image.voxels[v] = 400;
    phantom.truth.labels[v] = 1;
  }
  phantom.lesions.push_back({.id = "L1", .clicks_lps = {{10, 10, 10}}});
  EXPECT_DOUBLE_EQ(BestThreshold(phantom).best_mean, 1);
  EXPECT_DOUBLE_EQ(BestRegionGrowing(phantom).best_mean, 1);
}

}  // namespace
}  // namespace dinsd
