#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

#include "gpu/voxel_types.h"
#include "model/train/crop.h"
#include "model/train/train_options.h"

namespace dinsd {

/// An interaction that training follows: a crop and its clicks so far, each at the largest error of what the network
/// said to those before. A step trains on the crop with these clicks and its own prediction gives the next click, so
/// that clicks as evaluation makes them cost no extra pass of the network. Several chains run side by side, so that
/// neighbouring steps see different crops.
struct ClickChain {
  std::int64_t born = -1;  // the step whose random numbers draw the crop; -1: none yet
  std::int64_t corrections = 0;
  std::vector<Click> clicks;
};

/// The clicks that a chain begins with: in a crop of a case with one lesion one at the middle of the tumour, else one
/// in the middle of every lesion's part.
[[nodiscard]] std::vector<Click> FirstClicks(const Crop& crop);

/// Adds the click that `prediction` calls for; the chain ends (born = -1) after options.max_error_clicks corrections or
/// where there is nothing to correct.
void Extend(ClickChain& chain, const Crop& crop, std::span<const std::uint8_t> prediction, const TrainOptions& options);

/// For the checkpoint: float32, which holds steps and voxels exactly up to 2^24.
[[nodiscard]] at::Tensor ToTensor(const ClickChain& chain);
[[nodiscard]] ClickChain ChainFrom(const at::Tensor& tensor);

}  // namespace dinsd
