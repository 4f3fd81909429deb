#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>

#include "pipeline/read/digest.h"
#include "pipeline/read/file_bytes.h"

namespace dinsd {

// What writing and verifying a result folder share.

inline constexpr const char* kResultSchema = "dinsd-result/1";
inline constexpr const char* kResultFile = "result.json";
inline constexpr std::array<const char*, 6> kResultFiles = {"mask.nii.gz", "report.html",  "report.json",
                                                            "lesions.csv", "prompts.json", "provenance.json"};
inline constexpr const char* kUnpromptedFile = "unprompted.nii.gz";  // not of an imported mask: no network looked
inline constexpr const char* kDicomFolder = "dicom";                 // of a result: its DICOM objects
inline constexpr std::uint64_t kMostResultBytes = std::numeric_limits<std::uint32_t>::max();

[[nodiscard]] inline std::string ResultDigest(const std::filesystem::path& folder, const std::string& name) {
  return Sha256Hex(ReadFileBytes(folder, name, kMostResultBytes));
}

}  // namespace dinsd
