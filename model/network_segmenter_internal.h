#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>

#include "model/dins_network.h"
#include "model/segmenter.h"

namespace dinsd {

/// A segmenter around a network that is in memory already: for training's evaluation and verification. (Apart from
/// network_segmenter.h, so that users of a segmenter see no LibTorch.)
[[nodiscard]] std::unique_ptr<Segmenter> MakeSegmenter(DinsNetwork network, const std::string& device);

/// Image, positive and negative guide as the channels of a batch of one: 1 x 3 x depth x rows x columns, float32, CPU.
[[nodiscard]] at::Tensor ToTensor(const NetworkInput& input);

}  // namespace dinsd
