#include <algorithm>
#include <nlohmann/json.hpp>

#include "pipeline/read/input_error.h"
#include "pipeline/write/result_files.h"
#include "pipeline/write/result_folder.h"

// Apart from the writing: whoever only verifies links no report, picture or image format.

namespace dinsd {
namespace {

using nlohmann::json;

// A plain name, or one in the folder of DICOM objects, so that a result.json cannot point outside its folder.
bool IsPlainName(const std::string& name) {
  const std::string folder = std::string(kDicomFolder) + "/";
  const std::string plain = name.starts_with(folder) ? name.substr(folder.size()) : name;
  return !plain.empty() && plain.find('/') == std::string::npos && plain.front() != '.';
}

bool MatchesFolder(const json& result, const std::filesystem::path& folder, const std::string& job_key) {
  if (result.at("schema") != kResultSchema || result.at("jobKey") != job_key) return false;
  const json& files = result.at("files");
  const auto is_listed = [&](const char* name) { return files.contains(name); };
  if (!std::all_of(kResultFiles.begin(), kResultFiles.end(), is_listed)) return false;
  for (const auto& [name, facts] : files.items()) {
    if (!IsPlainName(name) || ResultDigest(folder, name) != facts.at("sha256").get<std::string>()) return false;
  }
  return true;
}

}  // namespace

std::string VerifyResultFolder(const std::filesystem::path& folder, const std::string& job_key) {
  try {
    const std::vector<std::byte> bytes = ReadFileBytes(folder, kResultFile, kMostResultBytes);
    const auto* text = reinterpret_cast<const char*>(bytes.data());
    if (MatchesFolder(json::parse(text, text + bytes.size()), folder, job_key)) return Sha256Hex(bytes);
  } catch (const json::exception&) {  // no result.json of ours
  } catch (const InputError&) {       // a file is missing
  }
  return {};
}

}  // namespace dinsd
