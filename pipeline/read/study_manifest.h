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

/// One file that study.json lists.
struct ManifestFile {
  std::string name;  // relative to the study
  std::uint64_t size = 0;
  std::string sha256;
  std::string series_uid;
  std::string frame_of_reference_uid;
};

/// study.json, dinsd-study/1.
struct StudyManifest {
  StudyIdentity identity;
  std::string sequence;  // lower case
  std::vector<ManifestFile> files;

  /// The entry of `file`, or null.
  [[nodiscard]] const ManifestFile* Find(const std::string& file) const;

  /// Whether the manifest lets `file` belong to the study: it lists it, or it lists none.
  [[nodiscard]] bool Admits(const std::string& file) const { return files.empty() || Find(file) != nullptr; }
};

/// Throws InputError MANIFEST_SCHEMA that names `file` and the JSON pointer; no value is repeated. Thread-safe.
[[nodiscard]] StudyManifest ParseStudyManifest(std::span<const std::byte> bytes, const std::string& file);

/// Throws MANIFEST_INCOMPLETE that names the first listed file which is not below `root` with its size and digest.
/// `sha256_by_file` has the digests that are known already; the other files are read.
void CheckManifestFiles(const StudyManifest& manifest, const std::filesystem::path& root,
                        const std::map<std::string, std::string>& sha256_by_file, const ReadLimits& limits);

}  // namespace dinsd
