#include "daemon/intake/fingerprint.h"

#include <nlohmann/json.hpp>
#include <span>
#include <sstream>

#include "pipeline/read/digest.h"

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

}  // namespace

std::string FingerprintOf(const StudySnapshot& study) {
  std::ostringstream text;
  for (const FileStamp& file : study.files) {
    text << file.path << '\0' << file.device << ' ' << file.inode << ' ' << file.size << ' ' << file.mtime_ns << '\n';
  }
  for (const std::string& path : study.skipped) text << path << " skipped\n";
  const std::string bytes = text.str();
  return Sha256Hex(std::as_bytes(std::span(bytes)));
}

std::string UnsafeEntry(const StudySnapshot& study) {
  if (!study.skipped.empty()) {
    return std::to_string(study.skipped.size()) +
           " entries are links, devices, pipes or files with several names, or are beyond the limits of a study";
  }
  if (!IsUtf8(study.name)) return "the study's name is no UTF-8";
  for (std::size_t i = 0; i < study.files.size(); ++i) {
    if (!IsUtf8(study.files[i].path)) return "the name of file " + std::to_string(i + 1) + " is no UTF-8";
  }
  return {};
}

}  // namespace dinsd
