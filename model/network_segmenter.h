#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "model/model_manifest.h"
#include "model/segmenter.h"
#include "model/taken_networks.h"

namespace dinsd {

/// A segmenter with what its weights say of themselves.
struct LoadedModel {
  std::unique_ptr<Segmenter> segmenter;
  ModelManifest manifest;
  std::string weights_sha256;
  std::string weights_name;  // of the file, without its folder
  std::string device;        // "cpu" or "cuda:N"
};

/// Loads a weights file onto a device ("cpu", "cuda:N"; see ChooseDevice), held to clicks as its manifest says. Throws
/// WeightsError, WEIGHTS_NETWORK where the weights are those of a baseline and only DINs is taken.
[[nodiscard]] LoadedModel LoadModel(const std::filesystem::path& weights, const std::string& device,
                                    TakenNetworks taken = TakenNetworks::kDins);

/// Averages the probabilities of `inner` over the identity and the seven flips of columns, rows and slices, of image
/// and guides together. The flips are eight different computations: stride-2 padding is one-sided. Eight times the
/// work.
[[nodiscard]] std::unique_ptr<Segmenter> AverageOverFlips(std::unique_ptr<Segmenter> inner);

/// Shows `inner` image, guides and clicks reversed along the axes that `axes` names (1 = columns, 2 = rows, 4 = slices,
/// added up), and turns its answer back.
[[nodiscard]] std::unique_ptr<Segmenter> Mirrored(std::unique_ptr<Segmenter> inner, unsigned axes);

}  // namespace dinsd
