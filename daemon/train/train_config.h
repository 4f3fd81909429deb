#pragma once

#include <filesystem>

#include "model/model_manifest.h"
#include "model/train/train_options.h"

namespace dinsd {

/// A training's TOML file: table [train] with the fields of TrainOptions, table [manifest] with what the weights say of
/// their data (trained_for, training_data, licence).
struct TrainConfig {
  TrainOptions options;
  ModelManifest manifest;
};

/// Throws std::runtime_error with file and line for an unknown key or a value of another type or out of range.
[[nodiscard]] TrainConfig ReadTrainConfig(const std::filesystem::path& file);

}  // namespace dinsd
