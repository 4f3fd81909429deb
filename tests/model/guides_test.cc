#include "model/guides.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "gpu/guide_map.h"
#include "model/box_mode.h"
#include "model/interaction.h"
#include "model/train/training_guide.h"
#include "tests/model/blocks.h"
#include "tests/random.h"

namespace dinsd {
namespace {

using testing::Each;
using testing::FloatNear;

const std::vector<std::string> kDistanceWords = {"euclidean",     "euclidean-half", "geodesic",
                                                 "geodesic-half", "blend",          "blend-half"};

GuideRule Rule(const std::string& word) {
  GuideRule rule = GuideRuleFrom(word).value();
  rule.spread = {{1, 4, 4}, SigmaUnit::kNetworkVoxel};
  return rule;
}

// A network grid that is the image's own, with noise on it.
struct Plain {
  Size3 size{4, 32, 48};
  NetworkGrid grid{size, 32, 48, EdgeRule::kClamp};
  std::vector<float> image;

  explicit Plain(std::uint64_t seed = 1) {
    TestRandom random(seed);
    for (std::size_t i = 0; i < size.VoxelCount(); ++i) image.push_back(static_cast<float>(random.Unit()));
  }

  [[nodiscard]] NetworkInput Input(const std::vector<Click>& clicks, const GuideRule& rule) const {
    return MakeInput(grid, image, WithSpread(clicks, rule.spread), rule, {5, 1, 1});
  }
};

const std::vector<Click> kClicks = {
    {{1, 10, 12}, Polarity::kPositive}, {{2, 20, 40}, Polarity::kPositive}, {{3, 5, 30}, Polarity::kNegative}};

TEST(MakeInput, IsZeroAtClicksOfADistanceAndEverywhereWithoutClicks) {
  const Plain plain;
  for (const std::string& word : kDistanceWords) {
    SCOPED_TRACE(word);
    const NetworkInput input = plain.Input({{{1, 10, 12}, Polarity::kPositive}}, Rule(word));
    EXPECT_THAT(input.negative_guide, Each(0.0F));
    EXPECT_EQ(input.image, plain.image);
    const float here = input.positive_guide[Offset(plain.size, {1, 10, 12})];
    const float farthest = *std::max_element(input.positive_guide.begin(), input.positive_guide.end());
    EXPECT_LE(here, Rule(word).is_half ? 0.2F * farthest : 0.0F);
    EXPECT_GT(farthest, 1.0F);
  }
}

TEST(MakeInput, MakesTheMapsOfTheGpuFolder) {
  const Plain plain(2);
  const std::vector<Index3> positive = {{1, 10, 12}, {2, 20, 40}};
  std::vector<float> expected(plain.image.size());
  ExponentialGuideMap(plain.size, positive, {.sigma = {1, 4, 4}}, expected);
  EXPECT_EQ(plain.Input(kClicks, Rule("expdt")).positive_guide, expected);
  EuclideanGuideMap(plain.size, positive, expected);
  EXPECT_EQ(plain.Input(kClicks, Rule("euclidean")).positive_guide, expected);
  GeodesicGuideMap(plain.size, positive, plain.image, {}, expected);
  EXPECT_EQ(plain.Input(kClicks, Rule("geodesic")).positive_guide, expected);
  GuideRule blend = Rule("blend");
  blend.alpha = 0.3;
  blend.beta = 4;
  GeodesicGuideMap(plain.size, positive, plain.image, {.blend = GeodesicBlend{0.3, 4}}, expected);
  EXPECT_EQ(plain.Input(kClicks, blend).positive_guide, expected);
}

TEST(MakeInput, AtHalfSizeTakesEverySecondVoxelAndComesBackByOrderOne) {
  const Plain plain(3);
  const Size3 half{4, 16, 24};
  std::vector<float> small;
  for (std::size_t at = 0; at < half.VoxelCount(); ++at) {
    const Index3 v = IndexAt(half, at);
    small.push_back(plain.image[Offset(plain.size, {v.z, 2 * v.y, 2 * v.x})]);
  }
  const std::vector<Index3> positive = {{1, 5, 6}, {2, 10, 20}};
  std::vector<float> map(half.VoxelCount());
  GeodesicGuideMap(half, positive, small, {}, map);
  EXPECT_EQ(plain.Input(kClicks, Rule("geodesic-half")).positive_guide,
            ResampleLinear(map, half, plain.size, EdgeRule::kClamp));
  EuclideanGuideMap(half, positive, map);
  EXPECT_EQ(plain.Input(kClicks, Rule("euclidean-half")).positive_guide,
            ResampleLinear(map, half, plain.size, EdgeRule::kClamp));
}

TEST(MakeInput, TimesTheScaleForDistancesOnly) {
  const Plain plain;
  for (const std::string& word : kDistanceWords) {
    SCOPED_TRACE(word);
    GuideRule rule = Rule(word);
    const std::vector<float> plainly = plain.Input(kClicks, rule).positive_guide;
    rule.scale = 0.125;
    const std::vector<float> scaled = plain.Input(kClicks, rule).positive_guide;
    for (std::size_t i = 0; i < scaled.size(); ++i) ASSERT_FLOAT_EQ(scaled[i], plainly[i] / 8);
  }
  GuideRule rule = Rule("expdt");
  const std::vector<float> plainly = plain.Input(kClicks, rule).positive_guide;
  rule.scale = 0.125;
  EXPECT_EQ(plain.Input(kClicks, rule).positive_guide, plainly);
}

// Training cuts its crop out and then makes the guide; inference has the whole and a window.
TEST(MakeWindowInput, IsWhatTrainingMakesOfTheSameCrop) {
  const Plain plain(4);
  const IndexBox window{{0, 0, 16}, {4, 32, 48}};
  const std::vector<float> cut = CutOut<float>(plain.image, plain.size, window);
  const std::vector<Click> clicks = {
      {{1, 10, 20}, Polarity::kPositive}, {{2, 20, 40}, Polarity::kPositive}, {{3, 5, 30}, Polarity::kNegative}};
  std::vector<Click> in_crop = clicks;
  for (Click& c : in_crop) c.voxel.x -= 16;
  std::vector<std::string> words = kDistanceWords;
  words.emplace_back("expdt");
  for (const std::string& word : words) {
    SCOPED_TRACE(word);
    const GuideRule rule = Rule(word);
    const NetworkInput inference =
        MakeWindowInput(plain.grid, window, cut, WithSpread(clicks, rule.spread), rule, {5, 1, 1});
    const NetworkInput training = InputOf({{4, 32, 32}, cut, {}}, in_crop, rule);
    EXPECT_EQ(inference.size, training.size);
    EXPECT_EQ(inference.image, training.image);
    EXPECT_EQ(inference.positive_guide, training.positive_guide);
    EXPECT_EQ(inference.negative_guide, training.negative_guide);
  }
}

TEST(MakeInput, PutsClicksOfAnImageOntoTheNetworkGrid) {
  const NetworkGrid grid({3, 20, 30}, 32, 48, EdgeRule::kClamp);  // odd depth: padded to 4
  const std::vector<float> image(grid.network().VoxelCount(), 1.0F);
  const std::vector<Click> clicks = {{{1, 19, 29}, Polarity::kPositive}};  // the last corner of its slice
  for (const std::string word : {"euclidean", "geodesic"}) {
    const NetworkInput input = MakeInput(grid, image, WithSpread(clicks, {}), Rule(word), {5, 1, 1});
    EXPECT_EQ(input.positive_guide[Offset(grid.network(), {1, 31, 47})], 0.0F) << word;
  }
}

TEST(MakeInput, RefusesAnImageOfAnotherGrid) {
  const Plain plain;
  EXPECT_THROW((void)MakeInput(plain.grid, std::vector<float>(7), {}, Rule("geodesic"), {1, 1, 1}),
               std::invalid_argument);
}

// A segmenter that remembers what it saw.
class Listener : public Segmenter {
 public:
  ProbabilityMap Run(const NetworkInput& input) override {
    seen = input;
    return {input.size, std::vector<float>(input.size.VoxelCount(), 0.4F)};
  }
  NetworkInput seen;
};

TEST(Predict, ShowsTheSegmenterTheGuideOfTheRule) {
  const Plain plain(5);
  for (const std::string word : {"euclidean", "geodesic", "blend-half"}) {
    Listener listener;
    (void)Predict(plain.grid, plain.image, kClicks, Rule(word), {5, 1, 1}, listener);
    EXPECT_EQ(listener.seen.positive_guide, plain.Input(kClicks, Rule(word)).positive_guide) << word;
    EXPECT_EQ(listener.seen.negative_guide, plain.Input(kClicks, Rule(word)).negative_guide) << word;
  }
}

TEST(GuideRuleFor, BringsSigmaIntoTheCasesNetworkVoxels) {
  PreparedCase prepared = Block("a", "train");  // 6 x 32 x 48
  TrainOptions options;
  options.sigma = {2, 4, 6};
  EXPECT_EQ(GuideRuleFor(prepared, options).spread, (GuideSpread{{2, 4, 6}, SigmaUnit::kNetworkVoxel}));
  options.sigma_unit = "mm";
  EXPECT_THAT([&] { (void)GuideRuleFor(prepared, options); },
              testing::ThrowsMessage<std::invalid_argument>(testing::HasSubstr("prepare it again")));
  prepared.image_size = {5, 63, 95};  // each network voxel is two of the image's
  prepared.image_spacing_mm = {8, 2, 2};
  const GuideSpread in_mm = GuideRuleFor(prepared, options).spread;
  EXPECT_EQ(in_mm.unit, SigmaUnit::kNetworkVoxel);
  EXPECT_NEAR(in_mm.sigma.z, 0.25, 1e-12);
  EXPECT_NEAR(in_mm.sigma.y, 1, 1e-12);
  EXPECT_NEAR(in_mm.sigma.x, 1.5, 1e-12);
  options.sigma_unit = "image-voxel";
  EXPECT_NEAR(GuideRuleFor(prepared, options).spread.sigma.x, 3, 1e-12);
  const NetworkGrid grid(prepared.image_size, 32, 48, EdgeRule::kClamp);
  const std::vector<Index3> click = {{2, 30, 40}};
  const auto trained =
      InputOf({prepared.size, prepared.image, {}}, std::vector<Click>{{{2, 15, 20}}}, GuideRuleFor(prepared, options));
  const auto inferred = grid.ExponentialGuide(click, {{2, 4, 6}, SigmaUnit::kImageVoxel}, {8, 2, 2});
  EXPECT_THAT(trained.positive_guide, testing::Pointwise(FloatNear(0.1F), inferred));
}

TEST(GuideRule, OfTrainingIsThatOfItsManifest) {
  ModelManifest manifest;
  manifest.guide = "blend-half";
  manifest.guide_alpha = 0.5;
  manifest.guide_beta = 3;
  manifest.guide_scale = 0.1;
  manifest.sigma = {2, 3, 4};
  TrainOptions options;
  UseGuideOf(manifest, options);
  const GuideRule trained = GuideRuleOf(options), used = GuideRuleOf(manifest);
  EXPECT_EQ(trained.kind, used.kind);
  EXPECT_EQ(trained.is_half, used.is_half);
  EXPECT_EQ(trained.spread, used.spread);
  EXPECT_EQ(trained.alpha, used.alpha);
  EXPECT_EQ(trained.beta, used.beta);
  EXPECT_EQ(trained.scale, used.scale);
}

}  // namespace
}  // namespace dinsd
