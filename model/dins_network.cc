#include "model/dins_network.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

#include "model/convolution.h"
#include "model/norm_relu.h"

namespace dinsd {
namespace {

constexpr std::int64_t kMaxChannels = 320;
constexpr int kLevels = 5;  // down1..down4 and the bridge
constexpr std::int64_t kGuides = 2;

std::int64_t Channels(int width, int level) {  // level 1..5
  return std::min<std::int64_t>(static_cast<std::int64_t>(width) << (level - 1), kMaxChannels);
}

// Levels 1 and 2 look at one slice at a time, the deeper ones at three.
std::int64_t KernelDepth(int level) {
  return level <= 2 ? 1 : 3;
}

std::string BlockName(int level) {
  return level == kLevels ? "bridge" : "down" + std::to_string(level);
}

void AddConvPair(std::vector<ParameterSpec>& list, const std::string& block, std::int64_t in, std::int64_t out,
                 std::int64_t depth) {
  list.push_back({block + "/conv1/kernel", {out, in, depth, 3, 3}});
  list.push_back({block + "/conv2/kernel", {out, out, depth, 3, 3}});
  for (const char* norm : {"/norm1/", "/norm2/"}) {
    list.push_back({block + norm + "gamma", {out}});
    list.push_back({block + norm + "beta", {out}});
  }
}

// Stride of the first convolution of a level.
std::vector<std::int64_t> StrideOf(int level) {
  const std::int64_t in_plane = level == 1 ? 1 : 2;
  return {level == kLevels ? 2 : 1, in_plane, in_plane};
}

// In-plane pooling of the guides before the convolutions of output 2.
std::int64_t DimPooling(DimVariant variant) {
  if (variant == DimVariant::kV2) return 4;
  return std::int64_t{1} << std::max(0, GuidedLevel(variant).value_or(1) - 2);
}

void AddDim(std::vector<ParameterSpec>& list, int width, DimVariant variant) {
  const std::optional<int> level = GuidedLevel(variant);
  if (!level) return;
  const auto add = [&](const std::string& name, std::int64_t in, std::int64_t out) {
    list.push_back({name + "kernel", {out, in, 3, 3, 3}});
    list.push_back({name + "bias", {out}});
  };
  if (variant == DimVariant::kV2) {
    add("dim/conv1/", kGuides, Channels(width, kLevels - 1));
    add("dim/conv2/", Channels(width, kLevels - 1), Channels(width, kLevels));
  } else {
    add("dim/", kGuides, Channels(width, *level));
  }
}

// Without gradients, levels that look at one slice at a time work slice by slice and in place: a whole body in float32
// takes half of the memory.
bool GoesBySlices(const at::Tensor& x, int level) {
  return KernelDepth(level) == 1 && x.is_cpu() && !c10::GradMode::is_enabled();
}

// Padding of one axis: symmetric for stride 1 and kernel 3, one-sided where the stride is 2 (TensorFlow's "same").
std::pair<std::int64_t, std::int64_t> Padding(std::int64_t kernel, std::int64_t stride, const NetworkConstants& c) {
  if (kernel == 1) return {0, 0};
  return stride == 1 ? std::pair<std::int64_t, std::int64_t>{1, 1} : std::pair{c.pad_before, c.pad_after};
}

}  // namespace

std::vector<ParameterSpec> DinsParameters(int width, DimVariant variant) {
  if (width < 1) throw std::invalid_argument("network width must be at least 1");
  std::vector<ParameterSpec> list;
  std::int64_t in = HasGuideInput(variant) ? 1 + kGuides : 1;
  for (int level = 1; level <= kLevels; ++level) {
    AddConvPair(list, BlockName(level), in, Channels(width, level), KernelDepth(level));
    in = Channels(width, level);
  }
  for (int level = kLevels - 1; level >= 1; --level) {
    const std::string block = "up" + std::to_string(level);
    const std::int64_t out = Channels(width, level);
    list.push_back({block + "/up/kernel", {in, out, level == kLevels - 1 ? 2 : 1, 2, 2}});
    AddConvPair(list, block, 2 * out, out, KernelDepth(level));
    in = out;
  }
  AddDim(list, width, variant);
  list.push_back({"final/kernel", {2, in, 1, 1, 1}});
  list.push_back({"final/bias", {2}});
  return list;
}

void CheckNetworkSize(const Size3& size) {
  if (size.z > 0 && size.y > 0 && size.x > 0 && size.z % 2 == 0 && size.y % 16 == 0 && size.x % 16 == 0) return;
  throw std::invalid_argument("network input of " + std::to_string(size.z) + "x" + std::to_string(size.y) + "x" +
                              std::to_string(size.x) + ": depth must be even, rows and columns multiples of 16");
}

DinsNetwork::DinsNetwork(int width, DimVariant variant, Tensors tensors, const NetworkConstants& constants)
    : Network(std::move(tensors), DinsParameters(width, variant)),
      width_(width),
      variant_(variant),
      constants_(constants) {}

DinsNetwork DinsNetwork::Initialised(int width, DimVariant variant, std::uint64_t seed) {
  return {width, variant, InitialTensors(DinsParameters(width, variant), seed)};
}

at::Tensor DinsNetwork::Convolve(const at::Tensor& x, const std::string& name, std::vector<std::int64_t> stride) const {
  const at::Tensor kernel = Get(name + "kernel").to(x.scalar_type());
  std::vector<std::int64_t> symmetric(3);
  std::vector<std::int64_t> one_sided(6);  // last axis first, before and after
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const auto [before, after] = Padding(kernel.size(static_cast<std::int64_t>(axis) + 2), stride[axis], constants_);
    if (before == after) {
      symmetric[axis] = before;
    } else {
      one_sided[2 * (2 - axis)] = before;
      one_sided[2 * (2 - axis) + 1] = after;
    }
  }
  const bool must_pad = std::any_of(one_sided.begin(), one_sided.end(), [](std::int64_t n) { return n != 0; });
  const auto bias = tensors().find(name + "bias");
  return Convolution3d(must_pad ? at::constant_pad_nd(x, one_sided, 0) : x, kernel,
                       bias == tensors().end() ? at::Tensor() : bias->second.to(x.scalar_type()), stride, symmetric);
}

