#include <fcntl.h>
#include <stdio.h>

#include <cerrno>
#include <nlohmann/json.hpp>
#include <system_error>

#include "pipeline/longitudinal/longitudinal_files.h"
#include "pipeline/write/synced_file.h"

namespace dinsd {
namespace {

namespace fs = std::filesystem;

constexpr const char* kByHand = "made by hand";

// A name with a slash behind it is the same place; a link is a way to it.
fs::path PlaceOf(const fs::path& out) {
  fs::path place = fs::absolute(out).lexically_normal();
  if (!place.has_filename()) place = place.parent_path();
  return fs::is_symlink(place) ? fs::canonical(place) : place;
}

// Throws where anything but a report of ours would be replaced.
void CheckReplaceable(const fs::path& place, const fs::path& out) {
  const auto refuse = [&](const std::string& why) {
    throw ReportPlaceError("'" + out.string() + "' is there already and " + why + ": nothing was written");
  };
  if (!fs::is_directory(place)) refuse("is no folder");
  std::string names;
  for (const std::string& name : StrangersIn(place)) names.append(names.empty() ? "'" : ", '").append(name).append("'");
  if (!names.empty()) refuse("holds what is no part of such a report: " + names);
  if (!fs::is_empty(place) && StampOf(place).empty())
    refuse("holds no report that dins made (it has no " + std::string(kStampFile) + ")");
}

[[noreturn]] void ThrowErrno(const fs::path& path) {
  throw std::system_error(errno, std::generic_category(), path.string());
}

// The old report stays in its place until the new one has it. Where a file system cannot exchange two names there is
// none for a moment.
void Replace(const fs::path& staging, const fs::path& out) {
  const fs::path old = staging.string() + ".old";
  (void)RemoveLongitudinal(old);  // of a run that was ended
  if (::renameat2(AT_FDCWD, staging.c_str(), AT_FDCWD, out.c_str(), RENAME_EXCHANGE) == 0) {
    fs::rename(staging, old);
  } else {
    if (errno != EINVAL && errno != ENOSYS) ThrowErrno(out);
    fs::rename(out, old);
    fs::rename(staging, out);
  }
  SyncNamesIn(out.parent_path());
  (void)RemoveLongitudinal(old);  // what came into it since it was looked at stays there
  std::error_code ignored;
  fs::remove(old, ignored);  // an empty one
}

}  // namespace

void WriteLongitudinal(const fs::path& out, const LongitudinalReport& report, const LongitudinalPictures& pictures,
                       const std::string& stamp) {
  const fs::path place = PlaceOf(out), staging = StagingOf(place);
  const bool is_there = fs::exists(fs::symlink_status(place));
  if (is_there) CheckReplaceable(place, out);
  fs::create_directories(place.parent_path());
  fs::remove_all(staging);  // of a run that was ended
  fs::create_directory(staging);
  try {
    WriteSynced(staging / "longitudinal.html", LongitudinalHtml(report, pictures));
    WriteSynced(staging / "longitudinal.csv", LongitudinalCsv(report));
    WriteSynced(staging / "longitudinal.json", LongitudinalJson(report).dump(2) + "\n");
    if (!report.dicom.bytes.empty()) {
      WriteSynced(staging / kLongitudinalDicom, report.dicom.bytes);
      CheckLongitudinalDicom(staging, report.dicom);
    }
    WriteSynced(staging / kStampFile, (stamp.empty() ? std::string(kByHand) : stamp) + "\n");
    SyncNamesIn(staging);
    is_there ? Replace(staging, place) : RenameFolderOnce(staging, place);
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(staging, ignored);
    throw;
  }
}

}  // namespace dinsd
