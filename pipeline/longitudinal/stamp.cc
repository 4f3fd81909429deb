// Apart from the report, as the parent reads stamps and links no report.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>
#include <system_error>

#include "pipeline/longitudinal/longitudinal_files.h"

namespace dinsd {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 5> kOurs = {"longitudinal.html", "longitudinal.csv", "longitudinal.json",
                                                   kLongitudinalDicom, kStampFile};
constexpr std::string_view kStaging = ".staging-";

bool IsFolder(const fs::path& path) {
  return fs::is_directory(fs::symlink_status(path));
}

// Our files alone, whatever else is there.
bool RemoveOurs(const fs::path& folder) {
  std::error_code failed;
  for (const std::string_view name : kOurs) fs::remove(folder / name, failed);
  return fs::remove(folder, failed) && !failed;
}

}  // namespace

std::string StampOf(const fs::path& out) {
  std::ifstream in(out / kStampFile);
  std::string stamp;
  std::getline(in, stamp);
  return stamp;
}

std::vector<std::string> StrangersIn(const fs::path& out) {
  std::vector<std::string> strangers;
  if (!IsFolder(out)) return strangers;
  for (const auto& entry : fs::directory_iterator(out)) {
    const std::string name = entry.path().filename();
    const bool is_ours = std::find(kOurs.begin(), kOurs.end(), name) != kOurs.end() && entry.is_regular_file();
    if (!is_ours) strangers.push_back(name);
  }
  std::sort(strangers.begin(), strangers.end());
  return strangers;
}

bool RemoveLongitudinal(const fs::path& out) {
  return IsFolder(out) && !StampOf(out).empty() && RemoveOurs(out);
}

void RemoveUnfinished(const fs::path& folder) {
  std::error_code gone;
  for (const auto& entry : fs::directory_iterator(folder, gone)) {
    const std::string name = entry.path().filename();
    if (name.starts_with('.') && name.find(kStaging) != std::string::npos && IsFolder(entry.path()))
      (void)RemoveOurs(entry.path());
  }
}

fs::path StagingOf(const fs::path& out) {
  std::string name = ".";
  name.append(out.filename().string()).append(kStaging).append(std::to_string(::getpid()));
  return out.parent_path() / name;
}

}  // namespace dinsd
