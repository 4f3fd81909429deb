#include "pipeline/segment/passes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "gpu/connected_components.h"
#include "model/box_mode.h"
#include "model/interaction.h"
#include "pipeline/segment/box_passes.h"
#include "tests/pipeline/segment/study_kit.h"
#include "tests/random.h"

namespace dinsd {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

ModelManifest OwnWeights() {
  ModelManifest manifest;
  manifest.grid_rule = GridRule::kSpacing;
  manifest.spacing_mm = 1;
  manifest.sigma = {1, 4, 4};
  manifest.sigma_unit = SigmaUnit::kNetworkVoxel;
  manifest.training_crop = {8, 32, 32};
  manifest.max_clicks_per_sign = 2;
  return manifest;
}

GuidedClick At(const Index3& voxel, Polarity polarity = Polarity::kPositive) {
  return {{voxel, polarity}, {{1, 4, 4}, SigmaUnit::kNetworkVoxel}};
}

ArrayPrompts Prompts(const std::vector<std::vector<GuidedClick>>& lesions) {
  ArrayPrompts prompts;
  for (const auto& clicks : lesions) {
    prompts.lesions.push_back({clicks, {}});
    prompts.clicks.insert(prompts.clicks.end(), clicks.begin(), clicks.end());
  }
  return prompts;
}

// A study of noise with bright bars, on the array.
struct Scene {
  Size3 size{8, 96, 96};
  Vec3 spacing{5, 1, 1};
  std::vector<float> image = std::vector<float>(size.VoxelCount(), 1.0F);

  Scene& Bar(const IndexBox& box) {
    for (std::int64_t z = box.begin.z; z < box.end.z; ++z) {
      for (std::int64_t y = box.begin.y; y < box.end.y; ++y) {
        for (std::int64_t x = box.begin.x; x < box.end.x; ++x) image[Offset(size, {z, y, x})] = 100;
      }
    }
    return *this;
  }
};

std::int64_t Count(const std::vector<std::uint8_t>& mask) {
  return std::count(mask.begin(), mask.end(), 1);
}

TEST(WholePass, EqualsTheReleasedEvaluation) {
  for (unsigned seed = 1; seed <= 4; ++seed) {
    TestRandom random(seed);
    const Size3 size{5, 40, 37};  // odd depth, sizes that are resampled
    std::vector<float> image(size.VoxelCount());
    for (float& v : image) v = static_cast<float>(random.Unit() * 100 - 10);
    ModelManifest manifest = OwnWeights();
    manifest.spacing_mm = 1.3;
    if (seed % 2 == 0) {
      manifest.grid_rule = GridRule::kFixedSize;
      manifest.fixed_rows = 48;
      manifest.fixed_columns = 32;
      manifest.sigma_unit = SigmaUnit::kImageVoxel;
    }
    const GuideSpread spread{{1, 4, 4}, manifest.sigma_unit};
    std::vector<Click> clicks;
    std::vector<GuidedClick> guided;
    for (int n = 0; n < 6; ++n) {
      const Click c{{random.Below(5), random.Below(40), random.Below(37)},
                    n % 3 == 0 ? Polarity::kNegative : Polarity::kPositive};
      clicks.push_back(c);
      guided.push_back({c, spread});
    }
    FakeSegmenter segmenter([](float v, float p, float n) { return 1 / (1 + std::exp(-(v + 3 * p - 2 * n))); });
    const NetworkGrid grid = NetworkGrid::For(manifest, size, {5, 1, 1});
    const PassMask pass = WholePass(image, guided, {manifest, grid, {5, 1, 1}, 0.5, segmenter});
    const auto expected = grid.WithoutPadding(
        Predict(grid, grid.Image(image, manifest.normalisation), clicks, GuideRuleOf(manifest), {5, 1, 1}, segmenter));
    EXPECT_EQ(pass.mask, expected);
    EXPECT_GT(Count(pass.mask), 0);
  }
}

TEST(WholePass, GivesEachClickItsOwnSpread) {
  const Scene scene;
  const ModelManifest manifest = OwnWeights();
  const NetworkGrid grid = NetworkGrid::For(manifest, scene.size, scene.spacing);
  std::vector<GuidedClick> clicks = {At({3, 20, 20}), At({3, 70, 70})};
  clicks[1].spread.sigma = {1, 12, 12};
  FakeSegmenter segmenter([](float, float positive, float) { return positive; });
  const PassMask pass = WholePass(scene.image, clicks, {manifest, grid, scene.spacing, 0.5, segmenter});
  const Components parts = LabelComponents(pass.mask, scene.size, Connectivity::k26);
  ASSERT_EQ(parts.sizes.size(), 2U);
  EXPECT_GT(parts.sizes[1], 5 * parts.sizes[0]);
}

TEST(WholePass, CutsAtTheThreshold) {
  const Scene scene;
  const ModelManifest manifest = OwnWeights();
  const NetworkGrid grid = NetworkGrid::For(manifest, scene.size, scene.spacing);
  FakeSegmenter segmenter([](float, float, float) { return 0.6F; });
  EXPECT_GT(Count(WholePass(scene.image, {}, {manifest, grid, scene.spacing, 0.59, segmenter}).mask), 0);
  const PassMask none = WholePass(scene.image, {}, {manifest, grid, scene.spacing, 0.61, segmenter});
  EXPECT_EQ(Count(none.mask), 0);
  EXPECT_FLOAT_EQ(none.highest, 0.6F);
}

TEST(WholePass, RefusesWhatIsNoProbability) {
  const Scene scene;
  const ModelManifest manifest = OwnWeights();
  const NetworkGrid grid = NetworkGrid::For(manifest, scene.size, scene.spacing);
  FakeSegmenter segmenter([](float, float, float) { return std::nanf(""); });
  EXPECT_THROW((void)WholePass(scene.image, {}, {manifest, grid, scene.spacing, 0.5, segmenter}), std::runtime_error);
}

class BoxPassesTest : public testing::Test {
 protected:
  BoxPassesResult Run(const ArrayPrompts& prompts, const BoxPassOptions& options = {}) {
    const NetworkGrid grid = NetworkGrid::For(manifest, scene.size, scene.spacing);
    const PassContext context{manifest, grid, scene.spacing, 0.5, segmenter};
    return RunBoxPasses(scene.image, prompts, context, options, {});
  }

