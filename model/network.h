#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "gpu/voxel_types.h"

namespace dinsd {

/// In what a network's convolutions compute. Weights, norm statistics and logits are float32 in both.
enum class Precision {
  kFloat32,
  kBfloat16,  // activations and the convolutions' copies of the weights have 8 significant bits: for training
};

/// One tensor of a network. Convolutions are (out, in, d, h, w), transposed ones (in, out, d, h, w).
struct ParameterSpec {
  std::string name;  // as in the released checkpoints: "down1/conv1/kernel", "bridge/norm1/gamma", "dim/bias", ...
  std::vector<std::int64_t> shape;
};

/// Logits that training holds against the truth: N, 2, and the size of the input divided by `stride` (z y x), rounded
/// up.
struct SupervisedLogits {
  at::Tensor logits;
  std::array<std::int64_t, 3> stride{1, 1, 1};
};

/// A network that trainer, weights file and segmenter can work with: tensors by name, and logits from an image and the
/// guide maps of the clicks. Which networks there are says model/network_kind.h; model/network_factory.h makes them.
class Network {
 public:
  using Tensors = std::map<std::string, at::Tensor>;

  virtual ~Network() = default;

  /// Logits (N, 2, D, H, W; background, tumour) of `image_and_guides` (N, 3, D, H, W; image, positive guide, negative
  /// guide; float32). An automatic network looks at the image only.
  [[nodiscard]] virtual at::Tensor Forward(const at::Tensor& image_and_guides) const = 0;

  /// What training supervises: the logits of Forward first, coarser ones behind where the network has such (deep
  /// supervision).
  [[nodiscard]] virtual std::vector<SupervisedLogits> ForwardForTraining(const at::Tensor& image_and_guides) const {
    return {{Forward(image_and_guides)}};
  }

  /// Throws std::invalid_argument where the network cannot take an input of `size`.
  virtual void CheckSize(const Size3& /*size*/) const {}

  [[nodiscard]] const Tensors& tensors() const { return tensors_; }
  [[nodiscard]] Tensors& tensors() { return tensors_; }

  /// Moves every tensor to a device ("cpu", "cuda:0").
  void To(const std::string& device);

  /// Float32 unless told otherwise.
  void Use(Precision precision) { precision_ = precision; }

 protected:
  /// Throws std::invalid_argument if a tensor of `parameters` is missing or misshapen, or if there is another one.
  Network(Tensors tensors, const std::vector<ParameterSpec>& parameters);
  Network(const Network&) = default;
  Network& operator=(const Network&) = default;
  Network(Network&&) = default;
  Network& operator=(Network&&) = default;

  [[nodiscard]] const at::Tensor& Get(const std::string& name) const { return tensors_.at(name); }

  /// The input in what convolutions compute in.
  [[nodiscard]] at::Tensor InPrecision(const at::Tensor& x) const;

 private:
  Tensors tensors_;
  Precision precision_ = Precision::kFloat32;
};

/// Tensors of a fresh network: He-normal kernels from `seed`, gamma 1, slopes 0.25, beta and biases 0.
[[nodiscard]] Network::Tensors InitialTensors(const std::vector<ParameterSpec>& parameters, std::uint64_t seed);

}  // namespace dinsd
