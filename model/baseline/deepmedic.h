#pragma once

#include <string>
#include <utility>
#include <vector>

#include "model/network.h"

namespace dinsd {

/// Every tensor of a DeepMedic of width `width` (the paper: 30).
[[nodiscard]] std::vector<ParameterSpec> DeepMedicParameters(int width);

/// DeepMedic (Kamnitsas et al., Medical Image Analysis 36, 2017), automatic: two pathways of eight 3x3x3 convolutions
/// to 30, 30, 40, 40, 40, 40, 50, 50 channels, the second on the image averaged over 3x3x3 voxels and repeated to full
/// size behind; both together through two 1x1x1 convolutions to 150 channels and one to the classes. Each but the last
/// is followed by a norm and PReLU. Another width scales all of these.
///
/// Unlike the paper: convolutions are padded by zeros, so that the output has the input's size; the norm's statistics
/// are those of the volume itself (a batch of one); no dropout; the fully connected CRF behind it is left out.
class DeepMedic : public Network {
 public:
  DeepMedic(int width, Tensors tensors) : Network(std::move(tensors), DeepMedicParameters(width)) {}

  [[nodiscard]] at::Tensor Forward(const at::Tensor& image_and_guides) const override;

 private:
  [[nodiscard]] at::Tensor Layer(const at::Tensor& x, const std::string& name) const;
  [[nodiscard]] at::Tensor Pathway(at::Tensor x, const std::string& name) const;
};

}  // namespace dinsd