at::Tensor DinsNetwork::Layer(const at::Tensor& x, const std::string& block, int layer,
                              std::vector<std::int64_t> stride, const at::Tensor& addend) const {
  const std::string n = std::to_string(layer);
  const std::string norm = block + "/norm" + n + "/";
  const at::Tensor y = Convolve(x, block + "/conv" + n + "/", std::move(stride));
  if (constants_.moment_sums == MomentSums::kSinglePrecision)
    return NormReluSinglePrecision(y, Get(norm + "gamma"), Get(norm + "beta"), addend, constants_.epsilon);
  return NormRelu(y, Get(norm + "gamma"), Get(norm + "beta"), addend, constants_.epsilon);
}

at::Tensor DinsNetwork::Dim(const at::Tensor& guides) const {
  const std::optional<int> level = GuidedLevel(variant_);
  if (!level) return {};
  const std::int64_t pooling = DimPooling(variant_);
  const at::Tensor pooled =
      at::max_pool3d(guides, {1, pooling, pooling}, {1, pooling, pooling}).contiguous(at::MemoryFormat::ChannelsLast3d);
  if (variant_ != DimVariant::kV2) return Convolve(pooled, "dim/", StrideOf(*level));
  return Convolve(Convolve(pooled, "dim/conv1/", StrideOf(kLevels - 1)).relu(), "dim/conv2/", StrideOf(kLevels));
}

