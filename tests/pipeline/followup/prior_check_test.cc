#include "pipeline/followup/prior_check.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "pipeline/phantom/phantom.h"
#include "tests/pipeline/followup/made_map.h"

namespace dinsd {
namespace {

StudyVolumes AsVolumes(const Volume& volume) {
  StudyVolumes volumes;
  volumes.map = MapStations({volume.grid}, 0);
  volumes.whole = volume;
  return volumes;
}

RegistrationOptions Quick() {
  RegistrationOptions options;
  options.samples = 8000;
  options.check_round_trip = false;
  return options;
}

const Phantom& Prior() {
  static const Phantom phantom = MakePhantom({PhantomPreset::kSmall, 3, 1});
  return phantom;
}

PriorCheck CheckAgainstToday(const Volume& prior, const LabelMap& mask) {
  static const Phantom today = MakePhantom({PhantomPreset::kSmall, 3, 2});
  const StudyRegistration found = AsStudy(RegisterImages(prior, today.image, Quick()), today.image.grid);
  const WarpedLabels warped = WarpLabels(mask, today.image.grid, found);
  return CheckPrior(AsVolumes(prior), AsVolumes(today.image), mask, found, warped, Quick());
}

TEST(CheckPrior, LetsTheSamePatientsPriorPass) {
  const PriorCheck check = CheckAgainstToday(Prior().image, Prior().truth);
  EXPECT_EQ(check.verdict, PriorVerdict::kUsable) << (check.findings.empty() ? "" : check.findings[0].sentence);
  EXPECT_GT(check.evidence.detail.value(), check.evidence.mirrored_detail.value());
  EXPECT_EQ(check.evidence.bright_prior, 1);
}

TEST(CheckPrior, RefusesAMirroredPrior) {
  LabelMap mask = Prior().truth;
  const Volume mirrored = Mirrored(Prior().image);
  mask.grid = mirrored.grid;
  const PriorCheck check = CheckAgainstToday(mirrored, mask);
  EXPECT_EQ(check.verdict, PriorVerdict::kRefused);
  EXPECT_TRUE(check.Has("mirrored"));
}

TEST(CheckPrior, DoesNotTakeAnotherPatientsPriorSilently) {
  const Phantom other = MakePhantom({PhantomPreset::kSmall, 1003, 1});
  EXPECT_NE(CheckAgainstToday(other.image, other.truth).verdict, PriorVerdict::kUsable);
}

TEST(CheckPrior, NamesAMaskThatLiesBesideTheTumours) {
  LabelMap mask = Prior().truth;
  std::rotate(mask.labels.begin(), mask.labels.begin() + 40 * 64, mask.labels.end());
  EXPECT_TRUE(CheckAgainstToday(Prior().image, mask).Has("mask_not_bright"));
}

TEST(CheckPriorMask, RefusesAnEmptyMaskAndOneOfAnotherGrid) {
  LabelMap mask = Prior().truth;
  EXPECT_EQ(CheckPriorMask(Prior().image, mask).verdict, PriorVerdict::kUsable);
  mask.grid.origin[2] += 100;
  EXPECT_TRUE(CheckPriorMask(Prior().image, mask).Has("mask_off_grid"));
  mask = Prior().truth;
  std::fill(mask.labels.begin(), mask.labels.end(), 0);
  const PriorCheck check = CheckPriorMask(Prior().image, mask);
  EXPECT_TRUE(check.Has("empty_mask"));
  EXPECT_EQ(check.verdict, PriorVerdict::kRefused);
}

TEST(Mirrored, ExchangesLeftAndRightInPlace) {
  const Volume& image = Prior().image;
  const Volume mirrored = Mirrored(image);
  EXPECT_EQ(mirrored.voxels, image.voxels);
  const Point3 first = LpsFromIndex(mirrored.grid, {0, 3, 2}), last = LpsFromIndex(image.grid, {63, 3, 2});
  for (std::size_t d = 0; d < 3; ++d) EXPECT_NEAR(first[d], last[d], 1e-9);
}

TEST(BrightShare, ComparesEachLesionWithItsSurroundings) {
  const GridGeometry grid = CoronalGrid({40, 40, 3}, {2, 2, 10});
  Volume image{grid, std::vector<float>(grid.SizeZyx().VoxelCount(), 100)};
  LabelMap mask{grid, std::vector<std::uint16_t>(image.voxels.size(), 0)};
  EXPECT_FALSE(BrightShare(image, mask).has_value());
  for (std::int64_t i = 10; i < 14; ++i) {
    const std::size_t bright = Offset(grid.SizeZyx(), {1, 10, i}), dark = Offset(grid.SizeZyx(), {1, 30, i});
    mask.labels[bright] = 1;
    image.voxels[bright] = 150;
    mask.labels[dark] = 2;
    image.voxels[dark] = 99;
  }
  EXPECT_EQ(BrightShare(image, mask), 0.5);
}

TEST(PriorCheckOptions, NamesWhatIsWrong) {
  PriorCheckOptions options;
  options.refused_detail = 0.9;
  EXPECT_THROW(options.Check(), std::invalid_argument);
}

}  // namespace
}  // namespace dinsd
