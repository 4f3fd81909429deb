#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace dinsd {

inline constexpr std::int64_t kApplicationId = 0x44494E53;  // "DINS"

/// Whose a database is, and of which version.
struct DatabaseHeader {
  bool is_new = false;           // nothing was ever written into it
  std::int64_t application = 0;  // PRAGMA application_id
  std::int64_t version = 0;      // PRAGMA user_version
};

/// The header of an SQLite file (https://www.sqlite.org/fileformat.html, section 1.3), read from its first bytes alone:
/// no lock is taken and nothing is written, also beside a running daemon. Nothing where no file can be read. Throws
/// StorageError kDamaged where it is none.
[[nodiscard]] std::optional<DatabaseHeader> ReadDatabaseHeader(const std::filesystem::path& file);

/// Throws StorageError for what a daemon that knows versions up to `newest` must leave as it is: kForeignFile,
/// kNewerVersion.
void CheckIdentity(const std::filesystem::path& file, const DatabaseHeader& header, std::int64_t newest);

}  // namespace dinsd
