#include "pipeline/read/study_manifest.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <set>

#include "pipeline/read/date_time.h"
#include "pipeline/read/digest.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/read/input_error.h"
#include "pipeline/read/pseudonym.h"
#include "pipeline/read/strict_json.h"

namespace dinsd {

extern const std::string_view kStudySchemaText;

namespace {

using nlohmann::json;

const JsonKind& ManifestKind() {
  static const JsonSchema schema(kStudySchemaText);
  static const JsonKind kind = {.schema = schema,
                                .bad_schema = "MANIFEST_SCHEMA",
                                .not_finite = "MANIFEST_SCHEMA",
                                .verdict = InputVerdict::kRejected,
                                .shows_values = false};
  return kind;
}

std::optional<double> Number(const json& object, const char* name) {
  return object.contains(name) ? std::optional(object.at(name).get<double>()) : std::nullopt;
}

ManifestFile FileFrom(const json& object, const std::string& folder) {
  return {.name = folder + object.at("name").get_ref<const std::string&>(),
          .size = static_cast<std::uint64_t>(object.at("size").get<double>()),  // checked: below 2^53
          .sha256 = object.at("sha256"),
          .series_uid = object.value("seriesInstanceUID", ""),
          .frame_of_reference_uid = object.value("frameOfReferenceUID", "")};
}

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

// Parts divided by '/', none of which is empty, "." or "..": such a name stays below its folder, and is written in one
// way only.
bool IsPlainName(const std::string& name) {
  std::size_t begin = 0;
  for (std::size_t end = 0; end != std::string::npos; begin = end + 1) {
    end = name.find('/', begin);
    const std::string part = name.substr(begin, end == std::string::npos ? end : end - begin);
    if (part.empty() || part == "." || part == "..") return false;
  }
  return true;
}

[[noreturn]] void RefuseIncomplete(const std::string& file, const StudyManifest& manifest,
                                   const std::string& sentence) {
  throw InputError("MANIFEST_INCOMPLETE", file, manifest.file, sentence);
}

std::string DigestOf(const std::filesystem::path& root, const ManifestFile& file, const StudyManifest& manifest,
                     const ReadLimits& limits) {
  try {
    return Sha256Hex(ReadFileBytes(root, file.name, limits.max_file_bytes));
  } catch (const InputError& error) {
    if (error.code() != "VOLUME_UNREADABLE") throw;
    RefuseIncomplete(file.name, manifest, "is listed and cannot be read: " + error.sentence());
  }
}

// Studies of one blank are no patient's history.
void CheckPatient(const std::string& patient, const std::string& file) {
  const std::string fault = FaultOfPseudonym(patient);
  if (!fault.empty()) RefuseJson(ManifestKind(), file, "/patient", fault);
}

// Its place in time is what a later study is compared by.
void CheckDate(const json& document, const std::string& file, std::int64_t unix_now) {
  const std::string fault = FaultOfDay(*ParseDate(document.at("studyDate").get_ref<const std::string&>()), unix_now);
  if (!fault.empty()) RefuseJson(ManifestKind(), file, "/studyDate", fault);
}

// What is wrong with the name of the latest file.
std::string FaultOf(const json& entry, const ManifestFile& file, std::set<std::string>& names) {
  if (!IsPlainName(entry.at("name"))) return "is no plain name below the folder of study.json";
  return names.insert(file.name).second ? "" : "names a file that is listed before it";
}

}  // namespace

bool IsManifestFile(const std::string& file) {
  return file == kManifestFile || file.ends_with(std::string("/") + kManifestFile);
}

const ManifestFile* StudyManifest::Find(const std::string& file) const {
  const auto entry =
      std::find_if(files.begin(), files.end(), [&](const ManifestFile& listed) { return listed.name == file; });
  return entry == files.end() ? nullptr : &*entry;
}

StudyManifest ParseStudyManifest(std::span<const std::byte> bytes, const std::string& file, std::int64_t unix_now) {
  const json document = ParseStrictJson(bytes, file, ManifestKind());
  CheckDate(document, file, unix_now);
  CheckPatient(document.at("patient").get_ref<const std::string&>(), file);
  StudyManifest manifest{.file = file, .folder = file.substr(0, file.rfind('/') + 1)};
  manifest.identity = {.patient = document.at("patient"),
                       .study_uid = document.value("studyInstanceUID", ""),
                       .study_date = document.at("studyDate"),
                       .weight_kg = Number(document, "weightKg"),
                       .size_m = Number(document, "sizeM"),
                       .age_years = Number(document, "ageYears")};
  manifest.sequence = Lower(document.value("sequence", ""));
  std::set<std::string> names;
  for (const json& entry : document.at("files")) {
    manifest.files.push_back(FileFrom(entry, manifest.folder));
    const std::string fault = FaultOf(entry, manifest.files.back(), names);
    if (fault.empty()) continue;
    RefuseJson(ManifestKind(), file, "/files/" + std::to_string(manifest.files.size() - 1) + "/name", fault);
  }
  return manifest;
}

void CheckManifestFiles(const StudyManifest& manifest, const std::filesystem::path& root,
                        const std::map<std::string, std::string>& sha256_by_file, const ReadLimits& limits) {
  for (const ManifestFile& file : manifest.files) {
    const auto known = sha256_by_file.find(file.name);
    const std::string sha256 = known != sha256_by_file.end() ? known->second : DigestOf(root, file, manifest, limits);
    std::error_code error;
    const std::uint64_t size = std::filesystem::file_size(root / file.name, error);
    if (sha256 == file.sha256 && !error && size == file.size) continue;
    RefuseIncomplete(file.name, manifest,
                     size == file.size
                         ? "has another sha256 than is listed"
                         : "has " + std::to_string(size) + " bytes, " + std::to_string(file.size) + " are listed");
  }
}

}  // namespace dinsd
