#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "storage/clock.h"
#include "storage/database.h"

namespace dinsd {

/// A file as the file system tells it; while none of this changes, its bytes are taken to be the same.
struct FileIdentity {
  std::string source;  // the watched folder it lies in
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;
};

/// SHA-256 of files that were read, so that one seen again is not read again. A saving only: the worker hashes what it
/// reads, and a digest that turns out wrong is forgotten. Thread of the Database.
class FileDigests {
 public:
  FileDigests(Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  [[nodiscard]] std::optional<std::string> Find(const FileIdentity& file);
  void Remember(const FileIdentity& file, const std::string& sha256);
  void Forget(const FileIdentity& file);

  /// Forgets up to `batch` files that were remembered longer than `age` ago; returns how many.
  std::int64_t Prune(std::chrono::days age, std::int64_t batch = 1000);

 private:
  Database& database_;
  const Clock& clock_;
};

}  // namespace dinsd
