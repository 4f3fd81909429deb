#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace dinsd {

/// Holds a lock file for as long as it lives; the kernel lets go of it when the process ends, however it ends.
class FileLock {
 public:
  /// Throws StorageError kInUse with the holder's pid if another process has it: it "uses `what`", and whoever comes
  /// second needs another `key`. Throws std::system_error where the file system has no locks.
  explicit FileLock(const std::filesystem::path& file, const std::string& what = "this queue",
                    const std::string& key = "state_dir");
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

  /// Whether the file that is held still lies under its name, which another process would lock.
  [[nodiscard]] bool IsInPlace() const;

 private:
  std::filesystem::path file_;
  int fd_;
};

/// The pid of the process that holds such a file, as it says itself; nothing where nobody does. For a moment it keeps
/// others from taking the lock.
[[nodiscard]] std::optional<std::string> LockHolder(const std::filesystem::path& file);

/// Throws StorageError kUnsafePlace if `folder` lies on a file system where SQLite's locks and shared memory cannot be
/// trusted: NFS, SMB, FUSE, 9p, Lustre, Ceph, AFS.
void CheckFileSystem(const std::filesystem::path& folder);

/// The words for a file system's magic number if it is one of those, else nullptr.
[[nodiscard]] const char* UnsafeFileSystem(long magic);

}  // namespace dinsd
