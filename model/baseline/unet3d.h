#pragma once

#include <string>
#include <utility>
#include <vector>

#include "model/network.h"

namespace dinsd {

/// Every tensor of a 3D U-Net of initial width `width` (the paper: 32).
[[nodiscard]] std::vector<ParameterSpec> Unet3dParameters(int width);

/// 3D U-Net (Cicek et al., MICCAI 2016, arXiv 1606.06650), automatic: it sees the image only. Level k = 1..4 has two
/// 3x3x3 convolutions to width * 2^(k-1) and width * 2^k channels, each followed by a norm and ReLU; max-pool 2x2x2
/// between levels; on the way up a 2x2x2 transposed convolution without bias that keeps the channels, [skip, up], and
/// two convolutions to the skip's channels; a 1x1x1 convolution to the classes.
///
/// Unlike the paper: convolutions are padded by zeros, so that the output has the input's size (any size: it is padded
/// to a multiple of 8 inside); the batch norm is that of a batch of one, with the statistics of the volume itself, and
/// convolutions before it have no bias, which it would take away.
class Unet3d : public Network {
 public:
  Unet3d(int width, Tensors tensors) : Network(std::move(tensors), Unet3dParameters(width)) {}

  [[nodiscard]] at::Tensor Forward(const at::Tensor& image_and_guides) const override;

 private:
  [[nodiscard]] at::Tensor Block(at::Tensor x, const std::string& name) const;
};

}  // namespace dinsd
