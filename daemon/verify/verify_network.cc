#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <cmath>

#include "daemon/verify/fixture_set.h"
#include "model/network_segmenter.h"
#include "model/network_segmenter_internal.h"
#include "model/tensorflow_checkpoint.h"

namespace dinsd {
namespace {

constexpr double kLogitTolerance = 1e-3;
constexpr double kSoftmaxTolerance = 2e-4;
constexpr const char* kExactSums = "_float64_moments";

std::vector<double> ToDoubles(const at::Tensor& tensor) {
  const at::Tensor flat = tensor.to(at::kDouble).contiguous();
  return {flat.const_data_ptr<double>(), flat.const_data_ptr<double>() + flat.numel()};
}

std::vector<float> ToFloats(const at::Tensor& tensor) {
  const at::Tensor flat = tensor.to(at::kFloat).contiguous();
  return {flat.const_data_ptr<float>(), flat.const_data_ptr<float>() + flat.numel()};
}

// N, C, D, H, W to the fixtures' N, D, H, W, C.
at::Tensor ChannelsToTheEnd(const at::Tensor& tensor) {
  return tensor.permute({0, 2, 3, 4, 1});
}

at::Tensor ToTensor(const NpyArray& array) {
  const at::Tensor tensor = at::tensor(at::ArrayRef<double>(array.values), at::kDouble).view(array.shape);
  return tensor.to(at::kFloat);
}

at::Tensor NetworkInputOf(const FixtureFolder& fixture, const nlohmann::json& a_case) {
  const at::Tensor joined =
      at::cat({ToTensor(fixture.Array(a_case, "image")), ToTensor(fixture.Array(a_case, "guide"))}, 4);
  return joined.permute({0, 4, 1, 2, 3}).contiguous();
}

// Voxels whose label differs although their two logits are further apart than the tolerance.
double WrongLabels(const std::vector<float>& got, const std::vector<double>& expected) {
  double wrong = 0;
  for (std::size_t i = 0; i + 1 < expected.size(); i += 2) {
    const bool is_clear = std::abs(expected[i + 1] - expected[i]) > kLogitTolerance;
    wrong += is_clear && (got[i + 1] > got[i]) != (expected[i + 1] > expected[i]) ? 1 : 0;
  }
  return wrong;
}

void VerifyBlocks(const FixtureFolder& fixture, const nlohmann::json& a_case, const DinsNetwork::Tensors& blocks,
                  const std::string& name) {
  // Beside exact logits, blocks hold the published sums in single precision, which are off by more than the tolerance.
  if (!a_case.contains("blocks") || HasArray(a_case, std::string("logits") + kExactSums)) return;
  for (const auto& [block, where] : a_case.at("blocks").items()) {
    const auto found = blocks.find(block);
    if (found == blocks.end()) throw std::runtime_error("block '" + block + "' is not one of the network's");
    const NpyArray expected =
        fixture.File(where.is_string() ? where.get<std::string>() : where.at("file").get<std::string>());
    fixture.Add(name + " block " + block,
                WorstDifference(ToFloats(ChannelsToTheEnd(found->second)), expected.values, 1), kLogitTolerance);
  }
}

void VerifySoftmax(const FixtureFolder& fixture, const nlohmann::json& a_case, const std::vector<float>& logits,
                   const std::string& name) {
  const bool has_exact = HasArray(a_case, std::string("softmax") + kExactSums);
  if (!has_exact && (HasArray(a_case, std::string("logits") + kExactSums) || !HasArray(a_case, "softmax"))) return;
  const NpyArray expected = fixture.Array(a_case, has_exact ? std::string("softmax") + kExactSums : "softmax");
  std::vector<float> softmax(logits.size());
  for (std::size_t i = 0; i + 1 < logits.size(); i += 2) {
    softmax[i + 1] = 1 / (1 + std::exp(logits[i] - logits[i + 1]));
    softmax[i] = 1 - softmax[i + 1];
  }
  fixture.Add(name + " softmax", WorstDifference(softmax, expected.values, 1), kSoftmaxTolerance);
}

void VerifyFlips(const FixtureFolder& fixture, const nlohmann::json& a_case, const DinsNetwork& network,
                 const std::string& name) {
  const bool has_exact = HasArray(a_case, std::string("softmax_tta8") + kExactSums);
  if (!has_exact && (HasArray(a_case, std::string("logits") + kExactSums) || !HasArray(a_case, "softmax_tta8"))) return;
  const at::Tensor input = NetworkInputOf(fixture, a_case);
  const Size3 size{input.size(2), input.size(3), input.size(4)};
  const auto channel = [&](std::int64_t c) { return ToFloats(input.select(1, c)); };
  const ProbabilityMap map =
      AverageOverFlips(MakeSegmenter(network, "cpu"))->Run({size, channel(0), channel(1), channel(2)});
  const NpyArray expected =
      fixture.Array(a_case, has_exact ? std::string("softmax_tta8") + kExactSums : "softmax_tta8");
  std::vector<double> tumour;
  for (std::size_t i = 1; i < expected.values.size(); i += 2) tumour.push_back(expected.values[i]);
  fixture.Add(name + " softmax, 8 flips", WorstDifference(map.tumour, tumour, 1), kSoftmaxTolerance);
}

void VerifyCase(const FixtureFolder& fixture, const nlohmann::json& a_case, const DinsNetwork& network,
                const std::string& prefix) {
  const std::string name = prefix + "case " + a_case.at("case").get<std::string>();
  DinsNetwork::Tensors blocks;
  const c10::InferenceMode no_gradients;
  const std::vector<float> logits =
      ToFloats(ChannelsToTheEnd(network.Forward(NetworkInputOf(fixture, a_case), &blocks)));
  const bool has_exact = HasArray(a_case, std::string("logits") + kExactSums);
  const NpyArray expected = fixture.Array(a_case, has_exact ? std::string("logits") + kExactSums : "logits");
  fixture.Add(name + " logits", WorstDifference(logits, expected.values, 1e9) * 1e9, kLogitTolerance,
              has_exact ? "against exact sums" : "");
  fixture.Add(name + " labels", WrongLabels(logits, expected.values), 0);
  VerifySoftmax(fixture, a_case, logits, name);
  VerifyFlips(fixture, a_case, network, name);
  VerifyBlocks(fixture, a_case, blocks, name);
}

}  // namespace

void VerifyNetwork(const FixtureFolder& fixture, const VerificationConstants& constants) {
  const auto checkpoints = fixture.Checkpoints();
  for (const std::filesystem::path& checkpoint : checkpoints) {
    ImportedCheckpoint imported = ReadTensorFlowCheckpoint(checkpoint);
    const DinsNetwork network(imported.width, DimVariant::kBoth, std::move(imported.tensors), constants.network);
    const std::string prefix = checkpoints.size() > 1 ? checkpoint.filename().string() + " " : "";
    for (const auto& a_case : fixture.description().at("cases")) VerifyCase(fixture, a_case, network, prefix);
  }
}

void VerifyCheckpoint(const FixtureFolder& fixture, const VerificationConstants&) {
  for (const std::filesystem::path& checkpoint : fixture.Checkpoints()) {
    const ImportedCheckpoint imported = ReadTensorFlowCheckpoint(checkpoint);
    fixture.Add("tensors read", std::abs(static_cast<double>(imported.tensors.size()) - 62), 0,
                std::to_string(imported.skipped.size()) + " entries left out");
    if (fixture.description().contains("variables")) {
      const auto listed = fixture.description().at("variables").size();
      fixture.Add("entries accounted for",
                  std::abs(static_cast<double>(listed) -
                           static_cast<double>(imported.tensors.size() + imported.skipped.size())),
                  0);
    }
    if (!fixture.description().contains("some_values")) continue;
    for (const auto& [key, where] : fixture.description().at("some_values").items()) {
      std::string name = key;
      if (const auto at = name.find("layer_with_weights-0/"); at != std::string::npos) name.erase(at, 21);
      const at::Tensor& tensor = imported.tensors.at(name);
      const at::Tensor published = tensor.dim() == 5 ? tensor.permute({2, 3, 4, 1, 0}) : tensor;
      const NpyArray expected = fixture.File(where.at("file").get<std::string>());
      const std::vector<double> got = ToDoubles(published);
      double different = got.size() == expected.values.size() ? 0 : 1;
      for (std::size_t i = 0; different == 0 && i < got.size(); ++i) different += got[i] != expected.values[i] ? 1 : 0;
      fixture.Add(key, different, 0);
    }
  }
}

}  // namespace dinsd
