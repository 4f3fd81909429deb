#include "model/train/crop_loss.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "model/train/lesion_loss.h"
#include "model/train/loss.h"

namespace dinsd {
namespace {

// Every stride-th voxel of the last three axes.
at::Tensor Coarser(const at::Tensor& x, const std::array<std::int64_t, 3>& stride) {
  at::Tensor y = x;
  for (std::int64_t axis = 0; axis < 3; ++axis) {
    y = y.slice(axis - 3, 0, std::nullopt, stride[static_cast<std::size_t>(axis)]);
  }
  return y;
}

}  // namespace

at::Tensor CropLoss(const std::vector<SupervisedLogits>& outputs, const Crop& crop, const NetworkInput& input,
                    const TrainOptions& options) {
  const at::Tensor& finest = outputs.front().logits;
  at::Tensor mask = at::empty({1, crop.size.z, crop.size.y, crop.size.x}, at::kLong);
  std::copy(crop.mask.begin(), crop.mask.end(), mask.mutable_data_ptr<std::int64_t>());
  mask = mask.to(finest.device());
  const at::Tensor near_clicks = NearClicks(input).to(finest.device());
  at::Tensor loss = SegmentationLoss(finest, mask, LossWeightsOf(options), near_clicks);
  double weight = 1, sum = 1;
  for (std::size_t i = 1; i < outputs.size(); ++i) {
    const auto& [logits, stride] = outputs[i];
    weight /= 2;
    sum += weight;
    loss = loss + weight * SegmentationLoss(logits, Coarser(mask, stride), LossWeightsOf(options),
                                            Coarser(near_clicks, stride));
  }
  if (sum > 1) loss = loss / sum;
  const auto add = [&](double lesion_weight, auto lesion_loss) {
    if (lesion_weight == 0) return;
    loss = loss + lesion_weight * lesion_loss(at::softmax(finest[0], 0)[1], crop.mask, crop.size);
  };
  add(options.lesion_dice_weight, LesionDiceLoss);
  add(options.lesion_volume_weight, LesionVolumeLoss);
  return loss;
}

}  // namespace dinsd
