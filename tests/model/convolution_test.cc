#include "model/convolution.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

// Held to at::conv3d, which takes its own loop for inputs as small as these.

namespace dinsd {
namespace {

struct Layer {
  std::string name;
  std::vector<std::int64_t> x, kernel, stride, padding;
  bool has_bias;
};

class ConvolutionTest : public testing::TestWithParam<Layer> {};

at::Tensor Leaf(const std::vector<std::int64_t>& size) {
  at::Tensor leaf = at::randn(size);
  if (size.size() == 5) leaf = leaf.contiguous(at::MemoryFormat::ChannelsLast3d);
  return leaf.requires_grad_();
}

TEST_P(ConvolutionTest, EqualsAtensOwnWithItsGradients) {
  const Layer layer = GetParam();
  at::manual_seed(3);
  const at::Tensor x = Leaf(layer.x), kernel = Leaf(layer.kernel);
  const at::Tensor bias = layer.has_bias ? Leaf({layer.kernel[0]}) : at::Tensor();
  const at::Tensor expected = at::conv3d(x, kernel, bias, layer.stride, layer.padding);
  const at::Tensor weight = at::randn_like(expected);
  (expected * weight).sum().backward();
  std::vector<at::Tensor> gradients;
  for (const at::Tensor& leaf : {x, kernel, bias}) {
    if (!leaf.defined()) continue;
    gradients.push_back(leaf.grad().clone());
    leaf.mutable_grad().zero_();
  }
  const at::Tensor got = Convolution3d(x, kernel, bias, layer.stride, layer.padding);
  EXPECT_TRUE(got.allclose(expected, 1e-4, 1e-5));
  (got * weight).sum().backward();
  std::size_t next = 0;
  for (const at::Tensor& leaf : {x, kernel, bias}) {
    if (!leaf.defined()) continue;
    EXPECT_TRUE(leaf.grad().allclose(gradients[next], 1e-4, 1e-4)) << next;
    ++next;
  }
  const c10::NoGradGuard no_gradients;
  EXPECT_TRUE(Convolution3d(x, kernel, bias, layer.stride, layer.padding).allclose(expected, 1e-4, 1e-5));
}

INSTANTIATE_TEST_SUITE_P(
    Layers, ConvolutionTest,
    testing::Values(Layer{"Slice", {1, 3, 1, 16, 16}, {4, 3, 1, 3, 3}, {1, 1, 1}, {0, 1, 1}, false},
                    Layer{"Strided", {1, 4, 4, 17, 17}, {8, 4, 3, 3, 3}, {1, 2, 2}, {1, 0, 0}, false},
                    Layer{"OneChannel", {1, 1, 4, 8, 8}, {2, 1, 3, 3, 3}, {1, 1, 1}, {1, 1, 1}, true},
                    Layer{"Pointwise", {1, 6, 2, 8, 8}, {2, 6, 1, 1, 1}, {1, 1, 1}, {0, 0, 0}, true}),
    [](const auto& info) { return info.param.name; });

TEST(Convolution, OfAnInputWithoutGradientStillTeachesTheKernel) {
  const at::Tensor x = at::randn({1, 2, 2, 4, 4});
  const at::Tensor kernel = Leaf({3, 2, 1, 1, 1});
  Convolution3d(x, kernel, {}, {1, 1, 1}, {0, 0, 0}).sum().backward();
  const at::Tensor expected = x.sum({0, 2, 3, 4}).view({1, 2, 1, 1, 1}).expand({3, 2, 1, 1, 1});
  EXPECT_TRUE(kernel.grad().allclose(expected, 1e-4, 1e-4));
}

}  // namespace
}  // namespace dinsd
