#include "model/baseline/unet3d.h"

#include <ATen/ATen.h>

#include <stdexcept>

#include "model/baseline/layers.h"
#include "model/norm_relu.h"

namespace dinsd {
namespace {

constexpr int kLevels = 4;
constexpr Zyx kKernel{3, 3, 3};
constexpr Zyx kMultiple{8, 8, 8};

std::string Down(int level) {
  return "down" + std::to_string(level);
}

std::string Up(int level) {
  return "up" + std::to_string(level);
}

}  // namespace

std::vector<ParameterSpec> Unet3dParameters(int width) {
  if (width < 1) throw std::invalid_argument("network width must be at least 1");
  const auto channels = [&](int level) { return static_cast<std::int64_t>(width) << level; };
  std::vector<ParameterSpec> list;
  std::int64_t in = 1;
  for (int level = 1; level <= kLevels; ++level) {
    AddConvNorm(list, Down(level) + "/layer1", in, channels(level - 1), kKernel);
    AddConvNorm(list, Down(level) + "/layer2", channels(level - 1), channels(level), kKernel);
    in = channels(level);
  }
  for (int level = kLevels - 1; level >= 1; --level) {
    list.push_back({Up(level) + "/up/kernel", {in, in, 2, 2, 2}});
    AddConvNorm(list, Up(level) + "/layer1", in + channels(level), channels(level), kKernel);
    AddConvNorm(list, Up(level) + "/layer2", channels(level), channels(level), kKernel);
    in = channels(level);
  }
  AddPointwise(list, "final", in, 2);
  return list;
}

at::Tensor Unet3d::Block(at::Tensor x, const std::string& name) const {
  for (const char* layer : {"/layer1/", "/layer2/"}) {
    x = NormRelu(SameConvolution(x, Get(name + layer + "kernel"), {}), Get(name + layer + "gamma"),
                 Get(name + layer + "beta"), {}, kBaselineEpsilon);
  }
  return x;
}

at::Tensor Unet3d::Forward(const at::Tensor& image_and_guides) const {
  const Zyx size = SizeOf(image_and_guides);
  at::Tensor x = PadToMultiple(InPrecision(image_and_guides.narrow(1, 0, 1)), kMultiple);
  std::vector<at::Tensor> skips;
  for (int level = 1; level <= kLevels; ++level) {
    x = Block(x, Down(level));
    if (level == kLevels) break;
    skips.push_back(x);
    x = at::max_pool3d(x, {2, 2, 2});
  }
  for (int level = kLevels - 1; level >= 1; --level) {
    x = Block(at::cat({skips.back(), Upsample(x, Get(Up(level) + "/up/kernel"), {})}, 1), Up(level));
    skips.pop_back();
  }
  return CropTo(SameConvolution(x.to(at::kFloat), Get("final/kernel"), Get("final/bias")), size);
}

}  // namespace dinsd
