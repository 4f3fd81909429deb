#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "model/network.h"

namespace dinsd {

/// What the learned baselines are made of. Sizes, kernels and strides are z, y, x.
using Zyx = std::array<std::int64_t, 3>;

inline constexpr double kBaselineEpsilon = 1e-5;  // of the norm

/// Adds NAME/kernel of a convolution without bias and NAME/gamma, NAME/beta of the norm behind it.
void AddConvNorm(std::vector<ParameterSpec>& list, const std::string& name, std::int64_t in, std::int64_t out,
                 const Zyx& kernel);

/// Adds NAME/kernel and NAME/bias of a 1x1x1 convolution.
void AddPointwise(std::vector<ParameterSpec>& list, const std::string& name, std::int64_t in, std::int64_t out);

/// Convolution in the type of `x`, padded by zeros so that stride 1 keeps the size. `bias` may be undefined.
[[nodiscard]] at::Tensor SameConvolution(const at::Tensor& x, const at::Tensor& kernel, const at::Tensor& bias,
                                         const Zyx& stride = {1, 1, 1});

/// Transposed convolution whose kernel is its stride, in the type of `x`.
[[nodiscard]] at::Tensor Upsample(const at::Tensor& x, const at::Tensor& kernel, const at::Tensor& bias);

/// Zeros behind the last voxel of each axis, up to a multiple of `multiple`; channels last.
[[nodiscard]] at::Tensor PadToMultiple(const at::Tensor& x, const Zyx& multiple);

/// The first voxels of each axis: as many as `size`, divided by `stride` and rounded up.
[[nodiscard]] at::Tensor CropTo(const at::Tensor& x, const Zyx& size, const Zyx& stride = {1, 1, 1});

/// Depth, rows and columns of N, C, D, H, W.
[[nodiscard]] Zyx SizeOf(const at::Tensor& x);

}  // namespace dinsd
