#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace dinsd {

/// What to do with a file that has a second name: a stranger may have linked a secret into a watched folder.
enum class HardLinks { kAllowed, kRefused };

/// The bytes of the file `relative` below the folder `root`, which may itself be reached through links (for example
/// /proc/self/fd/5). The name cannot leave the folder and no part of it may be a symbolic link; only regular files are
/// read, and a FIFO or device does not block. Throws InputError that names `relative`: VOLUME_UNREADABLE (no such
/// folder or file, no regular file, cut short while being read), LIMIT_EXCEEDED (more than `max_bytes`; nothing is
/// allocated then). Thread-safe.
[[nodiscard]] std::vector<std::byte> ReadFileBytes(const std::filesystem::path& root, const std::string& relative,
                                                   std::uint64_t max_bytes, HardLinks links = HardLinks::kAllowed);

}  // namespace dinsd
