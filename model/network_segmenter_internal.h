#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>

#include "model/dins_network.h"
#include "model/model_manifest.h"
#include "model/segmenter.h"

namespace dinsd {

/// A segmenter around a network that is in memory already: for training's evaluation and verification. (Apart from
/// network_segmenter.h, so that users of a segmenter see no LibTorch.)
[[nodiscard]] std::unique_ptr<Segmenter> MakeSegmenter(DinsNetwork network, const std::string& device);

/// The same of any network, used as its manifest asks for: DINs on a whole volume, a baseline in tiles of the size that
/// training saw, an automatic one once an image.
[[nodiscard]] std::unique_ptr<Segmenter> MakeSegmenter(std::unique_ptr<Network> network, const ModelManifest& manifest,
                                                       const std::string& device);

/// Image, positive and negative guide as the channels of a batch of one: 1 x 3 x depth x rows x columns, float32, CPU.
[[nodiscard]] at::Tensor ToTensor(const NetworkInput& input);

}  // namespace dinsd
