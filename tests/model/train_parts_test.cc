#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "model/train/altered_truth.h"
#include "model/train/case_file.h"
#include "model/train/checkpoint.h"
#include "model/train/click_chain.h"
#include "model/train/crop.h"
#include "model/train/crop_loss.h"
#include "model/train/lesion_loss.h"
#include "model/train/loss.h"
#include "model/train/loss_picture.h"
#include "model/train/optimizer.h"
#include "model/train/trainer.h"
#include "model/train/training_case.h"
#include "model/train/training_clicks.h"
#include "model/train/validation.h"
#include "model/weights_file.h"
#include "tests/model/blocks.h"
#include "tests/temp_folder.h"

namespace dinsd {
namespace {

std::string ReadAll(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(CaseFile, ComesBackAsItWas) {
  const TempFolder folder;
  const PreparedCase c = Block("a", "train");
  WriteCase(folder.path() / "a.case", c);
  const PreparedCase back = ReadCase(folder.path() / "a.case");
  EXPECT_EQ(back.name, "a");
  EXPECT_EQ(back.size, c.size);
  EXPECT_EQ(back.mask, c.mask);
  for (std::size_t i = 0; i < c.image.size(); ++i) ASSERT_NEAR(back.image[i], c.image[i], 1e-3);
  EXPECT_EQ(back.image_size, Size3{}) << "as in cases of earlier versions";
}

TEST(CaseFile, KeepsTheGridOfItsImage) {
  const TempFolder folder;
  PreparedCase c = Block("a", "train");
  c.image_size = {5, 40, 60};
  c.image_spacing_mm = {8, 1.5, 1.25};
  WriteCase(folder.path() / "a.case", c);
  const PreparedCase back = ReadCase(folder.path() / "a.case");
  EXPECT_EQ(back.image_size, c.image_size);
  EXPECT_EQ(back.image_spacing_mm, c.image_spacing_mm);
  c.image_spacing_mm.y = 0;
  WriteCase(folder.path() / "a.case", c);
  EXPECT_THROW((void)ReadCase(folder.path() / "a.case"), std::runtime_error);
}

TEST(CaseFile, RefusesEveryTruncation) {
  const TempFolder folder;
  WriteCase(folder.path() / "a.case", Block("a", "train"));
  const std::string bytes = ReadAll(folder.path() / "a.case");
  for (std::size_t length = 0; length < bytes.size(); length += 199) {
    folder.Write("a.case", bytes.substr(0, length));
    EXPECT_THROW((void)ReadCase(folder.path() / "a.case"), std::runtime_error) << length;
  }
}

TEST(CaseFile, RefusesAMaskThatIsNotBinaryAndAFolderWithoutCases) {
  const TempFolder folder;
  PreparedCase c = Block("a", "train");
  c.mask[3] = 2;
  WriteCase(folder.path() / "a.case", c);
  EXPECT_THROW((void)ReadCases(folder.path()), std::runtime_error);
  EXPECT_THROW((void)ReadCases(TempFolder().path()), std::runtime_error);
}

TEST(DrawCrop, StaysInsideTheCaseAndHoldsTheTumour) {
  const PreparedCase c = Block("a", "train");
  TrainOptions options;
  options.crop = {4, 64, 16};
  options.tumour_share = 1;
  options.scale_max = 1;
  options.rotation_sd_degrees = 0;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    CounterRandom random(seed, 0);
    const Crop crop = DrawCrop(WithLesions(c), options, random);
    EXPECT_EQ(crop.size, (Size3{4, 32, 16}));
    EXPECT_GT(std::count(crop.mask.begin(), crop.mask.end(), 1), 0) << seed;
  }
}

TEST(DrawCrop, WithoutAugmentationIsAPieceOfTheCase) {
  const PreparedCase c = Block("a", "train");
  TrainOptions options;
  options.crop = c.size;
  options.scale_max = 1;
  options.rotation_sd_degrees = 0;
  options.gamma_min = options.gamma_max = 1;
  options.flips = false;
  CounterRandom random(1, 0);
  const Crop crop = DrawCrop(WithLesions(c), options, random);
  EXPECT_EQ(crop.mask, c.mask);
  for (std::size_t i = 0; i < c.image.size(); ++i) ASSERT_NEAR(crop.image[i], c.image[i], 1e-5);
}

TEST(TrainingClicks, LieOnTheRightSideApartAndOffTheBoundary) {
  const PreparedCase c = Block("a", "train");
  const Crop crop{c.size, c.image, c.mask};
  TrainOptions options;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    CounterRandom random(seed, 1);
    const std::vector<Click> clicks = DrawTrainingClicks(crop, options, random);
    std::vector<Click> positive;
    for (const Click& click : clicks) {
      EXPECT_EQ(crop.mask[Offset(crop.size, click.voxel)], click.polarity == Polarity::kPositive ? 1 : 0);
      if (click.polarity != Polarity::kPositive) continue;
      EXPECT_TRUE(click.voxel.y >= 10 && click.voxel.y < 22 && click.voxel.x >= 12 && click.voxel.x < 28) << seed;
      for (const Click& other : positive) {
        EXPECT_TRUE(std::abs(other.voxel.z - click.voxel.z) >= 1 || std::abs(other.voxel.y - click.voxel.y) >= 10 ||
                    std::abs(other.voxel.x - click.voxel.x) >= 10);
      }
      positive.push_back(click);
    }
    EXPECT_GE(positive.size(), 1U);
    EXPECT_LE(clicks.size(), 20U);
  }
}

TEST(TrainingClicks, ReachEveryLesionOfACaseWithSeveral) {
  const PreparedCase c = TwoBlocks("a", "train");
  const Crop crop{c.size, c.image, c.mask, true};
  TrainOptions options;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    CounterRandom random(seed, 1);
    int left = 0, right = 0;
    for (const Click& click : DrawTrainingClicks(crop, options, random)) {
      if (click.polarity == Polarity::kPositive) ++(click.voxel.x < 34 ? left : right);
    }
    EXPECT_TRUE(left >= 1 && left <= 3 && right >= 1 && right <= 3) << seed;
  }
}

