#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "model/model_manifest.h"
#include "model/network.h"

namespace dinsd {

/// Every tensor of the network that a manifest describes, in a fixed order. Throws std::invalid_argument on a word that
/// is not known.
[[nodiscard]] std::vector<ParameterSpec> NetworkParameters(const ModelManifest& manifest);

/// The network that a manifest describes, with these tensors. Throws std::invalid_argument if they do not fit.
[[nodiscard]] std::unique_ptr<Network> MakeNetwork(const ModelManifest& manifest, Network::Tensors tensors);

/// A fresh one, see InitialTensors.
[[nodiscard]] std::unique_ptr<Network> InitialisedNetwork(const ModelManifest& manifest, std::uint64_t seed);

}  // namespace dinsd