at::Tensor DinsNetwork::Up(const at::Tensor& x, at::Tensor& skip, int level) const {
  const std::string block = "up" + std::to_string(level);
  const at::Tensor kernel = Get(block + "/up/kernel").to(x.scalar_type());
  const std::vector<std::int64_t> stride = {kernel.size(2), 2, 2};
  if (GoesBySlices(x, level)) {
    const auto joined = [&](std::int64_t z) {
      return at::cat({skip.narrow(2, z, 1), at::conv_transpose3d(x.narrow(2, z, 1), kernel, {}, stride)}, 1);
    };
    return BlockBySlices(joined, x.size(2), block, {1, 1, 1});
  }
  at::Tensor joined = at::cat({skip, at::conv_transpose3d(x, kernel, {}, stride)}, 1);
  skip = at::Tensor();  // its memory is needed
  joined = Layer(joined, block, 1, {1, 1, 1});
  return Layer(joined, block, 2, {1, 1, 1});
}

// `dim`: output 2, where it belongs to this level.
at::Tensor DinsNetwork::Down(const at::Tensor& x, int level, const at::Tensor& dim) const {
  if (GoesBySlices(x, level) && !dim.defined()) {
    const auto slice = [&](std::int64_t z) { return x.narrow(2, z, 1); };
    return BlockBySlices(slice, x.size(2), BlockName(level), StrideOf(level));
  }
  const bool is_before = constants_.add_dim_before_relu;
  at::Tensor y = Layer(x, BlockName(level), 1, StrideOf(level), is_before ? dim : at::Tensor());
  if (!is_before && dim.defined()) y = y + dim;
  return Layer(y, BlockName(level), 2, {1, 1, 1});
}

at::Tensor DinsNetwork::BlockBySlices(const std::function<at::Tensor(std::int64_t)>& input, std::int64_t depth,
                                      const std::string& block, const std::vector<std::int64_t>& stride) const {
  at::Tensor y;
  for (std::int64_t z = 0; z < depth; ++z) {
    const at::Tensor slice = Convolve(input(z), block + "/conv1/", stride);
    if (!y.defined()) {
      y = at::empty({slice.size(0), slice.size(1), depth, slice.size(3), slice.size(4)},
                    slice.options().memory_format(at::MemoryFormat::ChannelsLast3d));
    }
    y.narrow(2, z, 1).copy_(slice);
  }
  NormReluInPlace(y, Get(block + "/norm1/gamma"), Get(block + "/norm1/beta"), constants_.epsilon,
                  constants_.moment_sums);
  for (std::int64_t z = 0; z < depth; ++z) {
    at::Tensor slice = y.narrow(2, z, 1);
    slice.copy_(Convolve(slice, block + "/conv2/", {1, 1, 1}));
  }
  NormReluInPlace(y, Get(block + "/norm2/gamma"), Get(block + "/norm2/beta"), constants_.epsilon,
                  constants_.moment_sums);
  return y;
}

at::Tensor DinsNetwork::Forward(const at::Tensor& image_and_guides, Tensors* blocks) const {
  CheckNetworkSize({image_and_guides.size(2), image_and_guides.size(3), image_and_guides.size(4)});
  const at::Tensor input = InPrecision(image_and_guides);
  const auto keep = [&](const std::string& name, const at::Tensor& tensor) {
    if (blocks != nullptr && tensor.defined()) (*blocks)[name] = tensor;
  };
  const at::Tensor dim = Dim(input.narrow(1, 1, kGuides));
  keep("dim", dim);
  at::Tensor x = HasGuideInput(variant_) ? input : input.narrow(1, 0, 1);
  x = x.contiguous(at::MemoryFormat::ChannelsLast3d);
  std::vector<at::Tensor> skips;
  for (int level = 1; level <= kLevels; ++level) {
    x = Down(x, level, GuidedLevel(variant_) == level ? dim : at::Tensor());
    keep(BlockName(level), x);
    if (level < kLevels) skips.push_back(x);
  }
  for (int level = kLevels - 1; level >= 1; --level) {
    x = Up(x, skips[static_cast<std::size_t>(level - 1)], level);
    keep("up" + std::to_string(level), x);
  }
  return Convolve(x.to(at::kFloat), "final/", {1, 1, 1});
}

}  // namespace dinsd
