#include "model/baseline/layers.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "model/convolution.h"

namespace dinsd {

void AddConvNorm(std::vector<ParameterSpec>& list, const std::string& name, std::int64_t in, std::int64_t out,
                 const Zyx& kernel) {
  list.push_back({name + "/kernel", {out, in, kernel[0], kernel[1], kernel[2]}});
  list.push_back({name + "/gamma", {out}});
  list.push_back({name + "/beta", {out}});
}

void AddPointwise(std::vector<ParameterSpec>& list, const std::string& name, std::int64_t in, std::int64_t out) {
  list.push_back({name + "/kernel", {out, in, 1, 1, 1}});
  list.push_back({name + "/bias", {out}});
}

at::Tensor SameConvolution(const at::Tensor& x, const at::Tensor& kernel, const at::Tensor& bias, const Zyx& stride) {
  const Zyx padding{kernel.size(2) / 2, kernel.size(3) / 2, kernel.size(4) / 2};
  return Convolution3d(x, kernel.to(x.scalar_type()), bias.defined() ? bias.to(x.scalar_type()) : bias, stride,
                       padding);
}

at::Tensor Upsample(const at::Tensor& x, const at::Tensor& kernel, const at::Tensor& bias) {
  return at::conv_transpose3d(x, kernel.to(x.scalar_type()), bias.defined() ? bias.to(x.scalar_type()) : bias,
                              kernel.sizes().slice(2));
}

at::Tensor PadToMultiple(const at::Tensor& x, const Zyx& multiple) {
  const auto missing = [&](std::size_t axis) {
    const std::int64_t n = x.size(static_cast<std::int64_t>(axis) + 2);
    return (multiple[axis] - n % multiple[axis]) % multiple[axis];
  };
  const std::array<std::int64_t, 6> behind{0, missing(2), 0, missing(1), 0, missing(0)};  // last axis first
  const bool must_pad = std::any_of(behind.begin(), behind.end(), [](std::int64_t n) { return n != 0; });
  return (must_pad ? at::constant_pad_nd(x, behind, 0) : x).contiguous(at::MemoryFormat::ChannelsLast3d);
}

at::Tensor CropTo(const at::Tensor& x, const Zyx& size, const Zyx& stride) {
  at::Tensor y = x;
  for (std::int64_t axis = 0; axis < 3; ++axis) {
    const auto at = static_cast<std::size_t>(axis);
    y = y.narrow(axis + 2, 0, (size[at] + stride[at] - 1) / stride[at]);
  }
  return y;
}

Zyx SizeOf(const at::Tensor& x) {
  return {x.size(2), x.size(3), x.size(4)};
}

}  // namespace dinsd
