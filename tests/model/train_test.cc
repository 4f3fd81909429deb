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
  Train(options, {Block("a", "train"), TwoBlocks("b", "choose")}, manifest, out, [&](const TrainingProgress& p) {
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
    EXPECT_EQ(DimWord(loaded.network.variant()), word);
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
  check([](TrainOptions& o) { o.dim = "level-6"; }, "dim");
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
