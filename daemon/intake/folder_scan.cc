#include "daemon/intake/folder_scan.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>

#include "daemon/process/unique_fd.h"
#include "pipeline/read/study_manifest.h"

namespace dinsd {
namespace {

constexpr std::array<std::string_view, 4> kImageSuffixes = {".nii", ".nii.gz", ".nrrd", ".mha"};
constexpr std::array<std::string_view, 3> kLoneSuffixes = {"", ".mrk.json", ".prompts.json"};  // in this order of paths
constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

struct DirCloser {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

std::vector<std::string> EntriesOf(int folder) {
  const std::unique_ptr<DIR, DirCloser> dir(::fdopendir(::dup(folder)));
  std::vector<std::string> names;
  if (!dir) return names;
  ::rewinddir(dir.get());
  while (const dirent* entry = ::readdir(dir.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::optional<struct stat> StatAt(int folder, const std::string& name) {
  struct stat status {};
  if (::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
  return status;
}

FileStamp StampOf(const std::string& path, const struct stat& status) {
  return {path, status.st_dev, status.st_ino, static_cast<std::uint64_t>(status.st_size),
          std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec};
}

bool IsPlainFile(const struct stat& status) {
  return S_ISREG(status.st_mode) && status.st_nlink == 1;
}

// By the rights that opening it would have. Whatever else fails (such as a kernel without this call) says nothing.
bool IsForbidden(int folder, const std::string& name) {
  return ::faccessat(folder, name.c_str(), R_OK, AT_EACCESS) != 0 && errno == EACCES;
}

void AddFile(int folder, const std::string& name, const std::string& path, const struct stat& status,
             StudySnapshot& study) {
  if (S_ISLNK(status.st_mode)) {
    study.skipped.push_back({path, SkipReason::kLink});
  } else if (!S_ISREG(status.st_mode)) {
    study.skipped.push_back({path, SkipReason::kSpecial});
  } else if (status.st_nlink != 1) {
    study.skipped.push_back({path, SkipReason::kHardLink});
  } else if (IsForbidden(folder, name)) {
    study.skipped.push_back({path, SkipReason::kUnreadable});
  } else {
    study.has_manifest |= name == kManifestFile;
    study.files.push_back(StampOf(path, status));
  }
}

void ScanInto(int folder, const std::string& prefix, int depth, const FolderScanLimits& limits, StudySnapshot& study);

// A folder that vanished or became a link meanwhile is no longer there; any other that cannot be opened is named.
void ScanFolder(int parent, const std::string& name, const std::string& path, int depth, const FolderScanLimits& limits,
                StudySnapshot& study) {
  const UniqueFd folder(::openat(parent, name.c_str(), kFolderFlags));
  if (folder) return ScanInto(folder.get(), path == "." ? "" : path + "/", depth, limits, study);
  if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP) study.skipped.push_back({path, SkipReason::kUnreadable});
}

void ScanInto(int folder, const std::string& prefix, int depth, const FolderScanLimits& limits, StudySnapshot& study) {
  for (const std::string& name : EntriesOf(folder)) {
    const std::string path = prefix + name;
    const std::optional<struct stat> status = StatAt(folder, name);
    if (!status) {
      if (errno == EACCES) study.skipped.push_back({path, SkipReason::kUnreadable});
      continue;
    }
    if (name.front() == '.') {
      study.has_done_file |= path == ".done" && IsPlainFile(*status);
      continue;
    }
    const bool is_too_deep = depth > limits.max_depth;
    if (is_too_deep || study.files.size() >= limits.max_files) {
      study.skipped.push_back({path, is_too_deep ? SkipReason::kTooDeep : SkipReason::kTooMany});
      return;
    }
    if (S_ISDIR(status->st_mode)) {
      ScanFolder(folder, name, path, depth + 1, limits, study);
    } else {
      AddFile(folder, name, path, *status, study);
    }
  }
}

bool IsImageName(const std::string& name) {
  return std::any_of(kImageSuffixes.begin(), kImageSuffixes.end(),
                     [&](std::string_view suffix) { return name.size() > suffix.size() && name.ends_with(suffix); });
}

// A lone image file is a study of its own, with clicks and a .done file that bear its whole name and nothing more:
// `case.nii.gz` and its clicks are not those of a `case.nii` beside it.
StudySnapshot LoneFile(int watched, const std::string& name) {
  StudySnapshot study{.name = name};
  for (const std::string_view suffix : kLoneSuffixes) {
    const std::string file = name + std::string(suffix);
    const std::optional<struct stat> status = StatAt(watched, file);
    if (status) AddFile(watched, file, file, *status, study);
  }
  const std::optional<struct stat> done = StatAt(watched, name + ".done");
  study.has_done_file = done && IsPlainFile(*done);
  return study;
}

std::optional<StudySnapshot> SnapshotOf(int watched, const std::string& name, const FolderScanLimits& limits) {
  const std::optional<struct stat> status = StatAt(watched, name);
  if (!status || name.front() == '.') return std::nullopt;
  if (S_ISDIR(status->st_mode)) {
    StudySnapshot study{.name = name};
    ScanFolder(watched, name, ".", 0, limits, study);
    return study;
  }
  if (IsPlainFile(*status) && IsImageName(name)) return LoneFile(watched, name);
  return std::nullopt;
}

// Whether somebody may wonder why this entry of a watched folder is no study.
bool IsNotTaken(int watched, const std::string& name) {
  const std::optional<struct stat> status = StatAt(watched, name);
  if (!status || name.front() == '.') return false;
  return S_ISLNK(status->st_mode) || (IsImageName(name) && !S_ISDIR(status->st_mode) && !IsPlainFile(*status));
}

UniqueFd OpenWatched(const std::filesystem::path& watched) {
  UniqueFd folder(::open(watched.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) throw std::system_error(errno, std::generic_category(), "watched folder " + watched.string());
  return folder;
}

}  // namespace

WatchedContents ScanWatchedFolder(const std::filesystem::path& watched, const FolderScanLimits& limits) {
  const UniqueFd folder = OpenWatched(watched);
  WatchedContents contents;
  for (const std::string& name : EntriesOf(folder.get())) {
    std::optional<StudySnapshot> study = SnapshotOf(folder.get(), name, limits);
    if (study) {
      contents.studies.push_back(*std::move(study));
    } else if (IsNotTaken(folder.get(), name)) {
      contents.not_taken.push_back(name);
    }
  }
  return contents;
}

std::optional<StudySnapshot> ScanStudy(const std::filesystem::path& root, const std::string& name,
                                       const FolderScanLimits& limits) {
  if (name.empty()) return std::nullopt;
  const UniqueFd folder = OpenWatched(root);
  return SnapshotOf(folder.get(), name, limits);
}

}  // namespace dinsd
