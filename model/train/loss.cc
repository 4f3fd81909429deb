#include "model/train/loss.h"

#include <ATen/ATen.h>

namespace dinsd {

at::Tensor SegmentationLoss(const at::Tensor& logits, const at::Tensor& mask, double tumour_weight,
                            double dice_weight) {
  const at::Tensor log_probability = at::log_softmax(logits, 1);
  const at::Tensor truth = mask.to(at::kFloat);
  const at::Tensor weight = truth * (tumour_weight - 1) + 1;
  const at::Tensor chosen = log_probability.select(1, 1) * truth + log_probability.select(1, 0) * (1 - truth);
  const at::Tensor cross_entropy = -(chosen * weight).sum() / weight.sum();
  if (dice_weight == 0) return cross_entropy;
  const at::Tensor tumour = log_probability.select(1, 1).exp();
  const at::Tensor dice = (2 * (tumour * truth).sum() + 1) / (tumour.sum() + truth.sum() + 1);
  return cross_entropy + dice_weight * (1 - dice);
}

}  // namespace dinsd
