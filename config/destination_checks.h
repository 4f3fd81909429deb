#pragma once

#include <string>
#include <vector>

#include "config/settings.h"

namespace dinsd {

/// A sentence for everything that contradicts itself in the destination `at`, or another destination or folder.
[[nodiscard]] std::vector<std::string> DestinationFaults(const Settings& settings, std::size_t at);

/// A sentence for each folder that the sender's spool shares with others.
[[nodiscard]] std::vector<std::string> SenderFaults(const Settings& settings);

}  // namespace dinsd
