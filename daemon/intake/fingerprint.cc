#include "daemon/intake/fingerprint.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>
#include <sstream>

#include "pipeline/read/digest.h"
#include "pipeline/read/json_schema.h"

namespace dinsd {
namespace {

bool IsUtf8(const std::string& text) {
  try {
    (void)nlohmann::json(text).dump();
    return true;
  } catch (const nlohmann::json::type_error&) {
    return false;
  }
}

std::string WordsOf(const SkippedEntry& entry, const FolderScanLimits& limits) {
  const std::string name = QuotedForMessage(entry.path);
  switch (entry.why) {
    case SkipReason::kLink:
      return name + " is a symbolic link";
    case SkipReason::kHardLink:
      return name + " is a file with several names (hard links)";
    case SkipReason::kSpecial:
      return name + " is a device, pipe or socket";
    case SkipReason::kTooMany:
      return name + " and what follows it is beyond the " + std::to_string(limits.max_files) + " files of a study";
    case SkipReason::kTooDeep:
      return name + " lies deeper than the " + std::to_string(limits.max_depth) + " folders in folders of a study";
    case SkipReason::kUnreadable:
      break;
  }
  return name + " may not be read";
}

Problem Unsafe(const std::string& name, const std::string& why) {
  return {"UNSAFE_FILE", "", "", why + ": " + QuotedForMessage(name)};
}

}  // namespace

std::string FingerprintOf(const StudySnapshot& study) {
  std::ostringstream text;
  for (const FileStamp& file : study.files) {
    text << file.path << '\0' << file.device << ' ' << file.inode << ' ' << file.size << ' ' << file.mtime_ns << '\n';
  }
  for (const SkippedEntry& entry : study.skipped)
    text << entry.path << " skipped " << static_cast<int>(entry.why) << '\n';
  const std::string bytes = text.str();
  return Sha256Hex(std::as_bytes(std::span(bytes)));
}

std::optional<Problem> UnsafeEntry(const StudySnapshot& study, const FolderScanLimits& limits) {
  const auto is_unsafe = [](const SkippedEntry& entry) { return entry.why != SkipReason::kUnreadable; };
  const auto first = std::find_if(study.skipped.begin(), study.skipped.end(), is_unsafe);
  if (first != study.skipped.end()) {
    const auto count = std::count_if(study.skipped.begin(), study.skipped.end(), is_unsafe);
    const std::string more = count > 1 ? "; " + std::to_string(count - 1) + " more entries cannot be taken" : "";
    const bool is_limit = first->why == SkipReason::kTooMany || first->why == SkipReason::kTooDeep;
    return Problem{is_limit ? "LIMIT_EXCEEDED" : "UNSAFE_FILE", "", "", WordsOf(*first, limits) + more};
  }
  if (!IsUtf8(study.name)) return Unsafe(study.name, "the name of the study is no UTF-8");
  for (const FileStamp& file : study.files) {
    if (!IsUtf8(file.path)) return Unsafe(file.path, "the name of this file is no UTF-8");
  }
  return std::nullopt;
}

}  // namespace dinsd