TEST(TrainingCase, TellsLesionsApartAndDropsDust) {
  PreparedCase c = TwoBlocks("a", "train");
  c.mask[0] = 1;
  const TrainingCase with = WithLesions(c);
  ASSERT_EQ(with.lesions.size(), 2U);
  EXPECT_EQ(with.lesions[0].size(), 4U * 16 * 20);
  EXPECT_EQ(with.lesions[1].size(), 4U * 4 * 6);
  EXPECT_TRUE(with.HasManyLesions());
  PreparedCase dust = c;
  std::fill(dust.mask.begin() + 1, dust.mask.end(), 0);
  EXPECT_EQ(WithLesions(dust).lesions.size(), 1U);
}

TEST(DrawCrop, SeesSmallLesionsAsOftenAsLargeOnes) {
  const PreparedCase c = TwoBlocks("a", "train");
  const TrainingCase with = WithLesions(c);
  TrainOptions options;
  options.crop = {2, 16, 16};
  options.tumour_share = 1;
  options.scale_max = 1;
  options.rotation_sd_degrees = 0;
  options.flips = false;
  int small = 0;
  constexpr int kCrops = 200;
  for (std::uint64_t seed = 0; seed < kCrops; ++seed) {
    CounterRandom random(seed, 0);
    const Crop crop = DrawCrop(with, options, random);
    // The small lesion is the only one at the right edge.
    small += std::count(crop.mask.begin(), crop.mask.end(), 1) <= 2 * 4 * 6 ? 1 : 0;
  }
  EXPECT_GT(small, kCrops / 4);
}

TEST(ClickChain, BeginsInEveryLesionAndCorrectsErrors) {
  const PreparedCase c = TwoBlocks("a", "train");
  const Crop crop{c.size, c.image, c.mask, true};
  TrainOptions options;
  options.max_error_clicks = 2;
  ClickChain chain{5, 0, FirstClicks(crop)};
  ASSERT_EQ(chain.clicks.size(), 2U);
  EXPECT_EQ(FirstClicks({c.size, c.image, c.mask, false}).size(), 1U);
  std::vector<std::uint8_t> everything(c.mask.size(), 1);
  Extend(chain, crop, everything, options);
  ASSERT_EQ(chain.clicks.size(), 3U);
  EXPECT_EQ(chain.clicks.back().polarity, Polarity::kNegative);
  const ClickChain back = ChainFrom(ToTensor(chain));
  EXPECT_EQ(back.born, 5);
  EXPECT_EQ(back.corrections, 1);
  ASSERT_EQ(back.clicks.size(), 3U);
  EXPECT_EQ(back.clicks[2].voxel, chain.clicks[2].voxel);
  EXPECT_EQ(back.clicks[2].polarity, Polarity::kNegative);
  Extend(chain, crop, everything, options);
  Extend(chain, crop, everything, options);
  EXPECT_LT(chain.born, 0) << "two corrections were allowed";
  chain = {6, 0, FirstClicks(crop)};
  Extend(chain, crop, crop.mask, options);
  EXPECT_LT(chain.born, 0) << "nothing was left to correct";
}

TEST(LesionScores, AreOneForASegmenterThatKnows) {
  class Knows : public Segmenter {
   public:
    ProbabilityMap Run(const NetworkInput& input) override {
      ProbabilityMap map{input.size, {}};
      for (const float v : input.image) map.tumour.push_back(v >= 1 ? 1.0F : 0.0F);
      return map;
    }
  } knows;
  PreparedCase c = TwoBlocks("a", "choose");
  for (std::size_t at = 0; at < c.image.size(); ++at) c.image[at] = c.mask[at];
  TrainOptions options;
  options.crop = {4, 16, 16};
  const std::vector<LesionScore> scores = LesionScores(WithLesions(c), knows, options, 5, 25);
  ASSERT_EQ(scores.size(), 2U);
  EXPECT_DOUBLE_EQ(scores[0].dsc, 1);
  EXPECT_DOUBLE_EQ(scores[1].dsc, 1);
  EXPECT_EQ(scores[1].voxels, 4U * 4 * 6);
  EXPECT_EQ(LesionScores(WithLesions(c), knows, options, 5, 100).size(), 1U);
}

