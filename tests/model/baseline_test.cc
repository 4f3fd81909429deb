#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "model/baseline/tiled_segmenter.h"
#include "model/manifest_json.h"
#include "model/network_factory.h"
#include "model/network_kind.h"
#include "model/network_segmenter.h"
#include "model/network_segmenter_internal.h"
#include "model/weights_error.h"
#include "model/weights_file.h"
#include "tests/random.h"
#include "tests/temp_folder.h"

namespace dinsd {
namespace {

constexpr Size3 kOne{1, 1, 1}, kTwo{2, 2, 2}, kThree{3, 3, 3}, kInPlaneKernel{1, 3, 3}, kInPlaneStride{1, 2, 2};

// An nnU-Net of four stages, the first step in-plane as for thick slices.
ModelManifest ManifestOf(const std::string& network, int width) {
  ModelManifest manifest;
  manifest.network = network;
  manifest.width = width;
  manifest.dim = network == "nnunet-dim1" ? "input" : "none";
  manifest.training_crop = {8, 32, 32};
  if (network.starts_with("nnunet")) {
    manifest.stages = {{kInPlaneKernel, kOne}, {kThree, kInPlaneStride}, {kThree, kTwo}, {kThree, kTwo}};
  }
  return manifest;
}

std::int64_t CountOf(const ModelManifest& manifest, const std::string& ending) {
  std::int64_t count = 0;
  for (const ParameterSpec& spec : NetworkParameters(manifest)) {
    std::int64_t values = 1;
    for (const std::int64_t n : spec.shape) values *= n;
    if (spec.name.ends_with(ending)) count += values;
  }
  return count;
}

std::vector<std::int64_t> ShapeOf(const ModelManifest& manifest, const std::string& name) {
  for (const ParameterSpec& spec : NetworkParameters(manifest)) {
    if (spec.name == name) return spec.shape;
  }
  return {};
}

using Shape = std::vector<std::int64_t>;

const std::vector<std::string>& Baselines() {
  static const std::vector<std::string> words = {"unet3d", "nnunet", "nnunet-dim1", "deepmedic"};
  return words;
}

TEST(Unet3d, HasThePublishedNumberOfParametersAtWidth32) {
  const ModelManifest manifest = ManifestOf("unet3d", 32);
  // The paper counts 19,069,955 for three channels and three classes, with a bias in each convolution and without the
  // norms' parameters: the first and the last layer differ, and the norms' betas are its biases.
  const std::int64_t first = 2 * 32 * 27, last = 64;
  EXPECT_EQ(CountOf(manifest, "kernel") + first + last + CountOf(manifest, "beta") + 3, 19'069'955);
}

TEST(Unet3d, HasThePapersTableOfLayers) {
  const ModelManifest manifest = ManifestOf("unet3d", 32);
  EXPECT_EQ(ShapeOf(manifest, "down1/layer1/kernel"), (Shape{32, 1, 3, 3, 3}));
  EXPECT_EQ(ShapeOf(manifest, "down1/layer2/kernel"), (Shape{64, 32, 3, 3, 3}));
  EXPECT_EQ(ShapeOf(manifest, "down4/layer2/kernel"), (Shape{512, 256, 3, 3, 3}));
  EXPECT_EQ(ShapeOf(manifest, "up3/up/kernel"), (Shape{512, 512, 2, 2, 2}));
  EXPECT_EQ(ShapeOf(manifest, "up3/layer1/kernel"), (Shape{256, 768, 3, 3, 3}));
  EXPECT_EQ(ShapeOf(manifest, "up1/layer1/kernel"), (Shape{64, 192, 3, 3, 3}));
  EXPECT_EQ(ShapeOf(manifest, "final/kernel"), (Shape{2, 64, 1, 1, 1}));
}

TEST(DeepMedic, HasThePapersTableOfLayersAndScalesIt) {
  const ModelManifest manifest = ManifestOf("deepmedic", 30);
  const std::vector<std::int64_t> channels = {30, 30, 40, 40, 40, 40, 50, 50};
  for (const char* pathway : {"normal", "context"}) {
    std::int64_t in = 1;
    for (std::size_t layer = 0; layer < channels.size(); ++layer) {
      EXPECT_EQ(ShapeOf(manifest, pathway + std::string("/layer") + std::to_string(layer + 1) + "/kernel"),
                (Shape{channels[layer], in, 3, 3, 3}));
      in = channels[layer];
    }
  }
  EXPECT_EQ(ShapeOf(manifest, "mixed/layer1/kernel"), (Shape{150, 100, 1, 1, 1}));
  EXPECT_EQ(ShapeOf(manifest, "mixed/layer2/kernel"), (Shape{150, 150, 1, 1, 1}));
  EXPECT_EQ(ShapeOf(ManifestOf("deepmedic", 6), "mixed/layer1/kernel"), (Shape{30, 20, 1, 1, 1}));
}

TEST(Nnunet, HasThePlansKernelsStridesAndWidthsOfAtMost320) {
  ModelManifest manifest = ManifestOf("nnunet", 32);
  EXPECT_EQ(ShapeOf(manifest, "down1/layer1/kernel"), (Shape{32, 1, 1, 3, 3}));
  EXPECT_EQ(ShapeOf(manifest, "down4/layer2/kernel"), (Shape{256, 256, 3, 3, 3}));
  EXPECT_EQ(ShapeOf(manifest, "up1/up/kernel"), (Shape{64, 32, 1, 2, 2}));
  EXPECT_EQ(ShapeOf(manifest, "up3/up/kernel"), (Shape{256, 128, 2, 2, 2}));
  EXPECT_EQ(ShapeOf(manifest, "up2/layer1/kernel"), (Shape{64, 128, 3, 3, 3}));
  EXPECT_EQ(ShapeOf(manifest, "head2/kernel"), (Shape{2, 64, 1, 1, 1}));
  EXPECT_EQ(ShapeOf(manifest, "head3/kernel"), Shape()) << "weighs nothing in the loss";
  EXPECT_EQ(ShapeOf(ManifestOf("nnunet-dim1", 32), "down1/layer1/kernel"), (Shape{32, 3, 1, 3, 3}));
  manifest.stages.insert(manifest.stages.end(), 2, {kThree, kTwo});
  EXPECT_EQ(ShapeOf(manifest, "down6/layer2/kernel"), (Shape{320, 320, 3, 3, 3}));
}

TEST(Baselines, GiveTwoLogitsPerVoxelOfAnySize) {
  const c10::NoGradGuard no_gradients;
  for (const std::string& word : Baselines()) {
    SCOPED_TRACE(word);
    const auto network = InitialisedNetwork(ManifestOf(word, 2), 1);
    for (const Size3& size : {Size3{6, 32, 48}, Size3{2, 16, 16}, Size3{9, 17, 21}}) {
      const at::Tensor logits = network->Forward(at::randn({1, 3, size.z, size.y, size.x}));
      EXPECT_EQ(logits.sizes(), (at::IntArrayRef{1, 2, size.z, size.y, size.x}));
      EXPECT_EQ(logits.scalar_type(), at::kFloat);
      EXPECT_TRUE(logits.isfinite().all().item<bool>());
    }
  }
}

TEST(Nnunet, SupervisesEveryStageButTheCoarsest) {
  const auto network = InitialisedNetwork(ManifestOf("nnunet", 2), 1);
  const at::Tensor x = at::randn({1, 3, 6, 20, 48});
  const std::vector<SupervisedLogits> outputs = network->ForwardForTraining(x);
  ASSERT_EQ(outputs.size(), 2U);
  EXPECT_TRUE(outputs[0].logits.equal(network->Forward(x)));
  EXPECT_EQ(outputs[1].stride, (std::array<std::int64_t, 3>{1, 2, 2}));
  EXPECT_EQ(outputs[1].logits.sizes(), (at::IntArrayRef{1, 2, 6, 10, 24}));
}

TEST(Baselines, SendAGradientToEveryTensor) {
  for (const std::string& word : Baselines()) {
    SCOPED_TRACE(word);
    at::manual_seed(3);
    const auto network = InitialisedNetwork(ManifestOf(word, 2), 1);
    for (auto& [name, tensor] : network->tensors()) tensor.requires_grad_();
    at::Tensor loss;
    for (const SupervisedLogits& output : network->ForwardForTraining(at::randn({1, 3, 8, 32, 32}))) {
      const at::Tensor part = at::log_softmax(output.logits, 1).select(1, 1).square().mean();
      loss = loss.defined() ? loss + part : part;
    }
    loss.backward();
    for (const auto& [name, tensor] : network->tensors()) {
      ASSERT_TRUE(tensor.grad().defined()) << name;
      EXPECT_GT(tensor.grad().abs().max().item<double>(), 1e-9) << name;
    }
  }
}

TEST(Baselines, SameSeedSameLogitsAndInBfloat16NearOnes) {
  const c10::NoGradGuard no_gradients;
  const at::Tensor x = at::randn({1, 3, 8, 32, 32});
  for (const std::string& word : Baselines()) {
    SCOPED_TRACE(word);
    const auto a = InitialisedNetwork(ManifestOf(word, 3), 7), b = InitialisedNetwork(ManifestOf(word, 3), 7);
    const at::Tensor logits = a->Forward(x);
    EXPECT_TRUE(logits.equal(b->Forward(x)));
    EXPECT_TRUE(logits.equal(a->Forward(x)));
    EXPECT_FALSE(logits.equal(InitialisedNetwork(ManifestOf(word, 3), 8)->Forward(x)));
    b->Use(Precision::kBfloat16);
    const double apart = (logits - b->Forward(x)).abs().mean().item<double>();
    EXPECT_LT(apart, 0.1 * logits.std().item<double>());
  }
}

TEST(Baselines, SeeTheGuidesOnlyWhereTheirWordSaysSo) {
  const c10::NoGradGuard no_gradients;
  at::Tensor without = at::randn({1, 3, 8, 32, 32}), with = without.clone();
  with.narrow(1, 1, 2).add_(1.5).mul_(at::rand({1, 2, 8, 32, 32}));
  for (const std::string& word : Baselines()) {
    SCOPED_TRACE(word);
    const auto network = InitialisedNetwork(ManifestOf(word, 2), 1);
    EXPECT_EQ(network->Forward(with).equal(network->Forward(without)), IsAutomatic(*NetworkKindFrom(word)));
  }
}

TEST(NetworkFactory, NamesAWordThatItDoesNotKnow) {
  EXPECT_THAT([] { (void)NetworkParameters(ManifestOf("transformer", 2)); },
              testing::ThrowsMessage<std::invalid_argument>(testing::HasSubstr("unet3d")));
}

// Weights files

std::string CodeOf(const std::function<void()>& work) {
  try {
    work();
  } catch (const WeightsError& error) {
    return error.code();
  }
  return "none";
}

TEST(BaselineWeights, ComeBackWithTheirNetworkButOnlyForWhomTakesAny) {
  const TempFolder folder;
  const auto path = folder.path() / "w.safetensors";
  for (const std::string& word : Baselines()) {
    SCOPED_TRACE(word);
    const ModelManifest manifest = ManifestOf(word, 2);
    const auto network = InitialisedNetwork(manifest, 4);
    SaveWeights(path, *network, manifest, StoredAs::kFloat32);
    const LoadedWeights loaded = LoadWeights(path, TakenNetworks::kAny);
    EXPECT_EQ(loaded.manifest.network, word);
    EXPECT_EQ(loaded.manifest.stages, manifest.stages);
    EXPECT_EQ(ManifestToJson(loaded.manifest), ManifestToJson(manifest));
    for (const auto& [name, tensor] : network->tensors()) EXPECT_TRUE(loaded.network->tensors().at(name).equal(tensor));
    EXPECT_EQ(CodeOf([&] { (void)LoadWeights(path); }), "WEIGHTS_NETWORK");
    EXPECT_EQ(CodeOf([&] { (void)LoadModel(path, "cpu"); }), "WEIGHTS_NETWORK");
    EXPECT_EQ(LoadModel(path, "cpu", TakenNetworks::kAny).manifest.network, word);
  }
}

TEST(BaselineWeights, OfDinsSayNothingOfANetwork) {
  ModelManifest manifest;
  EXPECT_THAT(ManifestToJson(manifest), testing::Not(testing::HasSubstr("network\"")));
  EXPECT_EQ(ManifestFromJson(ManifestToJson(manifest), "w").network, "dins");
}

TEST(BaselineWeights, AreRefusedWithStagesThatCannotBe) {
  const auto code = [](const ModelManifest& manifest) {
    return CodeOf([&] { (void)ManifestFromJson(ManifestToJson(manifest), "w"); });
  };
  ModelManifest manifest = ManifestOf("nnunet", 2);
  EXPECT_EQ(code(manifest), "none");
  manifest.stages[1].stride = {3, 1, 1};
  EXPECT_EQ(code(manifest), "WEIGHTS_MANIFEST");
  manifest.stages.clear();
  EXPECT_EQ(code(manifest), "WEIGHTS_MANIFEST");
  manifest = ManifestOf("unet3d", 2);
  manifest.stages = ManifestOf("nnunet", 2).stages;
  EXPECT_EQ(code(manifest), "WEIGHTS_MANIFEST") << "has no stages";
  manifest = ManifestOf("unet4d", 2);
  EXPECT_EQ(code(manifest), "WEIGHTS_MANIFEST");
}

// Segmenters

NetworkInput RandomInput(const Size3& size, unsigned seed) {
  TestRandom random(seed);
  NetworkInput input{size, {}, std::vector<float>(size.VoxelCount()), std::vector<float>(size.VoxelCount())};
  for (std::size_t i = 0; i < size.VoxelCount(); ++i) input.image.push_back(static_cast<float>(random.Unit()));
  return input;
}

// Returns its image and remembers what it was asked.
class EchoSegmenter : public Segmenter {
 public:
  explicit EchoSegmenter(std::vector<Size3>& asked) : asked_(asked) {}
  ProbabilityMap Run(const NetworkInput& input) override {
    asked_.push_back(input.size);
    return {input.size, input.image};
  }

