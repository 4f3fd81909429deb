#pragma once

#include <string>
#include <utility>
#include <vector>

#include "model/model_manifest.h"
#include "model/network.h"

namespace dinsd {

/// Every tensor of an nnU-Net of these stages; `inputs` is 1 (image) or 3 (image and guides).
[[nodiscard]] std::vector<ParameterSpec> NnunetParameters(int width, const std::vector<NetworkStage>& stages,
                                                          std::int64_t inputs);

/// nnU-Net's plain 3D network (Isensee et al., Nature Methods 2021) of planned stages (model/baseline/nnunet_plan.h).
/// Stage k has min(width * 2^k, 320) channels (the original: width 32) and two convolutions of its kernel, each
/// followed by an instance norm and leaky ReLU (0.01); the first one has the stage's stride. On the way up a transposed
/// convolution by the stride, [up, skip] and two convolutions; a 1x1x1 convolution to the classes at the finest stages,
/// of which training supervises all (the original has one more, at the coarsest, that weighs nothing in its loss).
///
/// With 3 inputs it is nnU-Net with DIM output 1: the guides are channels beside the image. Convolutions before a norm
/// have no bias, which the norm would take away. Any input size: it is padded to a multiple of all strides inside.
class Nnunet : public Network {
 public:
  Nnunet(int width, std::vector<NetworkStage> stages, std::int64_t inputs, Tensors tensors)
      : Network(std::move(tensors), NnunetParameters(width, stages, inputs)),
        stages_(std::move(stages)),
        inputs_(inputs) {}

  [[nodiscard]] at::Tensor Forward(const at::Tensor& image_and_guides) const override {
    return Outputs(image_and_guides, 1).front().logits;
  }
  [[nodiscard]] std::vector<SupervisedLogits> ForwardForTraining(const at::Tensor& image_and_guides) const override {
    return Outputs(image_and_guides, stages_.size());
  }

 private:
  [[nodiscard]] std::vector<SupervisedLogits> Outputs(const at::Tensor& image_and_guides, std::size_t most) const;
  [[nodiscard]] at::Tensor Block(at::Tensor x, const std::string& name,
                                 const std::array<std::int64_t, 3>& stride) const;

  std::vector<NetworkStage> stages_;
  std::int64_t inputs_;
};

}  // namespace dinsd
