#include "model/baseline/nnunet.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <stdexcept>

#include "model/baseline/layers.h"
#include "model/norm_relu.h"

namespace dinsd {
namespace {

constexpr std::int64_t kMostChannels = 320;
constexpr double kSlope = 0.01;

Zyx ZyxOf(const Size3& s) {
  return {s.z, s.y, s.x};
}

std::string Name(const char* what, std::size_t stage) {
  return std::string(what).append(std::to_string(stage + 1));
}

// Stages of the way up that say what they see: all but the coarsest, and the finest always.
std::size_t Heads(std::size_t stages) {
  return std::max<std::size_t>(1, stages - 2);
}

// Strides from the input to a stage.
Zyx TotalStride(const std::vector<NetworkStage>& stages, std::size_t stage) {
  Zyx total{1, 1, 1};
  for (std::size_t s = 0; s <= stage; ++s) {
    for (std::size_t axis = 0; axis < 3; ++axis) total[axis] *= ZyxOf(stages[s].stride)[axis];
  }
  return total;
}

}  // namespace

std::vector<ParameterSpec> NnunetParameters(int width, const std::vector<NetworkStage>& stages, std::int64_t inputs) {
  if (width < 1 || stages.size() < 2) throw std::invalid_argument("nnU-Net needs a width and at least two stages");
  const auto channels = [&](std::size_t stage) {
    return std::min(kMostChannels, static_cast<std::int64_t>(width) << stage);
  };
  std::vector<ParameterSpec> list;
  std::int64_t in = inputs;
  for (std::size_t stage = 0; stage < stages.size(); ++stage) {
    AddConvNorm(list, Name("down", stage) + "/layer1", in, channels(stage), ZyxOf(stages[stage].kernel));
    AddConvNorm(list, Name("down", stage) + "/layer2", channels(stage), channels(stage), ZyxOf(stages[stage].kernel));
    in = channels(stage);
  }
  for (std::size_t stage = stages.size() - 1; stage-- > 0;) {
    const Size3& stride = stages[stage + 1].stride;
    list.push_back({Name("up", stage) + "/up/kernel", {in, channels(stage), stride.z, stride.y, stride.x}});
    list.push_back({Name("up", stage) + "/up/bias", {channels(stage)}});
    AddConvNorm(list, Name("up", stage) + "/layer1", 2 * channels(stage), channels(stage), ZyxOf(stages[stage].kernel));
    AddConvNorm(list, Name("up", stage) + "/layer2", channels(stage), channels(stage), ZyxOf(stages[stage].kernel));
    if (stage < Heads(stages.size())) AddPointwise(list, Name("head", stage), channels(stage), 2);
    in = channels(stage);
  }
  return list;
}

at::Tensor Nnunet::Block(at::Tensor x, const std::string& name, const std::array<std::int64_t, 3>& stride) const {
  const auto layer = [&](const std::string& path, const Zyx& step) {
    return NormRelu(SameConvolution(x, Get(path + "kernel"), {}, step), Get(path + "gamma"), Get(path + "beta"), {},
                    kBaselineEpsilon, kSlope);
  };
  x = layer(name + "/layer1/", stride);
  return layer(name + "/layer2/", {1, 1, 1});
}

std::vector<SupervisedLogits> Nnunet::Outputs(const at::Tensor& image_and_guides, std::size_t most) const {
  const Zyx size = SizeOf(image_and_guides);
  const Zyx multiple = TotalStride(stages_, stages_.size() - 1);
  at::Tensor x = PadToMultiple(InPrecision(image_and_guides.narrow(1, 0, inputs_)), multiple);
  std::vector<at::Tensor> skips;
  for (std::size_t stage = 0; stage < stages_.size(); ++stage) {
    x = Block(x, Name("down", stage), ZyxOf(stages_[stage].stride));
    skips.push_back(x);
  }
  std::vector<SupervisedLogits> outputs;
  for (std::size_t stage = stages_.size() - 1; stage-- > 0;) {
    const std::string up = Name("up", stage);
    x = Block(at::cat({Upsample(x, Get(up + "/up/kernel"), Get(up + "/up/bias")), skips[stage]}, 1), up, {1, 1, 1});
    if (stage >= std::min(most, Heads(stages_.size()))) continue;
    const std::string head = Name("head", stage);
    const Zyx stride = TotalStride(stages_, stage);
    const at::Tensor logits = SameConvolution(x.to(at::kFloat), Get(head + "/kernel"), Get(head + "/bias"));
    outputs.insert(outputs.begin(), SupervisedLogits{CropTo(logits, size, stride), stride});
  }
  return outputs;
}

}  // namespace dinsd
