#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "pipeline/read/read_options.h"
#include "pipeline/read/study.h"

namespace dinsd {

inline constexpr char kManifestFile[] = "study.json";

/// Whether `file` is a study.json, at the top of the study or in a folder of it.
[[nodiscard]] bool IsManifestFile(const std::string& file);

/// One file that study.json lists.
struct ManifestFile {
  std::string name;  // relative to the study, whatever folder study.json lies in
  std::uint64_t size = 0;
  std::string sha256;
  std::string series_uid;
  std::string frame_of_reference_uid;
};

/// study.json, dinsd-study/1.
struct StudyManifest {
  std::string file;    // where it lies
  std::string folder;  // the same without its name: empty, or ends with '/'
  StudyIdentity identity;
  std::string sequence;  // lower case
  std::vector<ManifestFile> files;

  /// The entry of `file`, or null.
  [[nodiscard]] const ManifestFile* Find(const std::string& file) const;

  /// Whether the manifest lets `name` belong to the study: it lists it, or it lists none and the file lies below its
  /// folder. What lies elsewhere may be of another patient.
  [[nodiscard]] bool Admits(const std::string& name) const {
    return files.empty() ? name.starts_with(folder) : Find(name) != nullptr;
  }
};

/// Parses the study.json that lies at `file` below the study; the names in it are relative to its own folder. Throws
/// InputError MANIFEST_SCHEMA that names `file` and the JSON pointer, also for a name that could lead out of that
/// folder (absolute, or with an empty, `.` or `..` part), for a pseudonym that is blank or holds a control character
/// and for a date that FaultOfDay speaks against at `unix_now`; no value is repeated. Thread-safe.
[[nodiscard]] StudyManifest ParseStudyManifest(std::span<const std::byte> bytes, const std::string& file,
                                               std::int64_t unix_now);

/// Throws MANIFEST_INCOMPLETE that names the first listed file which is not below `root` with its size and digest.
/// `sha256_by_file` has the digests that are known already; the other files are read.
void CheckManifestFiles(const StudyManifest& manifest, const std::filesystem::path& root,
                        const std::map<std::string, std::string>& sha256_by_file, const ReadLimits& limits);

}  // namespace dinsd
