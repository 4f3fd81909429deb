#include "daemon/receiver/instance_index.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <ctime>
#include <filesystem>
#include <system_error>

#include "daemon/receiver/part_file.h"

namespace dinsd {
namespace {

constexpr const char* kName = ".instances";
constexpr std::time_t kMomentSeconds = 600;  // from the look at an object to its name at the most

[[noreturn]] void Throw(const std::string& doing) {
  throw std::system_error(errno, std::generic_category(), doing);
}

std::string StudyOf(const std::string& path) {
  return path.substr(0, path.find('/'));
}

}  // namespace

InstanceIndex::InstanceIndex(int spool) {
  if (::mkdirat(spool, kName, 0700) != 0 && errno != EEXIST) Throw("making the index of instances");
  folder_.Reset(::openat(spool, kName, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder_) Throw("opening the index of instances");
  RemoveDangling();
}

void InstanceIndex::RemoveDangling() {
  std::error_code failed;
  const std::filesystem::path here = "/proc/self/fd/" + std::to_string(folder_.get());
  for (std::filesystem::directory_iterator at(here, failed), end; !failed && at != end; at.increment(failed)) {
    const std::string name = at->path().filename();
    if (!IsThere(name)) ::unlinkat(folder_.get(), name.c_str(), 0);
  }
}

std::optional<std::string> InstanceIndex::Add(const std::string& instance, const std::string& path) {
  if (::symlinkat(("../" + path).c_str(), folder_.get(), instance.c_str()) == 0) return std::nullopt;
  if (errno != EEXIST) Throw("naming an instance");
  const std::string other = TargetOf(instance);
  if (StudyOf(other) != StudyOf(path) && IsThere(instance)) return other;
  if (other != path) Replace(instance, path);
  return std::nullopt;
}

std::string InstanceIndex::TargetOf(const std::string& instance) const {
  std::array<char, 512> text{};
  const ssize_t size = ::readlinkat(folder_.get(), instance.c_str(), text.data(), text.size());
  constexpr std::size_t kUp = 3;  // "../"
  return size <= static_cast<ssize_t>(kUp) ? "" : std::string(text.data() + kUp, static_cast<std::size_t>(size) - kUp);
}

bool InstanceIndex::IsThere(const std::string& instance) const {
  struct stat status {};
  if (::fstatat(folder_.get(), instance.c_str(), &status, 0) == 0) return true;
  const bool is_link = ::fstatat(folder_.get(), instance.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
  return is_link && std::time(nullptr) - status.st_mtime < kMomentSeconds;
}

void InstanceIndex::Replace(const std::string& instance, const std::string& path) {
  const std::string fresh = RandomName() + ".new";
  if (::symlinkat(("../" + path).c_str(), folder_.get(), fresh.c_str()) != 0 ||
      ::renameat(folder_.get(), fresh.c_str(), folder_.get(), instance.c_str()) != 0)
    Throw("naming an instance");
}

}  // namespace dinsd
