#include "model/interaction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "model/box_mode.h"

namespace dinsd {
namespace {

using Mask = std::vector<std::uint8_t>;

// Says tumour wherever a positive guide is above one half and no negative one is.
class GuideSegmenter : public Segmenter {
 public:
  ProbabilityMap Run(const NetworkInput& input) override {
    ++runs;
    ProbabilityMap map{input.size, std::vector<float>(input.image.size())};
    for (std::size_t i = 0; i < map.tumour.size(); ++i) {
      map.tumour[i] = input.positive_guide[i] > 0.5F && input.negative_guide[i] < 0.5F ? 1.0F : 0.0F;
    }
    return map;
  }
  int runs = 0;
};

TEST(NetworkGrid, PadsDepthToEvenAndRoundsInPlaneToSixteen) {
  ModelManifest manifest;
  manifest.grid_rule = GridRule::kSpacing;
  manifest.spacing_mm = 2;
  const NetworkGrid grid = NetworkGrid::For(manifest, {41, 1340, 397}, {6, 1.3, 1.3});
  EXPECT_EQ(grid.network(), (Size3{42, 864, 256}));
  EXPECT_EQ(grid.padded(), (Size3{42, 1340, 397}));
  EXPECT_EQ(NetworkGrid::For({}, {20, 1080, 321}, {10, 1.56, 1.56}).network(), (Size3{20, 960, 320}));
  manifest.spacing_mm = 2;
  for (const double spacing :
       {2.5, 2.4999999999999996, 2.5000000000000004}) {  // 96 x 2.5 / 2 lies between two multiples
    EXPECT_EQ(NetworkGrid::For(manifest, {8, 96, 96}, {8, spacing, spacing}).network(), (Size3{8, 128, 128}))
        << spacing;
  }
  EXPECT_EQ(NetworkGrid::For(manifest, {2, 3, 3}, {1, 1, 1}).network(), (Size3{2, 16, 16}));
}

TEST(NetworkGrid, RefusesASizeThatTheNetworkCannotTake) {
  EXPECT_THROW(NetworkGrid({2, 10, 10}, 20, 16, EdgeRule::kClamp), std::invalid_argument);
  EXPECT_THROW(NetworkGrid({0, 10, 10}, 16, 16, EdgeRule::kClamp), std::invalid_argument);
}

TEST(NetworkGrid, BringsAMaskThereAndBack) {
  const NetworkGrid grid({3, 16, 16}, 32, 32, EdgeRule::kClamp);
  Mask mask(3 * 16 * 16);
  for (std::int64_t y = 4; y < 12; ++y) mask[Offset({3, 16, 16}, {1, y, 7})] = 1;
  EXPECT_EQ(grid.WithoutPadding(grid.ToPadded(grid.ToNetwork(mask))), mask);
}

TEST(NetworkGrid, PutsTheGuidesPeakAtTheClickInEveryUnit) {
  const NetworkGrid grid({4, 33, 33}, 64, 64, EdgeRule::kClamp);
  const std::vector<Index3> clicks = {{2, 8, 16}};
  for (const SigmaUnit unit : {SigmaUnit::kImageVoxel, SigmaUnit::kNetworkVoxel, SigmaUnit::kMm}) {
    const std::vector<float> guide = grid.ExponentialGuide(clicks, {{1, 5, 5}, unit}, {5, 1, 1});
    const auto peak = static_cast<std::size_t>(std::max_element(guide.begin(), guide.end()) - guide.begin());
    const Index3 at = IndexAt(grid.network(), peak);
    EXPECT_EQ(at.z, 2);
    EXPECT_NEAR(static_cast<double>(at.y), 8.0 * 63 / 32, 1);
    EXPECT_NEAR(static_cast<double>(at.x), 16.0 * 63 / 32, 1);
  }
}

TEST(Normalise, LeavesVoxelsThatAreNotPositive) {
  std::vector<float> voxels = {0, -3, 2, 4};
  Normalise(voxels, Normalisation::kZScorePositive);
  EXPECT_THAT(voxels, testing::Pointwise(testing::FloatNear(1e-6F), std::vector<float>{0, -3, -1, 1}));
  std::vector<float> all = {0, -3, 2, 4};
  Normalise(all, Normalisation::kZScorePositiveAllVoxels);
  EXPECT_THAT(all, testing::Pointwise(testing::FloatNear(1e-6F), std::vector<float>{-3, -6, -1, 1}));
  std::vector<float> none = {0, -1};
  Normalise(none, Normalisation::kZScorePositive);
  EXPECT_THAT(none, testing::ElementsAre(0, -1));
}

Mask Ball(const Size3& size, const Index3& centre, double radius) {
  Mask mask(size.VoxelCount());
  for (std::size_t at = 0; at < mask.size(); ++at) {
    const Index3 v = IndexAt(size, at);
    const double distance = std::hypot(3.0 * static_cast<double>(v.z - centre.z), static_cast<double>(v.y - centre.y),
                                       static_cast<double>(v.x - centre.x));
    mask[at] = distance <= radius ? 1 : 0;
  }
  return mask;
}

TEST(SimulateInteraction, ClicksUntilTheDiceIsReached) {
  const Size3 size{6, 32, 32};
  const NetworkGrid grid(size, 32, 32, EdgeRule::kClamp);
  const Mask label = Ball(size, {3, 16, 16}, 6);
  GuideSegmenter segmenter;
  const InteractionOptions options{.stop_at_dice = 0.7, .guide = {.spread = {{2, 5, 5}, SigmaUnit::kNetworkVoxel}}};
  const InteractionResult result =
      SimulateInteraction(grid, std::vector<float>(size.VoxelCount()), label, {3, 1, 1}, segmenter, options);
  ASSERT_FALSE(result.steps.empty());
  EXPECT_EQ(result.steps.front().click, (Click{{3, 16, 16}, Polarity::kPositive}));
  EXPECT_GE(result.steps.back().dice, 0.7);
  EXPECT_EQ(segmenter.runs, static_cast<int>(result.steps.size()));
  EXPECT_EQ(result.prediction.size(), label.size());
}

TEST(SimulateInteraction, StopsWhenItsClicksAreUsedUp) {
  const Size3 size{6, 32, 32};
  const NetworkGrid grid(size, 32, 32, EdgeRule::kClamp);
  GuideSegmenter segmenter;
  const InteractionOptions options{
      .stop_at_dice = 2, .max_clicks = 4, .guide = {.spread = {{2, 5, 5}, SigmaUnit::kNetworkVoxel}}};
  EXPECT_EQ(SimulateInteraction(grid, std::vector<float>(size.VoxelCount()), Ball(size, {3, 16, 16}, 9), {3, 1, 1},
                                segmenter, options)
                .steps.size(),
            4U);
}

TEST(SimulateInteraction, MakesNoClickWhereThereIsNothingToFind) {
  const Size3 size{6, 32, 32};
  const NetworkGrid grid(size, 32, 32, EdgeRule::kClamp);
  GuideSegmenter segmenter;
  const auto result = SimulateInteraction(grid, std::vector<float>(size.VoxelCount()), Mask(size.VoxelCount()),
                                          {1, 1, 1}, segmenter, {});
  EXPECT_TRUE(result.steps.empty());
  EXPECT_THAT(result.prediction, testing::Each(0));
}

TEST(BoxMode, GrowsABoxInsideTheImage) {
  EXPECT_EQ(GrowToWindow({{2, 20, 30}, {7, 100, 121}}, {9, 150, 140}), (IndexBox{{2, 0, 12}, {8, 128, 140}}));
  EXPECT_EQ(GrowToWindow({{0, 0, 0}, {2, 10, 10}}, {4, 64, 64}), (IndexBox{{0, 0, 0}, {4, 64, 64}}));
  EXPECT_EQ(GrowToWindow({{1, 0, 0}, {9, 140, 150}}, {20, 300, 300}), (IndexBox{{1, 0, 0}, {9, 140, 150}}));
}

TEST(BoxMode, PredictsNothingOutsideItsBoxes) {
  const Size3 size{6, 64, 64};
  const Mask label = Ball(size, {3, 32, 32}, 12);
  const IndexBox box{{0, 0, 0}, {6, 32, 64}};  // half of the ball
  GuideSegmenter segmenter;
  const InteractionOptions options{.stop_at_dice = 2, .guide = {.spread = {{2, 6, 6}, SigmaUnit::kNetworkVoxel}}};
  const std::vector<InteractionBox> boxes = {{box, 3}};
  const BoxInteractionResult result =
      SimulateBoxes(std::vector<float>(size.VoxelCount()), label, size, {1, 1, 1}, Normalisation::kZScorePositive,
                    boxes, OutsideBox::kKeep, segmenter, options);
  EXPECT_EQ(result.steps.at(0).size(), 3U);
  EXPECT_EQ(result.label, label);
  const Mask inside = BoxMask(box, {{0, 0, 0}, {6, 64, 64}});
  for (std::size_t i = 0; i < label.size(); ++i) EXPECT_LE(result.prediction[i], inside[i]);
}

TEST(BoxMode, ErasesTheLabelAroundTheBoxOnlyWhenAsked) {
  const Size3 size{6, 64, 64};
  Mask label(size.VoxelCount(), 1);
  EraseOutsideBox(label, size, {{0, 0, 0}, {6, 32, 64}}, {{0, 0, 0}, {6, 64, 64}});
  EXPECT_EQ(std::count(label.begin(), label.end(), 1), 6 * 32 * 64);
}

}  // namespace
}  // namespace dinsd
