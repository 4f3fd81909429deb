#pragma once

#include <filesystem>
#include <string_view>

namespace dinsd {

/// Writes a new file (it must not exist) and waits until it is on the disk. Throws std::system_error that names it.
void WriteSynced(const std::filesystem::path& path, std::string_view content);

/// Waits until a file that was written before is on the disk. Throws std::system_error that names it.
void SyncFile(const std::filesystem::path& path);

/// The same for the names in a folder. Throws std::system_error that names it.
void SyncNamesIn(const std::filesystem::path& path);

/// Gives a synced folder its final name, which must not exist yet, and waits until the name is on the disk. Both lie in
/// one folder. Throws std::system_error that names `to`.
void RenameFolderOnce(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace dinsd
