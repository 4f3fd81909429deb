#include "model/convolution.h"

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <ATen/native/ConvUtils.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <array>
#include <optional>
#include <vector>

namespace dinsd {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

const std::vector<std::int64_t> kOnes = {1, 1, 1};

bool IsForOneDnn(const at::Tensor& x) {
  return x.is_cpu() && x.scalar_type() == at::kFloat && at::globalContext().userEnabledMkldnn() &&
         at::globalContext().hasMKLDNN();
}

std::optional<at::Tensor> IfDefined(const at::Tensor& tensor) {
  return tensor.defined() ? std::optional(tensor) : std::nullopt;
}

class OneDnnConvolution : public torch::autograd::Function<OneDnnConvolution> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& kernel,
                            const std::optional<at::Tensor>& bias, at::IntArrayRef stride, at::IntArrayRef padding) {
    context->save_for_backward({x, kernel});
    context->saved_data["stride"] = stride.vec();
    context->saved_data["padding"] = padding.vec();
    context->saved_data["has_bias"] = bias.has_value();
    return at::mkldnn_convolution(x, kernel, bias, padding, stride, kOnes, 1);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list kept = context->get_saved_variables();
    const std::array<bool, 3> wanted = {context->needs_input_grad(0), context->needs_input_grad(1),
                                        context->saved_data["has_bias"].toBool()};
    // The stub itself does not leave the library; its function is the same for every kind of processor.
    const auto [d_x, d_kernel, d_bias] = at::native::mkldnn_convolution_backward_stub_DECLARE_DISPATCH_type::DEFAULT(
        kept[0], gradients[0], kept[1], context->saved_data["padding"].toIntVector(),
        context->saved_data["stride"].toIntVector(), kOnes, 1, wanted);
    return {d_x, d_kernel, d_bias, at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor Convolution3d(const at::Tensor& x, const at::Tensor& kernel, const at::Tensor& bias, at::IntArrayRef stride,
                         at::IntArrayRef padding) {
  if (!IsForOneDnn(x)) return at::conv3d(x, kernel, bias, stride, padding);
  if (c10::GradMode::is_enabled()) return OneDnnConvolution::apply(x, kernel, IfDefined(bias), stride, padding);
  return at::mkldnn_convolution(x, kernel, IfDefined(bias), padding, stride, kOnes, 1);
}

}  // namespace dinsd
