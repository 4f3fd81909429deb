#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "daemon/process/unique_fd.h"
#include "storage/job_records.h"

namespace dinsd {

/// A study that has settled and waits for a reader.
struct SettledStudy {
  JobId id{};
  std::string source;
  std::filesystem::path root;
  std::string entry;
  std::vector<std::string> files;  // relative to the study's folder, or to `root` for a lone file
  Lane lane = Lane::kRoutine;
  Reason incomplete;  // why the reader sent it back to settling, if it did
};

/// The folder that a study's files are relative to: the entry itself, or `root` for a lone file. No link is followed
/// below `root`. None if it is gone.
[[nodiscard]] UniqueFd OpenStudy(const std::filesystem::path& root, const std::string& entry);

}  // namespace dinsd
