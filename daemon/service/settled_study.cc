#include "daemon/service/settled_study.h"

#include <fcntl.h>
#include <sys/stat.h>

namespace dinsd {

UniqueFd OpenStudy(const std::filesystem::path& root, const std::string& entry) {
  UniqueFd folder(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  struct stat status {};
  if (!folder || ::fstatat(folder.get(), entry.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return UniqueFd();
  if (S_ISREG(status.st_mode)) return folder;
  return UniqueFd(::openat(folder.get(), entry.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

}  // namespace dinsd
