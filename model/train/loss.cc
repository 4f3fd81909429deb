#include "model/train/loss.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace dinsd {

LossWeights LossWeightsOf(const TrainOptions& options) {
  return {options.tumour_weight, options.click_weight, options.dice_weight};
}

at::Tensor SegmentationLoss(const at::Tensor& logits, const at::Tensor& mask, const LossWeights& weights,
                            const at::Tensor& near_clicks) {
  const at::Tensor log_probability = at::log_softmax(logits, 1);
  const at::Tensor truth = mask.to(at::kFloat);
  const at::Tensor weight = truth * (weights.tumour - 1) + 1 + weights.click * near_clicks;
  const at::Tensor chosen = log_probability.select(1, 1) * truth + log_probability.select(1, 0) * (1 - truth);
  const at::Tensor cross_entropy = -(chosen * weight).sum() / weight.sum();
  if (weights.dice == 0) return cross_entropy;
  const at::Tensor tumour = log_probability.select(1, 1).exp();
  const at::Tensor dice = (2 * (tumour * truth).sum() + 1) / (tumour.sum() + truth.sum() + 1);
  return cross_entropy + weights.dice * (1 - dice);
}

at::Tensor NearClicks(const NetworkInput& input) {
  at::Tensor near = at::empty({input.size.z, input.size.y, input.size.x}, at::kFloat);
  std::transform(input.positive_guide.begin(), input.positive_guide.end(), input.negative_guide.begin(),
                 near.mutable_data_ptr<float>(), [](float p, float n) { return std::max(p, n); });
  return near;
}

}  // namespace dinsd
