#include "pipeline/followup/mask_fit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "pipeline/followup/prior_check.h"
#include "pipeline/phantom/phantom.h"

namespace dinsd {
namespace {

LabelMap Moved(const LabelMap& mask, std::ptrdiff_t rows) {
  LabelMap moved = mask;
  std::rotate(moved.labels.begin(), moved.labels.begin() + rows * mask.grid.size[0], moved.labels.end());
  return moved;
}

// A block of 10 in a field of 0: the step is 10, half of the voxels in and round it are bright.
TEST(FitOfLesions, IsTheStepAcrossTheRimOverTheDeviation) {
  Volume image;
  image.grid.size = {20, 20, 1};
  image.grid.spacing = {4, 4, 10};
  image.voxels.assign(400, 0);
  LabelMap mask{image.grid, std::vector<std::uint16_t>(400)};
  for (std::size_t j = 8; j < 12; ++j) {
    for (std::size_t i = 8; i < 12; ++i) {
      mask.labels[20 * j + i] = 3;
      image.voxels[20 * j + i] = 10;
    }
  }
  const std::vector<LesionFit> fits = FitOfLesions(image, mask);
  ASSERT_EQ(fits.size(), 1U);
  EXPECT_EQ(fits[0].label, 3);
  EXPECT_EQ(fits[0].rim_pairs, 16);
  EXPECT_EQ(fits[0].mean, 10);
  EXPECT_EQ(fits[0].round_mean, 0);
  const double share = 16.0 / static_cast<double>(16 + fits[0].round_voxels);
  EXPECT_NEAR(fits[0].rim_step, 1 / std::sqrt(share * (1 - share)), 1e-9);
  const RimFit rim = RimOf(fits).value();
  EXPECT_NEAR(rim.Deviations(), 4 * rim.step, 1e-9);
  EXPECT_FALSE(RimOf({}));
}

TEST(CheckMaskFits, TellsAMaskThatWasMovedOntoOtherBrightThings) {
  const Phantom phantom = MakePhantom({PhantomPreset::kSmall, 4, 1});
  EXPECT_EQ(CheckMaskFits(phantom.image, phantom.truth).verdict, PriorVerdict::kUsable);
  int bright = 0;
  for (std::ptrdiff_t rows = 8; rows < 96 * 8; rows += 8) {
    const PriorCheck check = CheckMaskFits(phantom.image, Moved(phantom.truth, rows));
    EXPECT_TRUE(check.Has("mask_off_edges")) << rows;
    if (!check.Has("mask_not_bright")) ++bright;
  }
  EXPECT_GT(bright, 5) << "brightness alone does not tell them";
}

TEST(CheckMaskFits, SaysSoWhereALesionIsTooSmallToTell) {
  Phantom phantom = MakePhantom({PhantomPreset::kSmall, 2, 1});
  for (std::uint16_t& label : phantom.truth.labels) label = label == 4 ? label : std::uint16_t{0};  // eight voxels
  const PriorCheck check = CheckMaskFits(phantom.image, phantom.truth);
  ASSERT_TRUE(check.Has("mask_off_edges"));
  EXPECT_NE(check.findings.back().sentence.find("so small"), std::string::npos) << check.findings.back().sentence;
}

}  // namespace
}  // namespace dinsd
