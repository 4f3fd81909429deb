#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace dinsd {

/// The bytes of a file that a person named, reached through links where data sets are folders of links. Throws
/// std::filesystem::filesystem_error where it is not there, InputError of ReadFileBytes.
[[nodiscard]] std::vector<std::byte> LinkedFileBytes(const std::filesystem::path& path);

/// SHA-256 of such a file.
[[nodiscard]] std::string FileSha256(const std::filesystem::path& path);

/// Such a file as text.
[[nodiscard]] std::string RequiredFileText(const std::filesystem::path& path);

/// The text of a file of our own; empty where there is none.
[[nodiscard]] std::string FileText(const std::filesystem::path& path);

}  // namespace dinsd