 private:
  std::vector<Size3>& asked_;
};

TEST(InTiles, PutsTheTilesTogetherAgain) {
  std::vector<Size3> asked;
  const auto segmenter = InTiles(std::make_unique<EchoSegmenter>(asked), {4, 16, 32});
  const NetworkInput input = RandomInput({6, 41, 30}, 11);
  const ProbabilityMap map = segmenter->Run(input);
  EXPECT_EQ(asked.size(), 2U * 5U * 1U) << "at most half a tile apart";
  EXPECT_THAT(asked, testing::Each(Size3{4, 16, 30}));
  for (std::size_t i = 0; i < map.tumour.size(); ++i) ASSERT_NEAR(map.tumour[i], input.image[i], 1e-6);
}

TEST(InTiles, LeavesAnInputThatOneTileCovers) {
  std::vector<Size3> asked;
  (void)InTiles(std::make_unique<EchoSegmenter>(asked), {8, 64, 64})->Run(RandomInput({6, 32, 48}, 12));
  EXPECT_THAT(asked, testing::ElementsAre(Size3{6, 32, 48}));
}

TEST(OncePerImage, RunsAgainOnlyForAnotherImage) {
  std::vector<Size3> asked;
  const auto segmenter = OncePerImage(std::make_unique<EchoSegmenter>(asked));
  NetworkInput input = RandomInput({2, 16, 16}, 13);
  const ProbabilityMap first = segmenter->Run(input);
  input.positive_guide[3] = 1;
  EXPECT_EQ(segmenter->Run(input).tumour, first.tumour);
  EXPECT_EQ(asked.size(), 1U);
  input.image[0] += 1;
  EXPECT_NE(segmenter->Run(input).tumour, first.tumour);
  EXPECT_EQ(asked.size(), 2U);
}

TEST(MakeSegmenter, OfABaselineSeesTilesAsInTraining) {
  const ModelManifest manifest = ManifestOf("unet3d", 2);
  const auto segmenter = MakeSegmenter(InitialisedNetwork(manifest, 3), manifest, "cpu");
  const auto whole = MakeSegmenter(InitialisedNetwork(manifest, 3), ManifestOf("unet3d", 2), "cpu");
  const NetworkInput small = RandomInput({8, 32, 32}, 14);
  EXPECT_EQ(segmenter->Run(small).tumour, whole->Run(small).tumour);
  const ProbabilityMap map = segmenter->Run(RandomInput({12, 48, 64}, 15));
  EXPECT_EQ(map.tumour.size(), map.size.VoxelCount());
  EXPECT_THAT(map.tumour, testing::Each(testing::AllOf(testing::Ge(0.0F), testing::Le(1.0F))));
}

}  // namespace
}  // namespace dinsd
