#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

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
#include "model/weights_error.h"
#include "model/weights_file.h"
#include "tests/model/blocks.h"
#include "tests/temp_folder.h"

namespace dinsd {
namespace {

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

// What a network needs that is planned for its data's spacing.
PreparedCase OnThickSlices(PreparedCase c) {
  c.image_size = c.size;
  c.image_spacing_mm = {4.5, 2, 2};
  return c;
}

// First and last report of a short training on one small case.
std::pair<double, double> LossesOf(TrainOptions options, const std::filesystem::path& out) {
  options.width = 2;
  options.steps = 40;
  options.validate_every = 40;
  options.learning_rate = 1e-2;
  ModelManifest manifest = SmallManifest();
  manifest.width = 2;
  manifest.dim = options.dim;
  manifest.guide = options.guide;
  manifest.guide_scale = options.guide_scale;
  std::vector<double> losses;
  const std::vector<PreparedCase> cases = {OnThickSlices(Block("a", "train")), TwoBlocks("b", "choose")};
  Train(options, cases, manifest, out, [&](const TrainingProgress& p) {
    losses.push_back(p.loss);
    return true;
  });
  return {losses.front(), losses.back()};
}

TEST(Train, LowersTheLossWithEveryDimAndKeepsItsWord) {
  for (const char* word : {"input", "highest", "none", "v2", "level-1", "level-2", "level-3", "level-4", "level-5"}) {
    SCOPED_TRACE(word);
    const TempFolder folder;
    TrainOptions options = SmallOptions();
    options.dim = word;
    const auto [first, last] = LossesOf(options, folder.path());
    EXPECT_LT(last, first);
    const LoadedWeights loaded = LoadWeights(folder.path() / "last.safetensors");
    EXPECT_EQ(loaded.manifest.dim, word);
  }
}

TEST(Train, LowersTheLossWithEveryGuideAndKeepsItsWord) {
  for (const char* word : {"euclidean", "euclidean-half", "geodesic", "geodesic-half", "blend", "blend-half"}) {
    SCOPED_TRACE(word);
    const TempFolder folder;
    TrainOptions options = SmallOptions();
    options.guide = word;
    options.guide_scale = 0.1;
    const auto [first, last] = LossesOf(options, folder.path());
    EXPECT_LT(last, first);
    EXPECT_EQ(LoadWeights(folder.path() / "last.safetensors").manifest.guide, word);
  }
}

TEST(Train, RefusesWeightsOfAnotherGuideToStartFrom) {
  const std::vector<PreparedCase> cases = {Block("a", "train")};
  const TempFolder first, second;
  TrainOptions options = SmallOptions();
  options.steps = 1;
  Train(options, cases, SmallManifest(), first.path(), {});
  options.init = first.path() / "last.safetensors";
  options.guide = "euclidean";
  ModelManifest manifest = SmallManifest();
  EXPECT_THROW(Train(options, cases, manifest, second.path(), {}), WeightsError) << "another guide than its manifest";
  manifest.guide = "euclidean";
  EXPECT_THAT([&] { Train(options, cases, manifest, second.path(), {}); },
              testing::ThrowsMessage<WeightsError>(testing::HasSubstr("WEIGHTS_GUIDE")));
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
  for (const auto& [name, tensor] : before.network->tensors()) {
    EXPECT_TRUE(tensor.equal(after.network->tensors().at(name))) << name;
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

TEST(Train, TrainsEveryBaselineAndSavesItUnderItsWord) {
  for (const char* word : {"unet3d", "nnunet", "nnunet-dim1", "deepmedic"}) {
    SCOPED_TRACE(word);
    const TempFolder folder;
    TrainOptions options = SmallOptions();
    options.network = word;
    const auto [first, last] = LossesOf(options, folder.path());
    EXPECT_LT(last, first);
    const LoadedWeights loaded = LoadWeights(folder.path() / "last.safetensors", TakenNetworks::kAny);
    EXPECT_EQ(loaded.manifest.network, word);
    EXPECT_EQ(loaded.manifest.stages.empty(), !std::string(word).starts_with("nnunet"));
  }
}

TEST(Train, ResumesExactlyWithNnunetsDescent) {
  const std::vector<PreparedCase> cases = {OnThickSlices(Block("a", "train")), Block("b", "choose")};
  TrainOptions options = SmallOptions();
  options.network = "nnunet-dim1";
  options.optimizer = "sgd";
  options.schedule = "polynomial";
  options.beta1 = 0.99;
  options.learning_rate = 1e-2;
  options.weight_decay = 3e-5;
  options.gradient_clip = 0.5;
  const TempFolder whole, parts;
  Train(options, cases, SmallManifest(), whole.path(), {});
  Train(options, cases, SmallManifest(), parts.path(), [](const TrainingProgress&) { return false; });
  Train(options, cases, SmallManifest(), parts.path(), {});
  EXPECT_TRUE(ReadAll(whole.path() / "checkpoint.bin") == ReadAll(parts.path() / "checkpoint.bin"));
  EXPECT_FALSE(LoadCheckpoint(whole.path() / "checkpoint.bin").tensors.contains("second_moment/head1/bias"));
}

// A training that learns nothing: every validation loss is the first one.
TrainOptions StandingStill() {
  TrainOptions options = SmallOptions();
  options.steps = 20;
  options.validate_every = 2;
  options.learning_rate = options.final_learning_rate = 1e-30;
  options.average_decay = 0;
  options.stop_patience = 3;
  return options;
}

TEST(Train, EndsWhereItsPatienceIsOverAndStaysThere) {
  const std::vector<PreparedCase> cases = {Block("a", "train"), Block("b", "choose")};
  const TempFolder folder;
  Train(StandingStill(), cases, SmallManifest(), folder.path(), {});
  const TrainingCheckpoint end = LoadCheckpoint(folder.path() / "checkpoint.bin");
  EXPECT_EQ(end.step, 8) << "the first validation and three that are no lower";
  ASSERT_TRUE(end.patience.has_value());
  EXPECT_EQ(end.patience->stale, 3);
  EXPECT_GT(end.patience->minutes, 0);
  EXPECT_EQ(LoadWeights(folder.path() / "last.safetensors").manifest.width, 1);
  Train(StandingStill(), cases, SmallManifest(), folder.path(), {});
  EXPECT_EQ(LoadCheckpoint(folder.path() / "checkpoint.bin").step, 8);
}

TEST(Train, OnAPlateauTheRateFallsWithTheValidationLossAndNotWithTheNoisyOneOfTheSteps) {
  TrainOptions options = StandingStill();
  options.schedule = "plateau";
  options.final_learning_rate = 1e-40;
  options.plateau_patience = 1;
  options.plateau_factor = 0.5;
  options.stop_patience = 0;
  const TempFolder folder;
  Train(options, {Block("a", "train"), Block("b", "choose")}, SmallManifest(), folder.path(), {});
  // Ten validations of the same weights: each after the first one is no lower.
  EXPECT_NEAR(LoadCheckpoint(folder.path() / "checkpoint.bin").learning_rate, 1e-30 / 512, 1e-36);
}

TEST(Train, CountsItsPatienceOverAResume) {
  const std::vector<PreparedCase> cases = {Block("a", "train"), Block("b", "choose")};
  const TempFolder folder;
  Train(StandingStill(), cases, SmallManifest(), folder.path(), [](const TrainingProgress& p) { return p.step < 6; });
  EXPECT_EQ(LoadCheckpoint(folder.path() / "checkpoint.bin").step, 6);
  Train(StandingStill(), cases, SmallManifest(), folder.path(), {});
  EXPECT_EQ(LoadCheckpoint(folder.path() / "checkpoint.bin").step, 8);
}

TEST(Train, GoesOnWhereItIsGivenMorePatience) {
  const std::vector<PreparedCase> cases = {Block("a", "train"), Block("b", "choose")};
  const TempFolder folder;
  TrainOptions options = StandingStill();
  Train(options, cases, SmallManifest(), folder.path(), {});
  options.stop_patience = 5;
  Train(options, cases, SmallManifest(), folder.path(), {});
  EXPECT_EQ(LoadCheckpoint(folder.path() / "checkpoint.bin").step, 12);
}

TEST(Train, NeedsACaseToChooseByForItsPatience) {
  EXPECT_THROW(Train(StandingStill(), {Block("a", "train")}, SmallManifest(), TempFolder().path(), {}),
               std::invalid_argument);
}

TEST(Train, DoesNotEndBeforeItsLeastMinutes) {
  TrainOptions options = StandingStill();
  options.least_minutes = 1e6;
  const TempFolder folder;
  Train(options, {Block("a", "train"), Block("b", "choose")}, SmallManifest(), folder.path(), {});
  EXPECT_EQ(LoadCheckpoint(folder.path() / "checkpoint.bin").step, 20);
}

TEST(Train, WritesTheValidationLossBesideTheScores) {
  const TempFolder folder;
  std::vector<double> losses;
  Train(SmallOptions(), {Block("a", "train"), Block("b", "choose")}, SmallManifest(), folder.path(),
        [&](const TrainingProgress& p) {
          if (p.validation != nullptr) losses.push_back(p.validation->loss);
          return true;
        });
  ASSERT_EQ(losses.size(), 2U);
  EXPECT_THAT(losses, testing::Each(testing::AllOf(testing::Gt(0.0), testing::Lt(10.0))));
  std::istringstream log(ReadAll(folder.path() / "log.csv"));
  for (std::string line; std::getline(log, line);) EXPECT_EQ(std::count(line.begin(), line.end(), ','), 7) << line;
  std::ostringstream last;
  last << losses.back();
  EXPECT_THAT(ReadAll(folder.path() / "log.csv"), testing::EndsWith("," + last.str() + "\n"));
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
  check([](TrainOptions& o) { o.dim = "level-6"; }, "dim");
  check([](TrainOptions& o) { o.network = "songs"; }, "network");
  check(
      [](TrainOptions& o) {
        o.network = "unet3d";
        o.dim = "input";
      },
      "dim");
  check([](TrainOptions& o) { o.optimizer = "luck"; }, "optimizer");
  check([](TrainOptions& o) { o.stop_patience = -1; }, "stop_patience");
  check([](TrainOptions& o) { o.guide = "songs"; }, "guide");
  check([](TrainOptions& o) { o.guide_scale = 0; }, "guide_scale");
  check([](TrainOptions& o) { o.guide_alpha = o.guide_beta = 0; }, "guide_alpha");
  check([](TrainOptions& o) { o.sigma_unit = "inch"; }, "sigma_unit");
  check([](TrainOptions& o) { o.schedule = "stairs"; }, "schedule");
  check([](TrainOptions& o) { o.beta2 = 1; }, "betas");
  check([](TrainOptions& o) { o.scale_max = 0.5; }, "scale_max");
  EXPECT_NO_THROW(TrainOptions().Check());
}

}  // namespace
}  // namespace dinsd
