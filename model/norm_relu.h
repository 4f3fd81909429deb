#pragma once

#include <ATen/core/Tensor.h>

namespace dinsd {

/// Instance norm, an optional addend and ReLU in one pass over memory:
/// y = f(gamma_c (x - mean_c) / sqrt(variance_c + epsilon) + beta_c + addend), f(v) = v where v > 0, else slope v.
/// `slope` is 0 (ReLU) or positive (leaky ReLU).
///
/// `x` and `addend` are N, C, D, H, W of one type, float32 or bfloat16 (computed in float32, rounded at the end), in
/// channels-last order (else they are brought there); `gamma` and `beta` are float32; `addend` may be undefined. Mean
/// and population variance are per sample and channel over the whole volume, summed in float64 over fixed chunks, so
/// that the result depends neither on the number of threads nor on the size of the volume. Differentiable in all tensor
/// arguments.
[[nodiscard]] at::Tensor NormRelu(const at::Tensor& x, const at::Tensor& gamma, const at::Tensor& beta,
                                  const at::Tensor& addend, double epsilon, double slope = 0);

/// How mean and variance are summed. The released code's framework sums in single precision: at 10 x 512 x 160 voxels
/// its variance is off by 4e-4. Which order it takes is not known; kSinglePrecision adds voxel after voxel.
enum class MomentSums { kExact, kSinglePrecision };

/// The same from moments summed in single precision, without a gradient, on the CPU.
[[nodiscard]] at::Tensor NormReluSinglePrecision(const at::Tensor& x, const at::Tensor& gamma, const at::Tensor& beta,
                                                 const at::Tensor& addend, double epsilon);

/// NormRelu without an addend, written over `x`: float32 or bfloat16, channels-last, on the CPU, and only where no
/// gradient is asked for.
void NormReluInPlace(at::Tensor& x, const at::Tensor& gamma, const at::Tensor& beta, double epsilon,
                     MomentSums sums = MomentSums::kExact);

/// The same written with ATen's own operations: the reference that tests hold the fast one against, and what runs on
/// CUDA.
[[nodiscard]] at::Tensor NormReluReference(const at::Tensor& x, const at::Tensor& gamma, const at::Tensor& beta,
                                           const at::Tensor& addend, double epsilon, double slope = 0);

}  // namespace dinsd
