#pragma once

#include <ATen/core/Tensor.h>
#include <c10/util/ArrayRef.h>

namespace dinsd {

/// at::conv3d (N, C, D, H, W; `bias` may be undefined; `padding` on either side), with gradients. On the CPU in float32
/// always by oneDNN: for few channels times slices times rows ATen itself takes a loop that is several times slower.
[[nodiscard]] at::Tensor Convolution3d(const at::Tensor& x, const at::Tensor& kernel, const at::Tensor& bias,
                                       at::IntArrayRef stride, at::IntArrayRef padding);

}  // namespace dinsd
