#pragma once

#include <filesystem>
#include <string>

namespace dinsd {

/// The weights file to use: `named` where it is not empty, else the file that the environment variable DINSD_WEIGHTS
/// names, else the only *.safetensors of the first folder that has one: share/dinsd/weights beside the program's bin/,
/// then model/weights of the source tree that the program was built from. Throws std::runtime_error that says where it
/// looked when there is none, and which there are when there are several.
[[nodiscard]] std::filesystem::path FindWeights(const std::string& named);

/// The shipped weights for one kind of image: the only *.safetensors of the folder `kind` ("sarcoma") below those that
/// FindWeights looks in; FindWeights("") where `kind` is empty. Throws std::runtime_error like it.
[[nodiscard]] std::filesystem::path ShippedWeights(const std::string& kind);

}  // namespace dinsd