TEST(TrainingClicks, AreOnlyNegativeWhereThereIsNoTumour) {
  const Size3 size{2, 16, 16};
  const Crop crop{size, std::vector<float>(size.VoxelCount()), std::vector<std::uint8_t>(size.VoxelCount())};
  CounterRandom random(2, 1);
  for (const Click& click : DrawTrainingClicks(crop, {}, random)) EXPECT_EQ(click.polarity, Polarity::kNegative);
}

TEST(Optimizer, MakesAdamsFirstStepOfTheLearningRate) {
  Optimizer::Tensors weights = {{"w", at::tensor({1.0F, -2.0F}).requires_grad_()}};
  TrainOptions options;
  options.average_decay = 0;
  Optimizer optimizer(weights, options);
  (weights["w"] * at::tensor({4.0F, -0.5F})).sum().backward();
  optimizer.Step(weights, 0, 0.1);
  EXPECT_NEAR(weights["w"][0].item<double>(), 0.9, 1e-5);
  EXPECT_NEAR(weights["w"][1].item<double>(), -1.9, 1e-5);
  EXPECT_TRUE(optimizer.average().at("w").allclose(weights["w"].detach()));
}

TEST(Optimizer, DescendsWithNesterovsMomentumDecayAndClipping) {
  Optimizer::Tensors weights = {{"w", at::tensor({1.0F, -2.0F}).requires_grad_()}};
  TrainOptions options;
  options.average_decay = 0;
  options.optimizer = "sgd";
  options.beta1 = 0.5;
  options.weight_decay = 0.1;
  options.gradient_clip = 1;
  Optimizer optimizer(weights, options);
  double w = 1, momentum = 0;
  for (int step = 0; step < 3; ++step) {
    (weights["w"] * at::tensor({3.0F, 4.0F})).sum().backward();
    optimizer.Step(weights, step, 0.1);
    const double gradient = 0.6 + 0.1 * w;  // 3 of the norm 5, scaled to 1; then the decay
    momentum = 0.5 * momentum + gradient;
    w -= 0.1 * (gradient + 0.5 * momentum);
    EXPECT_NEAR(weights["w"][0].item<double>(), w, 1e-6) << step;
  }
  EXPECT_FALSE(optimizer.State().contains("second_moment/w"));
}

TEST(ScheduledLearningRate, IsAPowerOfWhatIsLeftOrTheCosine) {
  TrainOptions options;
  options.steps = 100;
  EXPECT_EQ(ScheduledLearningRate(options, 30), CosineLearningRate(options, 30));
  options.schedule = "polynomial";
  EXPECT_DOUBLE_EQ(ScheduledLearningRate(options, 0), options.learning_rate);
  EXPECT_DOUBLE_EQ(ScheduledLearningRate(options, 75), options.learning_rate * std::pow(0.25, 0.9));
  EXPECT_EQ(ScheduledLearningRate(options, 100), 0);
}

TEST(CosineLearningRate, FallsFromTheFirstToTheLast) {
  TrainOptions options;
  options.steps = 100;
  options.warm_up_steps = 0;
  EXPECT_DOUBLE_EQ(CosineLearningRate(options, 0), options.learning_rate);
  EXPECT_NEAR(CosineLearningRate(options, 50), (options.learning_rate + options.final_learning_rate) / 2, 1e-12);
  EXPECT_DOUBLE_EQ(CosineLearningRate(options, 100), options.final_learning_rate);
  options.warm_up_steps = 9;
  EXPECT_NEAR(CosineLearningRate(options, 0), options.learning_rate / 10, 1e-9);
}

TEST(DrawTraining, DrawsTheLossAndEachScore) {
  const TempFolder folder;
  folder.Write("log.csv",
               "step,loss,learning_rate,dsc_after_1,dsc_after_5,dsc_after_10,dsc_lesions,validation_loss\n"
               "20,1.5,1e-3,,,,,\n40,0.5,1e-3,0.2,0.4,0.6,0.7,0.8\n");
  DrawTraining(folder.path() / "log.csv", folder.path() / "log.svg");
  const std::string svg = ReadAll(folder.path() / "log.svg");
  EXPECT_THAT(svg, testing::StartsWith("<svg"));
  std::size_t curves = 0;
  for (auto at = svg.find("<polyline"); at != std::string::npos; at = svg.find("<polyline", at + 1)) ++curves;
  EXPECT_EQ(curves, 6U);
  EXPECT_THROW(DrawTraining(folder.path() / "gone.csv", folder.path() / "x.svg"), std::runtime_error);
}

TEST(CounterRandom, DependsOnSeedAndStreamOnly) {
  CounterRandom a(1, 5), b(1, 5), other_stream(1, 6), other_seed(2, 5);
  const std::uint64_t first = a.Next();
  EXPECT_EQ(first, b.Next());
  EXPECT_NE(first, other_stream.Next());
  EXPECT_NE(first, other_seed.Next());
}

}  // namespace
}  // namespace dinsd
