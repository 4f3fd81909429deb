#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "model/device.h"
#include "model/dins_network.h"
#include "model/network_segmenter.h"
#include "model/network_segmenter_internal.h"
#include "model/norm_relu.h"

namespace dinsd {
namespace {

using testing::ThrowsMessage;

std::vector<DimVariant> AllVariants() {
  return {DimVariant::kBoth,   DimVariant::kInput,  DimVariant::kHighest, DimVariant::kNone,   DimVariant::kV2,
          DimVariant::kLevel1, DimVariant::kLevel2, DimVariant::kLevel3,  DimVariant::kLevel4, DimVariant::kLevel5};
}

TEST(DinsNetwork, HasThePublishedNumberOfParametersAtWidth30) {
  std::int64_t kernels = 0, all = 0;
  for (const ParameterSpec& spec : DinsParameters(30, DimVariant::kBoth)) {
    std::int64_t count = 1;
    for (const std::int64_t n : spec.shape) count *= n;
    all += count;
    if (spec.name.ends_with("kernel")) kernels += count;
  }
  EXPECT_EQ(kernels, 14'548'350);
  EXPECT_EQ(all, 14'553'552);
  EXPECT_EQ(DinsParameters(30, DimVariant::kBoth).size(), 62U);
}

TEST(DinsNetwork, GivesTwoLogitsPerVoxelForEveryVariant) {
  for (const DimVariant variant : AllVariants()) {
    const c10::InferenceMode no_gradients;
    const DinsNetwork network = DinsNetwork::Initialised(2, variant, 1);
    const at::Tensor logits = network.Forward(at::zeros({1, 3, 2, 32, 16}));
    EXPECT_EQ(logits.sizes(), at::IntArrayRef({1, 2, 2, 32, 16}));
  }
}

// The table of layers of the published network: name, channels in and out, kernel depth.
void ExpectTheTablesKernels(DimVariant variant) {
  std::map<std::string, std::vector<std::int64_t>> shapes;
  for (const ParameterSpec& spec : DinsParameters(30, variant)) shapes[spec.name] = spec.shape;
  using Shape = std::vector<std::int64_t>;
  const std::int64_t in = HasGuideInput(variant) ? 3 : 1;
  EXPECT_EQ(shapes.at("down1/conv1/kernel"), (Shape{30, in, 1, 3, 3}));
  EXPECT_EQ(shapes.at("down1/conv2/kernel"), (Shape{30, 30, 1, 3, 3}));
  EXPECT_EQ(shapes.at("down2/conv1/kernel"), (Shape{60, 30, 1, 3, 3}));
  EXPECT_EQ(shapes.at("down3/conv1/kernel"), (Shape{120, 60, 3, 3, 3}));
  EXPECT_EQ(shapes.at("down4/conv1/kernel"), (Shape{240, 120, 3, 3, 3}));
  EXPECT_EQ(shapes.at("bridge/conv1/kernel"), (Shape{320, 240, 3, 3, 3}));
  EXPECT_EQ(shapes.at("bridge/conv2/kernel"), (Shape{320, 320, 3, 3, 3}));
  EXPECT_EQ(shapes.at("up4/up/kernel"), (Shape{320, 240, 2, 2, 2}));
  EXPECT_EQ(shapes.at("up4/conv1/kernel"), (Shape{240, 480, 3, 3, 3}));
  EXPECT_EQ(shapes.at("up3/up/kernel"), (Shape{240, 120, 1, 2, 2}));
  EXPECT_EQ(shapes.at("up3/conv1/kernel"), (Shape{120, 240, 3, 3, 3}));
  EXPECT_EQ(shapes.at("up2/conv1/kernel"), (Shape{60, 120, 1, 3, 3}));
  EXPECT_EQ(shapes.at("up1/conv1/kernel"), (Shape{30, 60, 1, 3, 3}));
  EXPECT_EQ(shapes.at("final/kernel"), (Shape{2, 30, 1, 1, 1}));
}

TEST(DinsNetwork, HasTheTablesKernelsInEveryVariant) {
  for (const DimVariant variant : AllVariants()) {
    SCOPED_TRACE(DimWord(variant));
    ExpectTheTablesKernels(variant);
  }
}

// The grid and the channels of each block in the table, on 4 x 64 x 32 at width 2; output 2 has those of its level.
TEST(DinsNetwork, HasTheTablesGridsInEveryVariant) {
  const std::map<std::string, std::vector<std::int64_t>> table = {
      {"down1", {1, 2, 4, 64, 32}}, {"down2", {1, 4, 4, 32, 16}}, {"down3", {1, 8, 4, 16, 8}},
      {"down4", {1, 16, 4, 8, 4}},  {"bridge", {1, 32, 2, 4, 2}}, {"up4", {1, 16, 4, 8, 4}},
      {"up3", {1, 8, 4, 16, 8}},    {"up2", {1, 4, 4, 32, 16}},   {"up1", {1, 2, 4, 64, 32}}};
  const std::map<DimVariant, std::string> output2 = {{DimVariant::kBoth, "bridge"},  {DimVariant::kHighest, "bridge"},
                                                     {DimVariant::kV2, "bridge"},    {DimVariant::kLevel1, "down1"},
                                                     {DimVariant::kLevel2, "down2"}, {DimVariant::kLevel3, "down3"},
                                                     {DimVariant::kLevel4, "down4"}, {DimVariant::kLevel5, "bridge"}};
  for (const DimVariant variant : AllVariants()) {
    SCOPED_TRACE(DimWord(variant));
    const c10::InferenceMode no_gradients;
    DinsNetwork::Tensors blocks;
    (void)DinsNetwork::Initialised(2, variant, 1).Forward(at::zeros({1, 3, 4, 64, 32}), &blocks);
    for (const auto& [block, shape] : table) EXPECT_EQ(blocks.at(block).sizes(), at::IntArrayRef(shape)) << block;
    const auto block = output2.find(variant);
    ASSERT_EQ(blocks.contains("dim"), block != output2.end());
    if (block == output2.end()) continue;
    EXPECT_EQ(blocks.at("dim").sizes(), at::IntArrayRef(table.at(block->second)));
  }
}

TEST(DinsNetwork, SeesTheGuidesWhereTheVariantSaysSo) {
  at::manual_seed(3);
  const at::Tensor blank = at::cat({at::randn({1, 1, 4, 32, 32}), at::zeros({1, 2, 4, 32, 32})}, 1);
  at::Tensor clicked = blank.clone();
  clicked.select(1, 1).select(1, 2).narrow(1, 12, 6).narrow(2, 12, 6).fill_(1);
  const c10::InferenceMode no_gradients;
  for (const DimVariant variant : AllVariants()) {
    SCOPED_TRACE(DimWord(variant));
    const DinsNetwork network = DinsNetwork::Initialised(2, variant, 4);
    DinsNetwork::Tensors without, with;
    const bool is_same = network.Forward(blank, &without).equal(network.Forward(clicked, &with));
    EXPECT_EQ(is_same, variant == DimVariant::kNone);
    EXPECT_EQ(without.at("down1").equal(with.at("down1")),
              !HasGuideInput(variant) && GuidedLevel(variant).value_or(5) > 1);
  }
}

TEST(DinsNetwork, WithOutputTwoAtTheBridgeIsThePublishedOne) {
  at::manual_seed(4);
  const at::Tensor input = at::randn({1, 3, 4, 32, 32});
  DinsNetwork both = DinsNetwork::Initialised(2, DimVariant::kBoth, 9);
  const DinsNetwork level5(2, DimVariant::kLevel5, both.tensors());
  const c10::InferenceMode no_gradients;
  EXPECT_TRUE(both.Forward(input).equal(level5.Forward(input)));
}

TEST(DimVariant, EveryWordNamesItsVariant) {
  for (const DimVariant variant : AllVariants()) EXPECT_EQ(DimVariantFrom(DimWord(variant)), variant);
  EXPECT_EQ(DimVariantFrom("level-6"), std::nullopt);
  EXPECT_EQ(DimVariantFrom(""), std::nullopt);
}

TEST(DinsNetwork, NamesTheSizeThatItCannotTake) {
  const DinsNetwork network = DinsNetwork::Initialised(2, DimVariant::kBoth, 1);
  EXPECT_THAT(
      [&] {
        (void)network.Forward(at::zeros({1, 3, 3, 32, 16}));
      },
      ThrowsMessage<std::invalid_argument>(testing::HasSubstr("3x32x16")));
  EXPECT_THROW(CheckNetworkSize({2, 24, 16}), std::invalid_argument);
  EXPECT_NO_THROW(CheckNetworkSize({2, 32, 16}));
}

TEST(DinsNetwork, RefusesMissingExtraAndMisshapenTensors) {
  const DinsNetwork::Tensors good = DinsNetwork::Initialised(2, DimVariant::kBoth, 1).tensors();
  const auto make = [](DinsNetwork::Tensors tensors) { (void)DinsNetwork(2, DimVariant::kBoth, std::move(tensors)); };
  DinsNetwork::Tensors missing = good, extra = good, misshapen = good;
  missing.erase("dim/bias");
  extra["more"] = at::zeros({1});
  misshapen["final/bias"] = at::zeros({3});
  EXPECT_THAT([&] { make(missing); }, ThrowsMessage<std::invalid_argument>(testing::HasSubstr("dim/bias")));
  EXPECT_THAT([&] { make(extra); }, ThrowsMessage<std::invalid_argument>(testing::HasSubstr("more")));
  EXPECT_THAT([&] { make(misshapen); }, ThrowsMessage<std::invalid_argument>(testing::HasSubstr("final/bias")));
}

TEST(DinsNetwork, SliceBySliceInPlaceGivesWhatTheWholeVolumeGives) {
  at::manual_seed(5);
  const DinsNetwork network = DinsNetwork::Initialised(4, DimVariant::kBoth, 2);
  const at::Tensor input = at::randn({1, 3, 6, 48, 32});
  const at::Tensor whole = network.Forward(input);
  const c10::InferenceMode no_gradients;
  DinsNetwork::Tensors blocks;
  const at::Tensor by_slices = network.Forward(input, &blocks);
  EXPECT_LT((whole - by_slices).abs().max().item<double>(), 1e-5);
  EXPECT_EQ(blocks.at("down1").sizes(), at::IntArrayRef({1, 4, 6, 48, 32}));
}

TEST(DinsNetwork, InBfloat16ComesNearFloat32) {
  at::manual_seed(6);
  DinsNetwork network = DinsNetwork::Initialised(4, DimVariant::kBoth, 2);
  const at::Tensor input = at::randn({1, 3, 4, 48, 32});
  const c10::InferenceMode no_gradients;
  const at::Tensor exact = network.Forward(input);
  network.Use(Precision::kBfloat16);
  const at::Tensor rounded = network.Forward(input);
  EXPECT_EQ(rounded.scalar_type(), at::kFloat);
  EXPECT_FALSE(exact.equal(rounded));
  EXPECT_LT((exact - rounded).norm().item<double>(), 0.05 * exact.norm().item<double>());
}

TEST(DinsNetwork, SameSeedSameWeights) {
  const auto a = DinsNetwork::Initialised(2, DimVariant::kBoth, 7),
             b = DinsNetwork::Initialised(2, DimVariant::kBoth, 7);
  const auto c = DinsNetwork::Initialised(2, DimVariant::kBoth, 8);
  EXPECT_TRUE(a.tensors().at("bridge/conv1/kernel").equal(b.tensors().at("bridge/conv1/kernel")));
  EXPECT_FALSE(a.tensors().at("bridge/conv1/kernel").equal(c.tensors().at("bridge/conv1/kernel")));
}

// The fused layer and its gradients against the plain one.
class NormReluTest : public testing::TestWithParam<bool> {};

TEST_P(NormReluTest, EqualsTheReferenceWithItsGradients) {
  at::manual_seed(1);
  const std::vector<at::Tensor> inputs = {at::randn({2, 5, 4, 6, 7}), at::randn({5}), at::randn({5}),
                                          at::randn({2, 5, 4, 6, 7})};
  const auto run = [&](auto layer) {
    std::vector<at::Tensor> leaves;
    for (const at::Tensor& input : inputs) leaves.push_back(input.clone().requires_grad_());
    const at::Tensor y = layer(leaves[0], leaves[1], leaves[2], GetParam() ? leaves[3] : at::Tensor(), 1e-3);
    (y * y).sum().backward();
    std::vector<at::Tensor> results = {y.detach(), leaves[0].grad(), leaves[1].grad(), leaves[2].grad()};
    if (GetParam()) results.push_back(leaves[3].grad());
    return results;
  };
  for (const double slope : {0.0, 0.01, 0.3}) {
    SCOPED_TRACE(slope);
    const auto fused = run([&](auto&&... x) { return NormRelu(x..., slope); });
    const auto plain = run([&](auto&&... x) { return NormReluReference(x..., slope); });
    ASSERT_EQ(fused.size(), plain.size());
    for (std::size_t i = 0; i < fused.size(); ++i) EXPECT_TRUE(fused[i].allclose(plain[i], 1e-4, 1e-4)) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutAddend, NormReluTest, testing::Bool());

TEST(NormRelu, SinglePrecisionSumsAreCloseOnFewVoxelsAndOffOnMany) {
  const at::Tensor one = at::ones({2}), zero = at::zeros({2});
  const auto worst = [&](std::int64_t depth) {
    at::manual_seed(5);
    const at::Tensor x = at::randn({1, 2, depth, 64, 64}) + 3;
    const at::Tensor exact = NormRelu(x, one, zero, {}, 1e-3);
    const at::Tensor single = NormReluSinglePrecision(x, one, zero, {}, 1e-3);
    at::Tensor in_place = x.contiguous(at::MemoryFormat::ChannelsLast3d).clone();
    NormReluInPlace(in_place, one, zero, 1e-3, MomentSums::kSinglePrecision);
    EXPECT_TRUE(in_place.equal(single));
    return (exact - single).abs().max().item<double>();
  };
  EXPECT_LT(worst(1), 2e-5);
  EXPECT_GT(worst(200), 2e-5);
  EXPECT_LT(worst(200), 1e-1);
}

TEST(NormRelu, IsExactForLargeMeans) {
  const at::Tensor x = at::randn({1, 2, 4, 32, 32}) + 1000;
  const at::Tensor one = at::ones({2}), zero = at::zeros({2});
  EXPECT_TRUE(NormRelu(x, one, zero, {}, 1e-3).allclose(NormReluReference(x, one, zero, {}, 1e-3), 1e-3, 2e-4));
}

NetworkInput SomeInput(const Size3& size) {
  NetworkInput input{size, std::vector<float>(size.VoxelCount()), std::vector<float>(size.VoxelCount()),
                     std::vector<float>(size.VoxelCount())};
  for (std::size_t i = 0; i < input.image.size(); ++i) input.image[i] = static_cast<float>(i * 37 % 101) / 50 - 1;
  input.positive_guide[5] = 1;
  return input;
}

TEST(NetworkSegmenter, GivesProbabilitiesOnTheInputsGrid) {
  const auto segmenter = MakeSegmenter(DinsNetwork::Initialised(2, DimVariant::kBoth, 1), "cpu");
  const ProbabilityMap map = segmenter->Run(SomeInput({2, 16, 32}));
  EXPECT_EQ(map.size, (Size3{2, 16, 32}));
  EXPECT_EQ(map.tumour.size(), map.size.VoxelCount());
  EXPECT_THAT(map.tumour, testing::Each(testing::AllOf(testing::Ge(0.0F), testing::Le(1.0F))));
}

TEST(NetworkSegmenter, RefusesArraysOfAnotherSize) {
  const auto segmenter = MakeSegmenter(DinsNetwork::Initialised(2, DimVariant::kBoth, 1), "cpu");
  NetworkInput input = SomeInput({2, 16, 16});
  input.negative_guide.pop_back();
  EXPECT_THROW((void)segmenter->Run(input), std::invalid_argument);
}

// A segmenter that returns its image: averaging over flips must give it back.
class EchoSegmenter : public Segmenter {
 public:
  ProbabilityMap Run(const NetworkInput& input) override { return {input.size, input.image}; }
};

TEST(FlipAveraging, UndoesEachFlip) {
  const NetworkInput input = SomeInput({2, 16, 32});
  const ProbabilityMap map = AverageOverFlips(std::make_unique<EchoSegmenter>())->Run(input);
  for (std::size_t i = 0; i < map.tumour.size(); ++i) ASSERT_FLOAT_EQ(map.tumour[i], input.image[i]);
}

TEST(Mirroring, ShowsTheImageReversedAndTurnsTheAnswerBack) {
  class Keeping : public EchoSegmenter {
   public:
    explicit Keeping(NetworkInput& seen) : seen_(seen) {}
    ProbabilityMap Run(const NetworkInput& input) override {
      seen_ = input;
      return EchoSegmenter::Run(input);
    }

   private:
    NetworkInput& seen_;
  };
  NetworkInput input = SomeInput({2, 16, 32}), seen;
  input.clicks = {{{1, 4, 9}, Polarity::kPositive}};
  const ProbabilityMap map = Mirrored(std::make_unique<Keeping>(seen), 5)->Run(input);
  EXPECT_EQ(map.tumour, input.image);
  EXPECT_EQ(seen.image[Offset(input.size, {0, 7, 30})], input.image[Offset(input.size, {1, 7, 1})]);
  EXPECT_EQ(seen.positive_guide[Offset(input.size, {0, 7, 30})], input.positive_guide[Offset(input.size, {1, 7, 1})]);
  EXPECT_EQ(seen.clicks[0].at.z, 0);
  EXPECT_EQ(seen.clicks[0].at.y, 4);
  EXPECT_EQ(seen.clicks[0].at.x, 22);
}

TEST(ChooseDevice, SaysWhy) {
  EXPECT_EQ(ChooseDevice("cpu").name, "cpu");
  EXPECT_FALSE(ChooseDevice("auto").reason.empty());
  EXPECT_THROW((void)ChooseDevice("tpu"), std::invalid_argument);
  EXPECT_THROW((void)ChooseDevice("cuda:x"), std::invalid_argument);
}

}  // namespace
}  // namespace dinsd
