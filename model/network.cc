#include "model/network.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <cmath>
#include <set>
#include <stdexcept>
#include <utility>

namespace dinsd {
namespace {

std::string ShapeWords(at::IntArrayRef shape) {
  std::string words;
  for (const std::int64_t n : shape) words.append(words.empty() ? "" : "x").append(std::to_string(n));
  return words;
}

at::Tensor InitialVector(const ParameterSpec& spec) {
  if (spec.name.ends_with("gamma")) return at::ones(spec.shape);
  if (spec.name.ends_with("slope")) return at::full(spec.shape, 0.25);
  return at::zeros(spec.shape);
}

}  // namespace

Network::Network(Tensors tensors, const std::vector<ParameterSpec>& parameters) : tensors_(std::move(tensors)) {
  std::set<std::string> known;
  for (const ParameterSpec& spec : parameters) {
    known.insert(spec.name);
    const auto found = tensors_.find(spec.name);
    if (found == tensors_.end()) throw std::invalid_argument("network tensor missing: " + spec.name);
    if (found->second.sizes() != at::IntArrayRef(spec.shape)) {
      throw std::invalid_argument("network tensor " + spec.name + " is " + ShapeWords(found->second.sizes()) +
                                  ", expected " + ShapeWords(spec.shape));
    }
    if (spec.shape.size() == 5) found->second = found->second.contiguous(at::MemoryFormat::ChannelsLast3d);
  }
  for (const auto& [name, tensor] : tensors_) {
    if (!known.contains(name)) throw std::invalid_argument("network tensor unknown: " + name);
  }
}

void Network::To(const std::string& device) {
  for (auto& [name, tensor] : tensors_) tensor = tensor.to(c10::Device(device));
}

at::Tensor Network::InPrecision(const at::Tensor& x) const {
  return precision_ == Precision::kBfloat16 ? x.to(at::kBFloat16) : x;
}

Network::Tensors InitialTensors(const std::vector<ParameterSpec>& parameters, std::uint64_t seed) {
  at::Generator generator = at::detail::createCPUGenerator(seed);
  Network::Tensors tensors;
  for (const ParameterSpec& spec : parameters) {
    at::Tensor& tensor = tensors[spec.name];
    if (spec.shape.size() == 1) {
      tensor = InitialVector(spec);
      continue;
    }
    const bool is_transposed = spec.name.ends_with("up/kernel");
    const std::int64_t taps = is_transposed ? 1 : spec.shape[2] * spec.shape[3] * spec.shape[4];
    const std::int64_t inputs = is_transposed ? spec.shape[0] : spec.shape[1];
    tensor = at::randn(spec.shape, generator, at::kFloat) * std::sqrt(2.0 / static_cast<double>(inputs * taps));
  }
  return tensors;
}

}  // namespace dinsd
