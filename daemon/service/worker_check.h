#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "daemon/service/model_choice.h"

namespace dinsd {

/// Has a worker of each device load every weights file and end again, so that what can never work is refused before
/// anything relies on it; takes a second or more. Throws ConfigError with the worker's own words: weights that cannot
/// be used, a device that is not there.
void CheckByWorker(const std::filesystem::path& programs, const std::vector<std::string>& devices,
                   const std::vector<ServedModel>& models);

}  // namespace dinsd
