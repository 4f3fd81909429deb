#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "model/train/case_file.h"
#include "model/train/checkpoint.h"
#include "model/train/click_chain.h"
#include "model/train/crop.h"
#include "model/train/loss.h"
#include "model/train/loss_picture.h"
#include "model/train/optimizer.h"
#include "model/train/trainer.h"
#include "model/train/training_case.h"
#include "model/train/training_clicks.h"
#include "model/train/validation.h"
#include "model/weights_file.h"
#include "tests/temp_folder.h"

namespace dinsd {
namespace {

// A bright block on a dark ground.
PreparedCase Block(const std::string& name, const std::string& split) {
  PreparedCase c{"blocks", name, split, {6, 32, 48}, {}, {}};
  for (std::size_t at = 0; at < c.size.VoxelCount(); ++at) {
    const Index3 v = IndexAt(c.size, at);
    const bool is_inside = v.z >= 1 && v.z < 5 && v.y >= 8 && v.y < 24 && v.x >= 10 && v.x < 30;
    c.mask.push_back(is_inside ? 1 : 0);
    c.image.push_back((is_inside ? 1.0F : 0.0F) + 0.1F * static_cast<float>(at * 31 % 17) / 17);
  }
  return c;
}

// A second, smaller block beside it.
PreparedCase TwoBlocks(const std::string& name, const std::string& split) {
  PreparedCase c = Block(name, split);
  for (std::int64_t z = 1; z < 5; ++z) {
    for (std::int64_t y = 10; y < 14; ++y) {
      for (std::int64_t x = 38; x < 44; ++x) {
        c.mask[Offset(c.size, {z, y, x})] = 1;
        c.image[Offset(c.size, {z, y, x})] = 1;
      }
    }
  }
  return c;
}

TrainOptions SmallOptions() {
  TrainOptions options;
  options.width = 1;
  options.steps = 6;
  options.checkpoint_every = 3;
  options.validate_every = 3;
  options.threads = 1;
  options.crop = {4, 32, 32};
  options.max_error_clicks = 2;
  options.sigma = {1, 4, 4};
  return options;
}

ModelManifest SmallManifest() {
  ModelManifest manifest;
  manifest.width = 1;
  return manifest;
}

std::string ReadAll(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Train, ResumedGivesTheWeightsOfAnUninterruptedOne) {
  const std::vector<PreparedCase> cases = {Block("a", "train"), Block("b", "choose")};
  const TempFolder whole, parts;
  Train(SmallOptions(), cases, SmallManifest(), whole.path(), {});
  // Validations report: the first one, after step 3, ends this run at its checkpoint.
  Train(SmallOptions(), cases, SmallManifest(), parts.path(), [](const TrainingProgress&) { return false; });
  EXPECT_EQ(LoadCheckpoint(parts.path() / "checkpoint.bin").step, 3);
  Train(SmallOptions(), cases, SmallManifest(), parts.path(), {});
  EXPECT_EQ(LoadCheckpoint(parts.path() / "checkpoint.bin").step, 6);
  EXPECT_EQ(ReadAll(whole.path() / "checkpoint.bin"), ReadAll(parts.path() / "checkpoint.bin"));
  EXPECT_EQ(ReadAll(whole.path() / "best.safetensors"), ReadAll(parts.path() / "best.safetensors"));
}

TEST(Train, RefusesToResumeWithOtherOptions) {
  const std::vector<PreparedCase> cases = {Block("a", "train")};
  const TempFolder folder;
  TrainOptions options = SmallOptions();
  options.steps = 1;
  Train(options, cases, SmallManifest(), folder.path(), {});
  options.learning_rate = 1e-3;
  EXPECT_THAT([&] { Train(options, cases, SmallManifest(), folder.path(), {}); },
              testing::ThrowsMessage<std::runtime_error>(testing::HasSubstr("other options")));
}

TEST(Train, LowersTheLoss) {
  const std::vector<PreparedCase> cases = {Block("a", "train")};
  const TempFolder folder;
  TrainOptions options = SmallOptions();
  options.width = 2;
  options.steps = 60;
  options.validate_every = 60;
  options.learning_rate = 1e-2;
  std::vector<double> losses;
  ModelManifest manifest = SmallManifest();
  manifest.width = 2;
  Train(options, cases, manifest, folder.path(), [&](const TrainingProgress& p) {
    losses.push_back(p.loss);
    return true;
  });
  ASSERT_EQ(losses.size(), 3U);
  EXPECT_LT(losses.back(), losses.front());
  EXPECT_EQ(LoadWeights(folder.path() / "best.safetensors").manifest.width, 2);
}

TEST(Train, InBfloat16ComesNearFloat32) {
  const std::vector<PreparedCase> cases = {Block("a", "train")};
  TrainOptions options = SmallOptions();
  options.steps = 1;
  options.warm_up_steps = 0;
  options.error_click_share = 0;
  std::vector<double> losses;
  for (const char* precision : {"float32", "bf16"}) {
    const TempFolder folder;
    options.precision = precision;
    Train(options, cases, SmallManifest(), folder.path(), [&](const TrainingProgress& p) {
      losses.push_back(p.loss);
      return true;
    });
  }
  ASSERT_EQ(losses.size(), 2U);
  EXPECT_NE(losses[0], losses[1]);
  EXPECT_NEAR(losses[0], losses[1], 0.01 * losses[0]);
}

TEST(Train, ResumesExactlyWithChainsAndEveryLesionClicked) {
  const std::vector<PreparedCase> cases = {TwoBlocks("a", "train"), TwoBlocks("b", "choose")};
  TrainOptions options = SmallOptions();
  options.error_click_share = 1;
  options.click_chains = 2;
  options.mix = {{"blocks", 1}};
  const TempFolder whole, parts;
  Train(options, cases, SmallManifest(), whole.path(), {});
  Train(options, cases, SmallManifest(), parts.path(), [](const TrainingProgress&) { return false; });
  Train(options, cases, SmallManifest(), parts.path(), {});
  EXPECT_TRUE(ReadAll(whole.path() / "checkpoint.bin") == ReadAll(parts.path() / "checkpoint.bin"));
  EXPECT_THAT(ReadAll(whole.path() / "log.csv"), testing::HasSubstr("dsc_lesions"));
}

TEST(Train, StartsFromTheWeightsOfAnotherTraining) {
  const std::vector<PreparedCase> cases = {Block("a", "train")};
  const TempFolder first, second;
  TrainOptions options = SmallOptions();
  Train(options, cases, SmallManifest(), first.path(), {});
  options.init = first.path() / "best.safetensors";
  options.steps = 1;
  options.learning_rate = options.final_learning_rate = 1e-30;
  Train(options, cases, SmallManifest(), second.path(), {});
  const LoadedWeights before = LoadWeights(options.init), after = LoadWeights(second.path() / "best.safetensors");
  for (const auto& [name, tensor] : before.network.tensors()) {
    EXPECT_TRUE(tensor.equal(after.network.tensors().at(name))) << name;
  }
  EXPECT_THAT(after.manifest.created_by, testing::HasSubstr(before.sha256));
  options.width = 2;
  ModelManifest wider = SmallManifest();
  wider.width = 2;
  EXPECT_THROW(Train(options, cases, wider, TempFolder().path(), {}), std::invalid_argument);
}

TEST(Train, StopsWhereItIsTold) {
  TrainOptions options = SmallOptions();
  options.stop_after = 2;
  const TempFolder folder;
  Train(options, {Block("a", "train")}, SmallManifest(), folder.path(), {});
  EXPECT_EQ(LoadCheckpoint(folder.path() / "checkpoint.bin").step, 2);
  EXPECT_EQ(LoadWeights(folder.path() / "last.safetensors").manifest.width, 1);
}

TEST(Train, NamesASetOfTheMixThatHasNoCase) {
  TrainOptions options = SmallOptions();
  options.mix = {{"spheres", 1}};
  const TempFolder folder;
  EXPECT_THAT([&] { Train(options, {Block("a", "train")}, SmallManifest(), folder.path(), {}); },
              testing::ThrowsMessage<std::invalid_argument>(testing::HasSubstr("spheres")));
}

TEST(Train, NeedsATrainingCase) {
  const TempFolder folder;
  EXPECT_THROW(Train(SmallOptions(), {Block("a", "choose")}, SmallManifest(), folder.path(), {}),
               std::invalid_argument);
}

TEST(TrainOptions, NameTheFieldThatIsWrong) {
  const auto check = [](auto spoil, const char* field) {
    TrainOptions options;
    spoil(options);
    EXPECT_THAT([&] { options.Check(); }, testing::ThrowsMessage<std::invalid_argument>(testing::HasSubstr(field)));
  };
  check([](TrainOptions& o) { o.width = 0; }, "width");
  check([](TrainOptions& o) { o.crop.y = 20; }, "crop");
  check([](TrainOptions& o) { o.schedule = "stairs"; }, "schedule");
  check([](TrainOptions& o) { o.beta2 = 1; }, "betas");
  check([](TrainOptions& o) { o.scale_max = 0.5; }, "scale_max");
  EXPECT_NO_THROW(TrainOptions().Check());
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

TEST(SegmentationLoss, IsWeightedCrossEntropyByHand) {
  // Two voxels: background with p(background) = 1/2, tumour with p(tumour) = 3/4, weight 3.
  const at::Tensor logits = at::zeros({1, 2, 1, 1, 2});
  logits[0][1][0][0][1] = std::log(3.0);
  const at::Tensor mask = at::zeros({1, 1, 1, 2}, at::kLong);
  mask[0][0][0][1] = 1;
  const double expected = (-std::log(0.5) - 3 * std::log(0.75)) / 4;
  EXPECT_NEAR(SegmentationLoss(logits, mask, 3, 0).item<double>(), expected, 1e-6);
  const double dice = (2 * 0.75 + 1) / (0.5 + 0.75 + 1 + 1);
  EXPECT_NEAR(SegmentationLoss(logits, mask, 3, 2).item<double>(), expected + 2 * (1 - dice), 1e-6);
}

TEST(Optimizer, MakesAdamsFirstStepOfTheLearningRate) {
  DinsNetwork::Tensors weights = {{"w", at::tensor({1.0F, -2.0F}).requires_grad_()}};
  TrainOptions options;
  options.average_decay = 0;
  Optimizer optimizer(weights, options);
  (weights["w"] * at::tensor({4.0F, -0.5F})).sum().backward();
  optimizer.Step(weights, 0, 0.1);
  EXPECT_NEAR(weights["w"][0].item<double>(), 0.9, 1e-5);
  EXPECT_NEAR(weights["w"][1].item<double>(), -1.9, 1e-5);
  EXPECT_TRUE(optimizer.average().at("w").allclose(weights["w"].detach()));
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
               "step,loss,learning_rate,dsc_after_1,dsc_after_5,dsc_after_10,dsc_lesions\n20,1.5,1e-3,,,,\n"
               "40,0.5,1e-3,0.2,0.4,0.6,0.7\n");
  DrawTraining(folder.path() / "log.csv", folder.path() / "log.svg");
  const std::string svg = ReadAll(folder.path() / "log.svg");
  EXPECT_THAT(svg, testing::StartsWith("<svg"));
  std::size_t curves = 0;
  for (auto at = svg.find("<polyline"); at != std::string::npos; at = svg.find("<polyline", at + 1)) ++curves;
  EXPECT_EQ(curves, 5U);
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
