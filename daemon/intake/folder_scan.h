#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace dinsd {

/// What the parent knows of one file without opening it.
struct FileStamp {
  std::string path;  // relative to the study, '/' between parts
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;

  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

/// Why an entry of a study was not looked at.
enum class SkipReason {
  kLink,
  kHardLink,    // a file with several names
  kSpecial,     // a device, pipe or socket
  kTooMany,     // beyond the limit of files
  kTooDeep,     // beyond the limit of folders in folders
  kUnreadable,  // its permissions keep us out: the study waits until somebody mends them
};

struct SkippedEntry {
  std::string path;  // as of a FileStamp; "." is the study's own folder
  SkipReason why = SkipReason::kLink;

  friend bool operator==(const SkippedEntry&, const SkippedEntry&) = default;
};

/// One study as it lies in a watched folder: a folder with everything below it, or a single image file FILE with its
/// clicks (FILE.prompts.json, FILE.mrk.json).
struct StudySnapshot {
  std::string name;                   // its entry in the watched folder
  std::vector<FileStamp> files;       // sorted by path, without hidden files
  bool has_manifest = false;          // a study.json, at its top or in a folder of it
  bool has_done_file = false;         // .done at its top, or FILE.done
  std::vector<SkippedEntry> skipped;  // named, never opened

  friend bool operator==(const StudySnapshot&, const StudySnapshot&) = default;
};

/// Limits on what one study may hold; what is beyond them is named as skipped, and the study is never read in part.
struct FolderScanLimits {
  std::size_t max_files = 100'000;
  int max_depth = 8;
};

struct WatchedContents {
  std::vector<StudySnapshot> studies;  // sorted by name
  std::vector<std::string> not_taken;  // links at its top, and image files there that are no plain ones
};

/// Every study of a watched folder: each folder that is not hidden, and each image file at the top (.nii, .nii.gz,
/// .nrrd, .mha) with its clicks. Nothing is opened but folders, no link is followed, and entries that vanish meanwhile
/// are left out. Throws std::system_error if `watched` cannot be opened.
[[nodiscard]] WatchedContents ScanWatchedFolder(const std::filesystem::path& watched,
                                                const FolderScanLimits& limits = {});

/// One study of a folder, by its name; nothing if it is not there, or is neither a folder nor an image file.
[[nodiscard]] std::optional<StudySnapshot> ScanStudy(const std::filesystem::path& root, const std::string& name,
                                                     const FolderScanLimits& limits = {});

}  // namespace dinsd
