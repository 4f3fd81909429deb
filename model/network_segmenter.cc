#include "model/network_segmenter.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <utility>

#include "model/baseline/tiled_segmenter.h"
#include "model/click_hold.h"
#include "model/network_kind.h"
#include "model/network_segmenter_internal.h"
#include "model/weights_file.h"

namespace dinsd {
namespace {

void CheckArrays(const NetworkInput& input) {
  const std::size_t voxels = input.size.VoxelCount();
  if (input.image.size() != voxels || input.positive_guide.size() != voxels || input.negative_guide.size() != voxels) {
    throw std::invalid_argument("network input: an array's length is not that of its grid");
  }
}

class NetworkSegmenter : public Segmenter {
 public:
  NetworkSegmenter(std::unique_ptr<Network> network, std::string device)
      : network_(std::move(network)), device_(std::move(device)) {
    if (device_ != "cpu") network_->To(device_);
  }

  ProbabilityMap Run(const NetworkInput& input) override {
    network_->CheckSize(input.size);
    CheckArrays(input);
    const c10::InferenceMode no_gradients;
    at::Tensor x = ToTensor(input);
    if (device_ != "cpu") x = x.to(c10::Device(device_));
    const at::Tensor tumour = network_->Forward(x).softmax(1).select(1, 1).to(at::kCPU, at::kFloat).contiguous();
    const float* values = tumour.const_data_ptr<float>();
    return {input.size, {values, values + tumour.numel()}};
  }

 private:
  std::unique_ptr<Network> network_;
  std::string device_;
};

// Reverses the axes that `axes` names (1 = columns, 2 = rows, 4 = slices).
std::vector<float> Flip(const std::vector<float>& in, const Size3& size, unsigned axes) {
  std::vector<float> out(in.size());
  for (std::int64_t z = 0; z < size.z; ++z) {
    for (std::int64_t y = 0; y < size.y; ++y) {
      const Index3 from{(axes & 4) != 0 ? size.z - 1 - z : z, (axes & 2) != 0 ? size.y - 1 - y : y, 0};
      const float* source = &in[Offset(size, from)];
      float* target = &out[Offset(size, {z, y, 0})];
      if ((axes & 1) != 0) {
        std::reverse_copy(source, source + size.x, target);
      } else {
        std::copy(source, source + size.x, target);
      }
    }
  }
  return out;
}

std::vector<PlacedClick> Flip(std::vector<PlacedClick> clicks, const Size3& size, unsigned axes) {
  for (PlacedClick& click : clicks) {
    if ((axes & 4) != 0) click.at.z = static_cast<double>(size.z - 1) - click.at.z;
    if ((axes & 2) != 0) click.at.y = static_cast<double>(size.y - 1) - click.at.y;
    if ((axes & 1) != 0) click.at.x = static_cast<double>(size.x - 1) - click.at.x;
  }
  return clicks;
}

NetworkInput Flip(const NetworkInput& input, unsigned axes) {
  return {input.size,
          Flip(input.image, input.size, axes),
          Flip(input.positive_guide, input.size, axes),
          Flip(input.negative_guide, input.size, axes),
          Flip(input.clicks, input.size, axes),
          input.voxel_mm};
}

class MirroringSegmenter : public Segmenter {
 public:
  MirroringSegmenter(std::unique_ptr<Segmenter> inner, unsigned axes) : inner_(std::move(inner)), axes_(axes) {}

  ProbabilityMap Run(const NetworkInput& input) override {
    ProbabilityMap map = inner_->Run(Flip(input, axes_));
    map.tumour = Flip(map.tumour, input.size, axes_);
    return map;
  }

 private:
  std::unique_ptr<Segmenter> inner_;
  unsigned axes_;
};

class FlipAveragingSegmenter : public Segmenter {
 public:
  explicit FlipAveragingSegmenter(std::unique_ptr<Segmenter> inner) : inner_(std::move(inner)) {}

  ProbabilityMap Run(const NetworkInput& input) override {
    constexpr unsigned kFlips = 8;
    std::vector<double> sum(input.size.VoxelCount());
    std::set<std::size_t> not_followed;
    for (unsigned axes = 0; axes < kFlips; ++axes) {
      const ProbabilityMap map = inner_->Run(Flip(input, axes));
      not_followed.insert(map.not_followed.begin(), map.not_followed.end());
      const std::vector<float> tumour = Flip(map.tumour, input.size, axes);
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += tumour[i];
    }
    ProbabilityMap mean{input.size, std::vector<float>(sum.size()), {not_followed.begin(), not_followed.end()}};
    std::transform(sum.begin(), sum.end(), mean.tumour.begin(),
                   [](double s) { return static_cast<float>(s / kFlips); });
    return mean;
  }

 private:
  std::unique_ptr<Segmenter> inner_;
};

}  // namespace

at::Tensor ToTensor(const NetworkInput& input) {
  at::Tensor tensor = at::empty({1, 3, input.size.z, input.size.y, input.size.x}, at::kFloat);
  float* at = tensor.mutable_data_ptr<float>();
  for (const auto* channel : {&input.image, &input.positive_guide, &input.negative_guide}) {
    at = std::copy(channel->begin(), channel->end(), at);
  }
  return tensor;
}

std::unique_ptr<Segmenter> MakeSegmenter(DinsNetwork network, const std::string& device) {
  return std::make_unique<NetworkSegmenter>(std::make_unique<DinsNetwork>(std::move(network)), device);
}

std::unique_ptr<Segmenter> MakeSegmenter(std::unique_ptr<Network> network, const ModelManifest& manifest,
                                         const std::string& device) {
  const NetworkKind kind = NetworkKindFrom(manifest.network).value();
  auto whole = std::make_unique<NetworkSegmenter>(std::move(network), device);
  if (kind == NetworkKind::kDins) return whole;
  std::unique_ptr<Segmenter> tiled = InTiles(std::move(whole), manifest.training_crop);
  return IsAutomatic(kind) ? OncePerImage(std::move(tiled)) : std::move(tiled);
}

LoadedModel LoadModel(const std::filesystem::path& weights, const std::string& device, TakenNetworks taken) {
  LoadedWeights loaded = LoadWeights(weights, taken);
  std::unique_ptr<Segmenter> segmenter = MakeSegmenter(std::move(loaded.network), loaded.manifest, device);
  if (loaded.manifest.click_hold.IsOn()) {
    segmenter = HoldingClicks(std::move(segmenter), loaded.manifest.click_hold);
  }
  return {std::move(segmenter), std::move(loaded.manifest), std::move(loaded.sha256), weights.filename().string(),
          device};
}

std::unique_ptr<Segmenter> AverageOverFlips(std::unique_ptr<Segmenter> inner) {
  return std::make_unique<FlipAveragingSegmenter>(std::move(inner));
}

std::unique_ptr<Segmenter> Mirrored(std::unique_ptr<Segmenter> inner, unsigned axes) {
  return std::make_unique<MirroringSegmenter>(std::move(inner), axes);
}

}  // namespace dinsd
