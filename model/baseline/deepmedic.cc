#include "model/baseline/deepmedic.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <stdexcept>

#include "model/baseline/layers.h"
#include "model/norm_relu.h"

namespace dinsd {
namespace {

constexpr std::array<std::int64_t, 8> kChannels{30, 30, 40, 40, 40, 40, 50, 50};
constexpr std::int64_t kMixed = 150;  // channels of the layers that see both pathways
constexpr std::int64_t kWidth = 30;   // at which these figures hold
constexpr std::int64_t kCoarser = 3;  // voxels of the image in one of the second pathway, along each axis
constexpr int kMixedLayers = 2;

// A layer: convolution, norm and the slope of its PReLU.
void AddLayer(std::vector<ParameterSpec>& list, const std::string& name, std::int64_t in, std::int64_t out,
              const Zyx& kernel) {
  AddConvNorm(list, name, in, out, kernel);
  list.push_back({name + "/slope", {out}});
}

std::string Numbered(const std::string& name, std::size_t layer) {
  return name + "/layer" + std::to_string(layer);
}

}  // namespace

std::vector<ParameterSpec> DeepMedicParameters(int width) {
  if (width < 1) throw std::invalid_argument("network width must be at least 1");
  const auto scaled = [&](std::int64_t channels) {
    return std::max<std::int64_t>(1, (channels * width + kWidth / 2) / kWidth);
  };
  std::vector<ParameterSpec> list;
  for (const char* pathway : {"normal", "context"}) {
    std::int64_t in = 1;
    for (std::size_t layer = 0; layer < kChannels.size(); ++layer) {
      AddLayer(list, Numbered(pathway, layer + 1), in, scaled(kChannels[layer]), {3, 3, 3});
      in = scaled(kChannels[layer]);
    }
  }
  AddLayer(list, "mixed/layer1", 2 * scaled(kChannels.back()), scaled(kMixed), {1, 1, 1});
  AddLayer(list, "mixed/layer2", scaled(kMixed), scaled(kMixed), {1, 1, 1});
  AddPointwise(list, "final", scaled(kMixed), 2);
  return list;
}

// PReLU of n is max(0, n) - slope * max(0, -n).
at::Tensor DeepMedic::Layer(const at::Tensor& x, const std::string& name) const {
  const at::Tensor y = SameConvolution(x, Get(name + "/kernel"), {});
  const at::Tensor &gamma = Get(name + "/gamma"), &beta = Get(name + "/beta");
  const at::Tensor slope = Get(name + "/slope").view({1, -1, 1, 1, 1}).to(y.scalar_type());
  return NormRelu(y, gamma, beta, {}, kBaselineEpsilon) - slope * NormRelu(y, -gamma, -beta, {}, kBaselineEpsilon);
}

at::Tensor DeepMedic::Pathway(at::Tensor x, const std::string& name) const {
  for (std::size_t layer = 1; layer <= kChannels.size(); ++layer) x = Layer(x, Numbered(name, layer));
  return x;
}

at::Tensor DeepMedic::Forward(const at::Tensor& image_and_guides) const {
  const Zyx size = SizeOf(image_and_guides);
  const at::Tensor image = PadToMultiple(image_and_guides.narrow(1, 0, 1), {kCoarser, kCoarser, kCoarser});
  const at::Tensor averaged = at::avg_pool3d(image, {kCoarser, kCoarser, kCoarser});
  const at::Tensor context = Pathway(InPrecision(averaged), "context");
  const at::Tensor repeated = at::upsample_nearest3d(context, image.sizes().slice(2));
  at::Tensor x = at::cat({Pathway(InPrecision(image), "normal"), repeated}, 1);
  for (std::size_t layer = 1; layer <= kMixedLayers; ++layer) x = Layer(x, Numbered("mixed", layer));
  return CropTo(SameConvolution(x.to(at::kFloat), Get("final/kernel"), Get("final/bias")), size);
}

}  // namespace dinsd
