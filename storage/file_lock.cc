#include "storage/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <system_error>

#include "storage/storage_error.h"

namespace dinsd {
namespace {

struct FileSystem {
  unsigned long magic;
  const char* name;
};

constexpr std::array<FileSystem, 9> kUnsafe = {{{0x6969, "NFS"},
                                                {0xFF534D42, "CIFS"},
                                                {0xFE534D42, "SMB2"},
                                                {0x517B, "SMB"},
                                                {0x65735546, "FUSE"},
                                                {0x01021997, "9p"},
                                                {0x0BD00BD0, "Lustre"},
                                                {0x00C36400, "Ceph"},
                                                {0x5346414F, "AFS"}}};

std::string HolderOf(int fd) {
  std::array<char, 32> text{};
  const ssize_t count = ::pread(fd, text.data(), text.size() - 1, 0);
  return count > 0 ? std::string(text.data()) : "unknown";
}

}  // namespace

FileLock::FileLock(const std::filesystem::path& file, const std::string& what, const std::string& key)
    : file_(file), fd_(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)) {
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "lock file " + file.string());
  const bool is_held = ::flock(fd_, LOCK_EX | LOCK_NB) == 0;
  if (!is_held && errno == EWOULDBLOCK) {
    const std::string holder = HolderOf(fd_);
    ::close(fd_);
    throw StorageError(StorageFailure::kInUse, "another dinsd (pid " + holder + ") uses " + what + ", it holds " +
                                                   file.string() + ": stop it first, or give this one a " + key +
                                                   " of its own");
  }
  const std::string pid = std::to_string(::getpid());
  if (!is_held || ::ftruncate(fd_, 0) != 0 || ::pwrite(fd_, pid.data(), pid.size(), 0) < 0) {
    const int error = errno;
    ::close(fd_);
    throw std::system_error(error, std::generic_category(), "lock file " + file.string());
  }
}

FileLock::~FileLock() {
  ::close(fd_);
}

bool FileLock::IsInPlace() const {
  struct stat held {};
  struct stat there {};
  return ::fstat(fd_, &held) == 0 && ::lstat(file_.c_str(), &there) == 0 && held.st_dev == there.st_dev &&
         held.st_ino == there.st_ino;
}

std::optional<std::string> LockHolder(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return std::nullopt;
  std::optional<std::string> holder;
  if (::flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK) holder = HolderOf(fd);
  ::close(fd);
  return holder;
}

const char* UnsafeFileSystem(long magic) {
  for (const FileSystem& file_system : kUnsafe) {
    if (file_system.magic == (static_cast<unsigned long>(magic) & 0xFFFFFFFFUL)) return file_system.name;
  }
  return nullptr;
}

void CheckFileSystem(const std::filesystem::path& folder) {
  struct statfs status {};
  if (::statfs(folder.c_str(), &status) != 0)
    throw std::system_error(errno, std::generic_category(), "state folder " + folder.string());
  if (const char* name = UnsafeFileSystem(status.f_type)) {
    throw StorageError(StorageFailure::kUnsafePlace, folder.string() + " lies on " + name +
                                                         ", where a queue can be damaged without notice: set state_dir "
                                                         "to a folder on a local disk");
  }
}

}  // namespace dinsd
