#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/settings.h"

namespace dinsd {

/// `path` with every link on the way followed, as far as there is something, and without a slash at its end.
[[nodiscard]] std::filesystem::path Resolved(const std::filesystem::path& path);

/// Whether one of two folders is the other or lies in it, by whatever names: symbolic links are followed, and the same
/// folder is known by its number where it is mounted twice. What is not there yet is judged by its name below what is.
[[nodiscard]] bool LieWithinEachOther(const std::filesystem::path& a, const std::filesystem::path& b);

/// Both of them as in the configuration, each with what it really is where a link leads elsewhere.
[[nodiscard]] std::string BothInWords(const std::filesystem::path& a, const std::filesystem::path& b);

/// The key that its path came from.
[[nodiscard]] std::string PathKeyOf(const WatchSettings& watch);

/// A sentence for each folder of the daemon's own that `watch` shares: results would be taken for studies.
[[nodiscard]] std::vector<std::string> SharedWithOwnFolders(const WatchSettings& watch, const DaemonSettings& daemon);

}  // namespace dinsd
