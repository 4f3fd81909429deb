#pragma once

#include <string>
#include <utility>
#include <vector>

#include "config/settings.h"

namespace dinsd {

/// A sentence for everything that contradicts itself in the destination `at`, or another destination or folder.
[[nodiscard]] std::vector<std::string> DestinationFaults(const Settings& settings, std::size_t at);

/// A sentence for each destination that gets nothing although nobody asks it anything, with its place in
/// settings.destinations.
[[nodiscard]] std::vector<std::pair<std::size_t, std::string>> IdleFaults(const Settings& settings);

/// A sentence if receiver.count_from names no destination that can be asked.
[[nodiscard]] std::vector<std::string> CountFromFaults(const Settings& settings);

/// A sentence for each folder that the sender's spool shares with others.
[[nodiscard]] std::vector<std::string> SenderFaults(const Settings& settings);

}  // namespace dinsd
