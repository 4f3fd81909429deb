#pragma once

#include <filesystem>
#include <string>

namespace dinsd {

/// Syncs a folder, so that names that were made or renamed in it survive a power cut. Throws std::system_error.
void SyncFolder(const std::filesystem::path& folder);

/// Renames the folder `from` to `to` and syncs both parents. False, and nothing changed, if `to` is there already.
/// Throws std::system_error.
[[nodiscard]] bool RenameIntoPlace(const std::filesystem::path& from, const std::filesystem::path& to);

/// Replaces the content of `file` at once: a crash leaves the old or the new one, never a part. Throws
/// std::system_error.
void RewriteFile(const std::filesystem::path& file, const std::string& content);

}  // namespace dinsd
