#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "model/dim_variant.h"
#include "model/network.h"
#include "model/norm_relu.h"

namespace dinsd {

/// The constants in which the released network differs from what a reader would guess. Everyone uses the defaults; a
/// test changes one at a time and sees that verification notices.
struct NetworkConstants {
  double epsilon = 1e-3;        // of the instance norm (its framework's default, not 1e-5)
  std::int64_t pad_before = 0;  // of a stride-2 axis: nothing before ...
  std::int64_t pad_after = 1;   // ... and one voxel after
  bool add_dim_before_relu = true;
  MomentSums moment_sums = MomentSums::kExact;  // kSinglePrecision: for forward passes on the CPU only
};

/// Every tensor of a network of initial width `width`, in a fixed order.
[[nodiscard]] std::vector<ParameterSpec> DinsParameters(int width, DimVariant variant);

/// Throws std::invalid_argument unless depth is even and rows and columns are multiples of 16, all positive.
void CheckNetworkSize(const Size3& size);

/// DINs: a 3D encoder-decoder guided by two maps of a person's clicks (Zhang et al., arXiv 2106.03388; table of layers
/// in the README). Channels of level k: min(width * 2^k, 320).
class DinsNetwork : public Network {
 public:
  /// Takes the tensors that DinsParameters lists. Throws std::invalid_argument if one is missing, extra or misshapen.
  DinsNetwork(int width, DimVariant variant, Tensors tensors, const NetworkConstants& constants = {});

  /// A fresh network: He-normal kernels from `seed`, gamma 1, beta and biases 0.
  [[nodiscard]] static DinsNetwork Initialised(int width, DimVariant variant, std::uint64_t seed);

  [[nodiscard]] at::Tensor Forward(const at::Tensor& image_and_guides) const override {
    return Forward(image_and_guides, nullptr);
  }

  /// The same; where `blocks` is given, the output of each block is kept in it under its name.
  [[nodiscard]] at::Tensor Forward(const at::Tensor& image_and_guides, Tensors* blocks) const;

  /// As CheckNetworkSize.
  void CheckSize(const Size3& size) const override { CheckNetworkSize(size); }

  [[nodiscard]] int width() const { return width_; }
  [[nodiscard]] DimVariant variant() const { return variant_; }

 private:
  [[nodiscard]] at::Tensor Convolve(const at::Tensor& x, const std::string& name,
                                    std::vector<std::int64_t> stride) const;
  [[nodiscard]] at::Tensor Layer(const at::Tensor& x, const std::string& block, int layer,
                                 std::vector<std::int64_t> stride, const at::Tensor& addend = {}) const;
  [[nodiscard]] at::Tensor Dim(const at::Tensor& guides) const;
  [[nodiscard]] at::Tensor Down(const at::Tensor& x, int level, const at::Tensor& dim) const;
  [[nodiscard]] at::Tensor BlockBySlices(const std::function<at::Tensor(std::int64_t)>& input, std::int64_t depth,
                                         const std::string& block, const std::vector<std::int64_t>& stride) const;
  [[nodiscard]] at::Tensor Up(const at::Tensor& x, at::Tensor& skip, int level) const;

  int width_;
  DimVariant variant_;
  NetworkConstants constants_;
};

}  // namespace dinsd
