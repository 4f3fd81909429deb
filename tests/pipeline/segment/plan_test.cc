#include "pipeline/segment/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/read/input_error.h"
#include "pipeline/segment/domain_check.h"
#include "tests/pipeline/segment/study_kit.h"

namespace dinsd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

ModelManifest Weights() {
  ModelManifest manifest;
  manifest.grid_rule = GridRule::kSpacing;
  manifest.spacing_mm = 2;
  manifest.training_crop = {20, 128, 128};
  manifest.width = 12;
  manifest.max_clicks_per_sign = 3;
  manifest.trained_for = {"t1", "stir-phantom"};
  return manifest;
}

const GridGeometry kGrid = PlainGrid({320, 20, 1080}, {1.5, 10, 1.5});  // coronal

ResolvedPrompts Clicks(int count) {
  std::vector<std::vector<ResolvedClick>> lesions;
  for (int n = 0; n < count; ++n) lesions.push_back({Plus({10 + 60 * n, 10, 100 + 200 * n})});
  return PromptsOfLesions(lesions);
}

StudyPlan PlanOf(int clicks, const SegmentOptions& options) {
  return PutOnArray(kGrid, Clicks(clicks), Weights(), options, "image.nii.gz").plan;
}

TEST(PlanStudy, TakesTheWholeVolumeForAsManyClicksAsTrainingUsed) {
  const StudyPlan plan = PlanOf(3, {});
  EXPECT_EQ(plan.mode, "whole");
  EXPECT_EQ(plan.passes, 1);
  EXPECT_EQ(plan.largest_pass, 20 * 816 * 240);
  EXPECT_THAT(plan.reason, HasSubstr("3 clicks"));
}

TEST(PlanStudy, TakesBoxesForMoreAndSaysSo) {
  const StudyPlan plan = PlanOf(4, {});
  EXPECT_EQ(plan.mode, "boxes");
  EXPECT_EQ(plan.passes, 4);
  EXPECT_EQ(plan.largest_pass, 20 * 128 * 128);
  EXPECT_THAT(plan.reason, HasSubstr("4 clicks of one sign, the network was trained with at most 3"));
  EXPECT_LT(plan.cost.memory_gib, PlanOf(3, {}).cost.memory_gib);
}

TEST(PlanStudy, CountsClicksOfOneSignOnly) {
  ResolvedPrompts prompts = Clicks(3);
  prompts.background = {Minus({1, 1, 1}), Minus({2, 1, 1}), Minus({3, 1, 1})};
  EXPECT_EQ(PutOnArray(kGrid, prompts, Weights(), {}, "").plan.mode, "whole");
  prompts.background.push_back(Minus({4, 1, 1}));
  EXPECT_EQ(PutOnArray(kGrid, prompts, Weights(), {}, "").plan.mode, "boxes");
}

TEST(PlanStudy, TakesBoxesWhereTheWholeVolumeIsFarLargerThanWhatTrainingSaw) {
  ModelManifest manifest = Weights();
  manifest.training_crop = {20, 816, 15};  // a sixteenth of the whole
  EXPECT_EQ(PutOnArray(kGrid, Clicks(1), manifest, {}, "").plan.mode, "whole");
  manifest.training_crop = {20, 816, 14};
  const StudyPlan plan = PutOnArray(kGrid, Clicks(1), manifest, {}, "").plan;
  EXPECT_EQ(plan.mode, "boxes");
  EXPECT_THAT(plan.reason, HasSubstr("17 times as large"));
}

TEST(PlanStudy, DoesAsItIsTold) {
  EXPECT_EQ(PlanOf(9, {.mode = SegmentMode::kWhole}).mode, "whole");
  EXPECT_EQ(PlanOf(1, {.mode = SegmentMode::kBoxes}).mode, "boxes");
}

TEST(PlanStudy, TakesBoxesWhereTheWholeVolumeIsTooLarge) {
  const double whole = PlanOf(1, {}).cost.memory_gib;
  const StudyPlan plan = PlanOf(1, {.max_memory_gib = whole - 0.1});
  EXPECT_EQ(plan.mode, "boxes");
  EXPECT_THAT(plan.reason, HasSubstr("the whole volume needs about"));
  EXPECT_GT(plan.max_pass_voxels, plan.largest_pass);
  EXPECT_LT(plan.max_pass_voxels, 20 * 816 * 240);
  EXPECT_EQ(PlanOf(1, {.max_memory_gib = whole + 0.1}).mode, "whole");
}

TEST(PlanStudy, RefusesWithBothFiguresWhatDoesNotFit) {
  for (const SegmentMode mode : {SegmentMode::kWhole, SegmentMode::kBoxes, SegmentMode::kAuto}) {
    try {
      (void)PlanOf(1, {.mode = mode, .max_memory_gib = 0.01});
      FAIL() << "was planned";
    } catch (const InputError& error) {
      EXPECT_EQ(error.code(), "MEMORY_LIMIT");
      EXPECT_EQ(error.file(), "image.nii.gz");
      EXPECT_EQ(error.verdict(), InputVerdict::kRejected);
      EXPECT_THAT(error.what(), HasSubstr("GiB"));
      EXPECT_THAT(error.what(), HasSubstr("the limit is 0.01 GiB"));
    }
  }
}

