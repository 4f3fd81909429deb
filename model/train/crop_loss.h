#pragma once

#include <vector>

#include "model/network.h"
#include "model/segmenter.h"
#include "model/train/crop.h"
#include "model/train/train_options.h"

namespace dinsd {

/// What a step minimises: SegmentationLoss of the finest logits with the weights of `options`, plus lesion_dice_weight
/// times LesionDiceLoss and lesion_volume_weight times LesionVolumeLoss. `input` is what the network saw, with the
/// guides by which click_weight goes.
///
/// Deep supervision, where `outputs` are several: the mean of each one's SegmentationLoss, output i weighing 1/2^i; a
/// coarser truth is every stride-th voxel. Method: Isensee et al., Nature Methods 2021.
[[nodiscard]] at::Tensor CropLoss(const std::vector<SupervisedLogits>& outputs, const Crop& crop,
                                  const NetworkInput& input, const TrainOptions& options);

}  // namespace dinsd
