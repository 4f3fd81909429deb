#pragma once

#include <ATen/core/Tensor.h>

namespace dinsd {

/// Weighted cross-entropy, sum of weight x -log p over all voxels divided by the sum of weights, plus dice_weight x
/// (1 - soft Dice of the tumour). `logits` N, 2, D, H, W; `mask` N, D, H, W int64, 1 = tumour; weights: background 1,
/// tumour `tumour_weight`.
[[nodiscard]] at::Tensor SegmentationLoss(const at::Tensor& logits, const at::Tensor& mask, double tumour_weight,
                                          double dice_weight);

}  // namespace dinsd
