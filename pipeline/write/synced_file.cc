#include "pipeline/write/synced_file.h"

#include <fcntl.h>
#include <stdio.h>  // renameat2
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace dinsd {
namespace {

[[noreturn]] void Fail(const std::filesystem::path& path) {
  throw std::system_error(errno, std::generic_category(), path.string());
}

class File {
 public:
  File(const std::filesystem::path& path, int flags) : path_(path), fd_(::open(path.c_str(), flags | O_CLOEXEC, 0666)) {
    if (fd_ < 0) Fail(path);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { ::close(fd_); }

  void Write(std::string_view content) const {
    while (!content.empty()) {
      const ssize_t written = ::write(fd_, content.data(), content.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) Fail(path_);
      content.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  void Sync() const {
    if (::fsync(fd_) != 0) Fail(path_);
  }

 private:
  std::filesystem::path path_;
  int fd_;
};

}  // namespace

void WriteSynced(const std::filesystem::path& path, std::string_view content) {
  const File file(path, O_WRONLY | O_CREAT | O_EXCL);
  file.Write(content);
  file.Sync();
}

void SyncFile(const std::filesystem::path& path) {
  File(path, O_RDONLY).Sync();
}

void SyncNamesIn(const std::filesystem::path& path) {
  File(path, O_RDONLY | O_DIRECTORY).Sync();
}

void RenameFolderOnce(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) != 0) Fail(to);
  SyncNamesIn(to.has_parent_path() ? to.parent_path() : ".");
}

}  // namespace dinsd