  Scene scene;
  ModelManifest manifest = OwnWeights();
  FakeSegmenter segmenter{BrightIsTumour};
};

TEST_F(BoxPassesTest, SeeOnlyWhatLiesInTheirWindows) {
  scene.Bar({{3, 20, 20}, {5, 26, 26}}).Bar({{3, 70, 70}, {5, 76, 76}});
  const BoxPassesResult result = Run(Prompts({{At({3, 22, 22})}}));
  EXPECT_EQ(Count(result.mask), 2 * 6 * 6);
  EXPECT_EQ(result.passes, 1);
  EXPECT_THAT(segmenter.sizes, ElementsAre(Size3{8, 32, 32}));
  EXPECT_THAT(result.lesions[0].flags, IsEmpty());
}

TEST_F(BoxPassesTest, SeeTheImageAsTheWholePassDoes) {
  scene.Bar({{3, 20, 20}, {5, 26, 26}});
  (void)Run(Prompts({{At({3, 22, 22})}}));
  const NetworkGrid grid = NetworkGrid::For(manifest, scene.size, scene.spacing);
  const std::vector<float> whole = grid.Image(scene.image, manifest.normalisation);
  const float click = segmenter.inputs[0].image[Offset({8, 32, 32}, {3, 15, 15})];
  EXPECT_EQ(click, whole[Offset(grid.network(), {3, 22, 22})]) << "normalised over the whole volume, then cut";
  EXPECT_FLOAT_EQ(segmenter.inputs[0].positive_guide[Offset({8, 32, 32}, {3, 15, 15})], 1);
}

TEST_F(BoxPassesTest, ShowTheClicksOfOtherLesionsAndTheBackground) {
  ArrayPrompts prompts = Prompts({{At({3, 30, 30})}, {At({3, 40, 40})}, {At({3, 80, 80})}});
  prompts.clicks.push_back(At({3, 35, 30}, Polarity::kNegative));
  prompts.clicks.push_back(At({3, 5, 90}, Polarity::kNegative));
  (void)Run(prompts);
  ASSERT_EQ(segmenter.inputs.size(), 3U);
  const auto clicks_seen = [](const std::vector<float>& guide) { return std::count(guide.begin(), guide.end(), 1.0F); };
  EXPECT_EQ(clicks_seen(segmenter.inputs[0].positive_guide), 2);
  EXPECT_EQ(clicks_seen(segmenter.inputs[0].negative_guide), 1);
  EXPECT_EQ(clicks_seen(segmenter.inputs[2].positive_guide), 1);
  EXPECT_EQ(clicks_seen(segmenter.inputs[2].negative_guide), 0);
}

TEST_F(BoxPassesTest, RunEqualWindowsOnce) {
  scene.Bar({{3, 0, 0}, {5, 6, 6}});
  const BoxPassesResult result = Run(Prompts({{At({3, 2, 2})}, {At({4, 3, 3})}, {At({3, 1, 1})}}));
  EXPECT_EQ(result.passes, 1);
  EXPECT_EQ(segmenter.sizes.size(), 1U);
  EXPECT_EQ(result.lesions.size(), 3U);
}

TEST_F(BoxPassesTest, GrowUntilTheLesionFits) {
  scene.Bar({{3, 20, 30}, {5, 26, 75}});
  const BoxPassesResult result = Run(Prompts({{At({3, 22, 40})}}));
  EXPECT_EQ(Count(result.mask), 2 * 6 * 45);
  EXPECT_GT(result.passes, 1);
  EXPECT_EQ(segmenter.sizes.front(), (Size3{8, 32, 32}));
  EXPECT_GT(segmenter.sizes.back().x, 32);
  EXPECT_EQ(segmenter.sizes.back().y, 32) << "grown only where the lesion reached a side";
  EXPECT_THAT(result.lesions[0].flags, IsEmpty());
}

TEST_F(BoxPassesTest, FlagALesionThatReachesTheLargestWindow) {
  scene.Bar({{3, 20, 10}, {5, 26, 90}});
  const BoxPassesResult result = Run(Prompts({{At({3, 22, 50})}}), {.max_growths = 1});
  EXPECT_THAT(result.lesions[0].flags, ElementsAre("window_limit"));
  EXPECT_EQ(result.passes, 2);
  segmenter.sizes.clear();
  const BoxPassesResult bounded = Run(Prompts({{At({3, 22, 50})}}), {.max_pass_voxels = 8 * 32 * 32});
  EXPECT_THAT(bounded.lesions[0].flags, ElementsAre("window_limit"));
  EXPECT_THAT(segmenter.sizes, Each(Size3{8, 32, 32}));
}

TEST_F(BoxPassesTest, DoNotGrowForWhatNoClickOfTheLesionReaches) {
  scene.Bar({{3, 20, 20}, {5, 26, 26}}).Bar({{3, 30, 0}, {5, 32, 96}});
  const BoxPassesResult result = Run(Prompts({{At({3, 22, 22})}}));
  EXPECT_EQ(result.passes, 1);
  EXPECT_GT(Count(result.mask), 2 * 6 * 6) << "it is seen all the same, and will be unprompted";
}

TEST_F(BoxPassesTest, KeepALesionInsideItsBox) {
  scene.Bar({{3, 20, 10}, {5, 26, 90}});
  ArrayPrompts prompts = Prompts({{At({3, 22, 50})}});
  prompts.lesions[0].box = IndexBox{{0, 22, 40}, {4, 30, 60}};
  const BoxPassesResult result = Run(prompts);
  EXPECT_EQ(Count(result.mask), 1 * 4 * 20);
  EXPECT_EQ(result.passes, 1);
}

TEST_F(BoxPassesTest, FlagMoreClicksThanTrainingUsed) {
  const BoxPassesResult result = Run(Prompts({{At({3, 22, 50}), At({3, 24, 50}), At({3, 26, 50})}, {At({3, 80, 80})}}));
  EXPECT_THAT(result.lesions[0].flags, ElementsAre("CLICK_BUDGET"));
  EXPECT_THAT(result.lesions[0].warnings, ElementsAre(HasSubstr("3 clicks of one sign")));
  EXPECT_THAT(result.lesions[1].flags, IsEmpty());
}

TEST_F(BoxPassesTest, LeaveOutALesionWithoutClicksAndBox) {
  const BoxPassesResult result = Run(Prompts({{}, {At({3, 22, 50})}}));
  EXPECT_EQ(result.passes, 1);
  EXPECT_EQ(result.lesions.size(), 2U);
}

// The same clicks, given at once, as the published box mode ends with.
TEST_F(BoxPassesTest, EqualThePublishedBoxesForImportedCheckpoints) {
  manifest = ModelManifest{};
  scene.size = {7, 150, 170};
  scene.image.assign(scene.size.VoxelCount(), 0);
  TestRandom random(11);
  for (float& v : scene.image) v = static_cast<float>(random.Unit() * 10);
  scene.Bar({{2, 40, 50}, {5, 70, 90}});
  std::vector<std::uint8_t> label(scene.image.size());
  std::transform(scene.image.begin(), scene.image.end(), label.begin(), [](float v) { return v > 50 ? 1 : 0; });
  const IndexBox box{{1, 35, 40}, {6, 80, 100}};
  FakeSegmenter rule([](float v, float p, float n) { return 1 / (1 + std::exp(-(v - 1 + 2 * p - 2 * n))); });
  const InteractionOptions options{.stop_at_dice = 2, .max_clicks = 4, .guide = GuideRuleOf(manifest)};
  const std::vector<InteractionBox> boxes = {{box, 4}};
  const BoxInteractionResult published = SimulateBoxes(scene.image, label, scene.size, scene.spacing,
                                                       manifest.normalisation, boxes, OutsideBox::kKeep, rule, options);
  const IndexBox window = GrowToWindow(box, scene.size);
  ArrayPrompts prompts = Prompts({{}});
  prompts.lesions[0].box = box;
  for (const InteractionStep& step : published.steps[0]) {
    const Index3& v = step.click.voxel;
    ASSERT_LT(v.z, scene.size.z) << "a click in the padding could not be given";
    prompts.clicks.push_back({{{v.z + window.begin.z, v.y + window.begin.y, v.x + window.begin.x}, step.click.polarity},
                              {manifest.sigma, manifest.sigma_unit}});
  }
  segmenter = rule;
  EXPECT_EQ(Run(prompts).mask, published.prediction);
  EXPECT_GT(Count(published.prediction), 0);
}

}  // namespace
}  // namespace dinsd
