#include "config/watch_places.h"

#include <system_error>
#include <utility>

namespace dinsd {
namespace {

namespace fs = std::filesystem;

bool IsWithin(const fs::path& inner, const fs::path& outer) {
  for (fs::path folder = inner;; folder = folder.parent_path()) {
    std::error_code not_there;
    if (folder == outer || fs::equivalent(folder, outer, not_there)) return true;
    if (!folder.has_relative_path()) return false;
  }
}

std::string InWords(const fs::path& path) {
  const fs::path resolved = Resolved(path);
  return path.string() + (resolved == path || resolved / "" == path ? "" : " (which is " + resolved.string() + ")");
}

}  // namespace

fs::path Resolved(const fs::path& path) {
  std::error_code failed;
  fs::path resolved = fs::weakly_canonical(path, failed);
  if (failed) resolved = path.lexically_normal();  // where we may not look, its name must do
  return resolved.has_filename() ? resolved : resolved.parent_path();
}

bool LieWithinEachOther(const fs::path& a, const fs::path& b) {
  const fs::path one = Resolved(a);
  const fs::path other = Resolved(b);
  return IsWithin(one, other) || IsWithin(other, one);
}

std::string BothInWords(const fs::path& a, const fs::path& b) {
  return InWords(a) + ", " + InWords(b);
}

std::string PathKeyOf(const WatchSettings& watch) {
  return watch.name == kReceivedWatch ? "receiver.spool_dir" : "watch.path";
}

std::vector<std::string> SharedWithOwnFolders(const WatchSettings& watch, const DaemonSettings& daemon) {
  std::vector<std::string> faults;
  for (const auto& [own, key] :
       {std::pair(daemon.state_dir, "daemon.state_dir"), std::pair(daemon.results_dir, "daemon.results_dir")}) {
    if (!LieWithinEachOther(own, watch.path)) continue;
    faults.push_back(std::string("\"").append(PathKeyOf(watch)) + "\" and \"" + std::string(key) +
                     "\" lie within each other: " + BothInWords(watch.path, own));
  }
  return faults;
}

}  // namespace dinsd
