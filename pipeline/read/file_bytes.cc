#include "pipeline/read/file_bytes.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "pipeline/read/input_error.h"

namespace dinsd {
namespace {

constexpr std::size_t kReadStep = std::size_t{1} << 30;  // read(2) takes no more than 2 GiB at once

[[noreturn]] void Refuse(const std::string& file, const std::string& why) {
  throw InputError("VOLUME_UNREADABLE", file, "", why);
}

[[noreturn]] void RefuseForErrno(const std::string& file, const std::string& what) {
  Refuse(file, what + ": " + std::generic_category().message(errno));
}

// A descriptor that closes itself.
class OpenFile {
 public:
  OpenFile(int fd, const std::string& file, const std::string& what) : fd_(fd) {
    if (fd_ < 0) RefuseForErrno(file, what);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() { ::close(fd_); }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

// glibc has no wrapper for openat2.
int OpenBeneath(int root, const std::string& relative) {
  open_how how{};
  how.flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  return static_cast<int>(::syscall(SYS_openat2, root, relative.c_str(), &how, sizeof how));
}

std::uint64_t CheckedSize(int fd, const std::string& file, std::uint64_t max_bytes, HardLinks links) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) RefuseForErrno(file, "cannot be examined");
  if (!S_ISREG(status.st_mode)) Refuse(file, "is no regular file");
  if (links == HardLinks::kRefused && status.st_nlink != 1) {
    Refuse(file, "has " + std::to_string(status.st_nlink) + " hard links, 1 allowed");
  }
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size > max_bytes) {
    throw InputError("LIMIT_EXCEEDED", file, "",
                     std::to_string(size) + " bytes, " + std::to_string(max_bytes) + " allowed");
  }
  return size;
}

void ReadAll(int fd, const std::string& file, std::vector<std::byte>& bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ::ssize_t count = ::read(fd, bytes.data() + done, std::min(bytes.size() - done, kReadStep));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) RefuseForErrno(file, "cannot be read");
    if (count == 0) Refuse(file, "became shorter while it was read");
    done += static_cast<std::size_t>(count);
  }
}

}  // namespace

std::vector<std::byte> ReadFileBytes(const std::filesystem::path& root, const std::string& relative,
                                     std::uint64_t max_bytes, HardLinks links) {
  if (relative.find('\0') != std::string::npos) Refuse(relative, "a name cannot hold a zero byte");
  const OpenFile folder(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC), relative,
                        "its folder cannot be opened");
  const OpenFile file(OpenBeneath(folder.get(), relative), relative, "cannot be opened");
  std::vector<std::byte> bytes(CheckedSize(file.get(), relative, max_bytes, links));
  ReadAll(file.get(), relative, bytes);
  return bytes;
}

}  // namespace dinsd
