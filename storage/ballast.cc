#include "storage/ballast.h"

#include <fcntl.h>
#include <unistd.h>

#include <system_error>

namespace dinsd {

Ballast::Ballast(std::filesystem::path file, std::int64_t bytes) : file_(std::move(file)), bytes_(bytes) {
  Restore();
}

void Ballast::Restore() {
  std::error_code error;
  if (std::filesystem::exists(file_, error)) return;
  const std::filesystem::space_info space = std::filesystem::space(file_.parent_path(), error);
  if (error || space.available < static_cast<std::uintmax_t>(bytes_) * 2) return;
  const int fd = ::open(file_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return;
  const bool is_whole = ::posix_fallocate(fd, 0, bytes_) == 0;
  ::close(fd);
  if (!is_whole) Release();
}

void Ballast::Release() {
  std::error_code ignored;
  std::filesystem::remove(file_, ignored);
}

}  // namespace dinsd
