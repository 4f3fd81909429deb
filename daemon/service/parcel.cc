#include "daemon/service/parcel.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "pipeline/read/file_bytes.h"
#include "pipeline/read/input_error.h"

namespace dinsd {
namespace {

using nlohmann::json;

constexpr std::uint64_t kMostBytes = std::uint64_t{64} << 20U;

const std::map<std::string, std::vector<std::string>> kFilesOfPart = {
    {"mask", {"mask.nii.gz"}}, {"report", {"report.html", "report.json", "lesions.csv"}}};

json JsonIn(const std::filesystem::path& folder, const char* name) {
  const std::vector<std::byte> bytes = ReadFileBytes(folder, name, kMostBytes);
  const auto* const text = reinterpret_cast<const char*>(bytes.data());
  return json::parse(text, text + bytes.size());
}

Parcel Withheld(std::string code, std::string sentence) {
  return {{}, std::move(code), std::move(sentence)};
}

bool IsTaken(const DestinationSettings& destination, const std::string& file) {
  return std::any_of(destination.takes.begin(), destination.takes.end(),
                     [&](const std::string& part) { return IsOfPart(file, part); });
}

Parcel Pack(const DestinationSettings& destination, const std::filesystem::path& result) {
  if (!destination.preliminary && JsonIn(result, "report.json").at("state") != "final")
    return Withheld("PRELIMINARY", "it is preliminary, and the destination takes final ones only");
  Parcel parcel;
  const json listed = JsonIn(result, "result.json");
  for (const auto& [name, facts] : listed.at("files").items()) {
    if (IsTaken(destination, name)) parcel.files.push_back({name, facts.at("sha256").get<std::string>()});
  }
  if (parcel.files.empty()) return Withheld("NOTHING_TO_SEND", "the result has nothing that the destination takes");
  return parcel;
}

}  // namespace

bool IsOfPart(const std::string& file, const std::string& part) {
  const auto listed = kFilesOfPart.find(part);
  if (listed != kFilesOfPart.end())
    return std::find(listed->second.begin(), listed->second.end(), file) != listed->second.end();
  const std::filesystem::path path(file);  // dicom/seg.dcm, dicom/seg-2.dcm
  if (path.parent_path() != "dicom" || path.extension() != ".dcm") return false;
  const std::string stem = path.stem();
  return stem == part || stem.starts_with(part + "-");
}

Parcel PackFor(const DestinationSettings& destination, const std::filesystem::path& result) {
  try {
    return Pack(destination, result);
  } catch (const json::exception&) {
  } catch (const InputError&) {
  }
  return Withheld("RESULT_AWAY", "its folder is no longer what was published in results_dir");
}

}  // namespace dinsd
