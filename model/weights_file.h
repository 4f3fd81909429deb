#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "model/dim_variant.h"
#include "model/model_manifest.h"
#include "model/network.h"
#include "model/taken_networks.h"

namespace dinsd {

/// A network with everything that says how it must be used.
struct LoadedWeights {
  std::unique_ptr<Network> network;
  ModelManifest manifest;
  std::string sha256;  // of the file, lower-case hexadecimal
};

enum class StoredAs { kFloat32, kFloat16 };

/// Writes a safetensors file (header of names, types, shapes and offsets, then the raw tensors; the manifest is
/// metadata under "dinsd_manifest"). The file appears whole or not at all. Throws std::runtime_error that names the
/// file.
void SaveWeights(const std::filesystem::path& path, const Network& network, const ModelManifest& manifest,
                 StoredAs stored_as);

/// Reads such a file into float32 tensors. Throws WeightsError: WEIGHTS_FILE (no safetensors file, offsets that leave
/// gaps, overlap or leave the file), WEIGHTS_MANIFEST, WEIGHTS_MISSING_TENSOR, WEIGHTS_EXTRA_TENSOR, WEIGHTS_SHAPE,
/// WEIGHTS_TYPE, WEIGHTS_NOT_FINITE; each names the file and the tensor. WEIGHTS_NETWORK: weights of another network
/// than was to be taken.
[[nodiscard]] LoadedWeights LoadWeights(const std::filesystem::path& path, TakenNetworks taken = TakenNetworks::kDins);

/// The DIM variant that a manifest's word names. Throws std::invalid_argument on another word.
[[nodiscard]] DimVariant DimVariantOf(const ModelManifest& manifest);

}  // namespace dinsd