TEST(PlanStudy, RunsNothingWhereNothingIsMarked) {
  ResolvedPrompts prompts;
  prompts.background = {Minus({1, 1, 1})};
  const StudyPlan plan = PutOnArray(kGrid, prompts, Weights(), {}, "").plan;
  EXPECT_FALSE(plan.has_passes);
  EXPECT_EQ(plan.mode, "none");
}

TEST(PlanStudy, CountsTheEightPassesOfFlips) {
  EXPECT_DOUBLE_EQ(PlanOf(1, {.average_flips = true}).cost.cpu_seconds, 8 * PlanOf(1, {}).cost.cpu_seconds);
}

// The published network: 3,741.742 GFLOP (2 per multiplication) at 20 x 960 x 320, made from its table of layers.
TEST(CostEstimate, CountsTheMultiplicationsOfTheNetwork) {
  EXPECT_NEAR(MultiplicationsPerVoxel(30) * 2 * 20 * 960 * 320 / 1e9, 3741.742, 1);
}

TEST(CostEstimate, IsUndoneByTheLargestPass) {
  const CostEstimate cost = EstimateCost(Weights(), 7'000'000, 1'234'567, 0);
  EXPECT_NEAR(static_cast<double>(LargestPassWithin(Weights(), 7'000'000, cost.memory_gib)), 1'234'567, 2);
  EXPECT_EQ(LargestPassWithin(Weights(), 7'000'000, 0.001), 0);
}

TEST(PutOnArray, BringsClicksBoxesAndSpreadsOntoTheArray) {
  ResolvedPrompts prompts = Clicks(2);
  prompts.lesions[0].box = VoxelBox{{10, 2, 90}, {20, 5, 100}};
  prompts.lesions[1].sigma = GuideSpread{{1, 2, 3}, SigmaUnit::kMm};
  prompts.background = {Minus({0, 0, 0})};
  const StudyOnArray on_array = PutOnArray(kGrid, prompts, Weights(), {}, "");
  EXPECT_EQ(on_array.axes.source[0], 1U);
  const auto& lesions = on_array.prompts.lesions;
  EXPECT_EQ(lesions[0].clicks[0].click.voxel, on_array.axes.ToArray({10, 10, 100}));
  EXPECT_EQ(lesions[0].clicks[0].spread.sigma, Weights().sigma);
  EXPECT_EQ(lesions[1].clicks[0].spread.sigma, (Vec3{1, 2, 3}));
  EXPECT_EQ(on_array.prompts.clicks.size(), 3U);
  EXPECT_EQ(on_array.prompts.clicks[2].click.polarity, Polarity::kNegative);
  const IndexBox& box = *lesions[0].box;
  EXPECT_EQ((Size3{box.end.z - box.begin.z, box.end.y - box.begin.y, box.end.x - box.begin.x}), (Size3{3, 10, 10}));
  for (const Ijk& corner : {Ijk{10, 2, 90}, Ijk{19, 4, 99}}) {
    const Index3 v = on_array.axes.ToArray(corner);
    EXPECT_TRUE(v.z >= box.begin.z && v.z < box.end.z && v.y >= box.begin.y && v.y < box.end.y && v.x >= box.begin.x &&
                v.x < box.end.x);
  }
}

TEST(PutOnArray, NamesAnAmbiguousOrientation) {
  GridGeometry grid = kGrid;
  grid.direction = {0.8, 0.6, 0, 0.6, -0.5, 0.6, 0, 0.6, 0.8};  // the first two axes both run mostly along x
  ModelManifest manifest = Weights();
  manifest.axis_rule = AxisRule::kWorldAxes;
  try {
    (void)PutOnArray(grid, Clicks(1), manifest, {}, "image.nii.gz");
    FAIL() << "was taken";
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), "ORIENTATION_AMBIGUOUS");
  }
}

TEST(OutOfDomain, LetsWhatWasTrainedForPass) {
  EXPECT_THAT(OutOfDomain("stir-phantom", ChooseAxes(kGrid, AxisRule::kSliceAxis), Weights()), IsEmpty());
}

TEST(OutOfDomain, NamesEachReason) {
  const AxisMap axes = ChooseAxes(kGrid, AxisRule::kSliceAxis);
  EXPECT_THAT(OutOfDomain("stir", axes, Weights()),
              ElementsAre(HasSubstr("t1, stir-phantom, not for the sequence 'stir'")));
  EXPECT_THAT(OutOfDomain("", axes, Weights()), ElementsAre(HasSubstr("not known")));
  ModelManifest silent = Weights();
  silent.trained_for.clear();
  EXPECT_THAT(OutOfDomain("t1", axes, silent), ElementsAre(HasSubstr("do not say")));
  const AxisMap coarse = ChooseAxes(PlainGrid({60, 10, 200}, {5, 10, 5}), AxisRule::kSliceAxis);
  EXPECT_THAT(OutOfDomain("t1", coarse, Weights()), ElementsAre(HasSubstr("5.00 mm")));
  const AxisMap oblong = ChooseAxes(PlainGrid({60, 10, 200}, {1, 10, 1.5}), AxisRule::kSliceAxis);
  EXPECT_THAT(OutOfDomain("t1", oblong, Weights()), ElementsAre(HasSubstr("far from square")));
  const AxisMap thin = ChooseAxes(PlainGrid({60, 3, 200}, {1, 10, 1}), AxisRule::kSliceAxis);
  EXPECT_THAT(OutOfDomain("t1", thin, Weights()), ElementsAre(HasSubstr("3 slices")));
}

}  // namespace
}  // namespace dinsd
