#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <system_error>

#include "pipeline/longitudinal/longitudinal_files.h"
#include "pipeline/write/synced_file.h"

namespace dinsd {
namespace {

namespace fs = std::filesystem;

bool HoldsReport(const fs::path& folder) {
  return fs::is_directory(folder) && fs::exists(folder / "longitudinal.json") &&
         fs::exists(folder / "longitudinal.html");
}

[[noreturn]] void ThrowErrno(const fs::path& path) {
  throw std::system_error(errno, std::generic_category(), path.string());
}

// The old report stays in its place until the new one has it. Where a file system cannot exchange two names there is
// none for a moment.
void Replace(const fs::path& staging, const fs::path& out) {
  const fs::path old = staging.string() + ".old";
  if (::renameat2(AT_FDCWD, staging.c_str(), AT_FDCWD, out.c_str(), RENAME_EXCHANGE) == 0) {
    fs::rename(staging, old);
  } else {
    if (errno != EINVAL && errno != ENOSYS) ThrowErrno(out);
    fs::rename(out, old);
    fs::rename(staging, out);
  }
  SyncNamesIn(out.parent_path());
  fs::remove_all(old);
}

}  // namespace

void WriteLongitudinal(const fs::path& out, const LongitudinalReport& report, const LongitudinalPictures& pictures,
                       const std::string& stamp) {
  const fs::path place = fs::absolute(out), parent = place.parent_path();
  const bool is_there = fs::exists(fs::symlink_status(place));
  if (is_there && !HoldsReport(place))
    throw std::runtime_error("'" + out.string() + "' is there already and holds no such report");
  fs::create_directories(parent);
  std::string name = ".";
  name.append(place.filename().string()).append(".staging-").append(std::to_string(::getpid()));
  const fs::path staging = parent / name;
  fs::remove_all(staging);  // of a run that was ended
  fs::create_directory(staging);
  try {
    WriteSynced(staging / "longitudinal.html", LongitudinalHtml(report, pictures));
    WriteSynced(staging / "longitudinal.csv", LongitudinalCsv(report));
    WriteSynced(staging / "longitudinal.json", LongitudinalJson(report).dump(2) + "\n");
    if (!stamp.empty()) WriteSynced(staging / kStampFile, stamp + "\n");
    SyncNamesIn(staging);
    is_there ? Replace(staging, place) : RenameFolderOnce(staging, place);
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(staging, ignored);
    throw;
  }
}

}  // namespace dinsd
