#pragma once

#include <toml++/toml.h>

#include <filesystem>
#include <string>

#include "daemon/train/train_config.h"

namespace dinsd {

/// Sets the keys of a table [train], called `name` in messages, over what `options` has. Throws std::runtime_error with
/// file and line for an unknown key or a value of another type; ranges are left to TrainOptions::Check.
void ReadTrainTable(const toml::table& table, const std::string& name, const std::filesystem::path& file,
                    TrainOptions& options);

/// Writes into the manifest what the options bind weights to.
void BindManifest(TrainConfig& config);

}  // namespace dinsd
