#include "daemon/publish/durable_files.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "daemon/process/unique_fd.h"

namespace dinsd {
namespace {

[[noreturn]] void Throw(const char* doing) {
  throw std::system_error(errno, std::generic_category(), doing);
}

void WriteAll(int file, const std::string& content) {
  for (std::size_t done = 0; done < content.size();) {
    const ssize_t wrote = ::write(file, content.data() + done, content.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) Throw("writing a file");
    done += static_cast<std::size_t>(wrote);
  }
}

}  // namespace

void SyncFolder(const std::filesystem::path& folder) {
  const UniqueFd open(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!open || ::fsync(open.get()) != 0) Throw("syncing a folder");
}

bool RenameIntoPlace(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) != 0) {
    if (errno == EEXIST) return false;
    Throw("renaming a result into place");
  }
  SyncFolder(to.parent_path());
  SyncFolder(from.parent_path());
  return true;
}

void RewriteFile(const std::filesystem::path& file, const std::string& content) {
  const std::filesystem::path next = file.string() + ".next";
  UniqueFd out(::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640));
  if (!out) Throw("making a file");
  WriteAll(out.get(), content);
  if (::fsync(out.get()) != 0) Throw("syncing a file");
  out.Reset();
  if (::rename(next.c_str(), file.c_str()) != 0) Throw("replacing a file");
  SyncFolder(file.parent_path());
}

}  // namespace dinsd
