#pragma once

#include <cstdint>
#include <filesystem>

namespace dinsd {

/// A file beside the database that only takes up room. When the disk is full, even "this job failed" cannot be
/// written; letting the ballast go makes room for that.
class Ballast {
 public:
  /// Takes the room if there is enough: twice `bytes` free.
  Ballast(std::filesystem::path file, std::int64_t bytes);

  /// Takes the room again after it was let go, once there is enough. Never throws: without ballast all else works.
  void Restore();

  /// Gives the room back to the disk.
  void Release();

 private:
  std::filesystem::path file_;
  std::int64_t bytes_;
};

}  // namespace dinsd
