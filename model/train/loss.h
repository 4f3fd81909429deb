#pragma once

#include <ATen/core/Tensor.h>

#include "model/segmenter.h"
#include "model/train/train_options.h"

namespace dinsd {

struct LossWeights {
  double tumour = 1;  // of a tumour voxel in the cross-entropy; background has 1
  double click = 0;   // added at a click, falling as near_clicks does
  double dice = 0;    // of 1 - soft Dice of the tumour, beside the cross-entropy
};

[[nodiscard]] LossWeights LossWeightsOf(const TrainOptions& options);

/// Weighted cross-entropy, sum of weight x -log p over all voxels divided by the sum of weights, plus weights.dice x
/// (1 - soft Dice of the tumour). `logits` N, 2, D, H, W; `mask` N, D, H, W int64, 1 = tumour; `near_clicks` D, H, W or
/// like mask: 1 at a click, falling to 0, by which weights.click is multiplied.
[[nodiscard]] at::Tensor SegmentationLoss(const at::Tensor& logits, const at::Tensor& mask, const LossWeights& weights,
                                          const at::Tensor& near_clicks);

/// The larger of the two guide maps of an input, D, H, W: of use where guides are ExpDT, which is 1 at a click.
[[nodiscard]] at::Tensor NearClicks(const NetworkInput& input);

}  // namespace dinsd
