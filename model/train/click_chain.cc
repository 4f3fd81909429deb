#include "model/train/click_chain.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "gpu/connected_components.h"
#include "model/click_simulation.h"

namespace dinsd {
namespace {

constexpr std::int64_t kSmallestPart = 4;  // voxels of a lesion in a crop that a person would click
constexpr std::int64_t kHead = 2;          // born and corrections
constexpr std::int64_t kPerClick = 4;      // polarity, z, y, x

std::optional<Click> MiddleOf(std::span<const std::uint8_t> mask, const Size3& size) {
  const std::vector<std::uint8_t> nothing(mask.size());
  return NextClick(nothing, mask, size, {});
}

}  // namespace

std::vector<Click> FirstClicks(const Crop& crop) {
  std::vector<Click> clicks;
  if (!crop.has_many_lesions) {
    if (const auto click = MiddleOf(crop.mask, crop.size)) clicks.push_back(*click);
    return clicks;
  }
  const Components parts = LabelComponents(crop.mask, crop.size, Connectivity::k26);
  for (std::size_t part = 0; part < parts.sizes.size(); ++part) {
    if (parts.sizes[part] < kSmallestPart) continue;
    std::vector<std::uint8_t> mask(crop.mask.size());
    std::transform(parts.labels.begin(), parts.labels.end(), mask.begin(), [&](std::int32_t label) {
      return static_cast<std::uint8_t>(label == static_cast<std::int32_t>(part) + 1);
    });
    if (const auto click = MiddleOf(mask, crop.size)) clicks.push_back(*click);
  }
  return clicks;
}

void Extend(ClickChain& chain, const Crop& crop, std::span<const std::uint8_t> prediction,
            const TrainOptions& options) {
  std::vector<Index3> earlier;
  for (const Click& click : chain.clicks) earlier.push_back(click.voxel);
  ++chain.corrections;
  const auto click = chain.corrections > options.max_error_clicks
                         ? std::nullopt
                         : NextClick(prediction, crop.mask, crop.size, earlier);
  if (click) {
    chain.clicks.push_back(*click);
  } else {
    chain = {};
  }
}

at::Tensor ToTensor(const ClickChain& chain) {
  at::Tensor tensor = at::empty({kHead + kPerClick * static_cast<std::int64_t>(chain.clicks.size())}, at::kFloat);
  float* at = tensor.mutable_data_ptr<float>();
  *at++ = static_cast<float>(chain.born);
  *at++ = static_cast<float>(chain.corrections);
  for (const Click& click : chain.clicks) {
    *at++ = click.polarity == Polarity::kPositive ? 1.0F : 0.0F;
    for (const std::int64_t n : {click.voxel.z, click.voxel.y, click.voxel.x}) *at++ = static_cast<float>(n);
  }
  return tensor;
}

ClickChain ChainFrom(const at::Tensor& tensor) {
  const float* at = tensor.const_data_ptr<float>();
  const float* end = at + tensor.numel();
  const auto whole = [&at] { return static_cast<std::int64_t>(*at++); };
  ClickChain chain;
  chain.born = whole();
  chain.corrections = whole();
  while (end - at >= kPerClick) {
    const Polarity polarity = whole() == 1 ? Polarity::kPositive : Polarity::kNegative;
    const std::int64_t z = whole(), y = whole(), x = whole();
    chain.clicks.push_back({{z, y, x}, polarity});
  }
  return chain;
}

}  // namespace dinsd
