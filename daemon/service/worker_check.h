#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "daemon/service/model_choice.h"

namespace dinsd {

/// Shorter than systemd's watchdog of the shipped unit, which is not fed while a reload waits for this check.
inline constexpr std::chrono::seconds kWorkerCheckLimit{45};

/// Has a worker of each device, all at once, load every weights file and end again, so that what can never work is
/// refused before anything relies on it; takes a second or more. Throws ConfigError with the worker's own words:
/// weights that cannot be used, a device that is not there; or that it had not ended within `limit`, and was killed.
void CheckByWorker(const std::filesystem::path& programs, const std::vector<std::string>& devices,
                   const std::vector<ServedModel>& models, std::chrono::milliseconds limit = kWorkerCheckLimit);

}  // namespace dinsd
