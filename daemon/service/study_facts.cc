#include "daemon/service/study_facts.h"

#include <nlohmann/json.hpp>
#include <span>
#include <vector>

#include "pipeline/read/digest.h"
#include "pipeline/read/file_bytes.h"

namespace dinsd {
namespace {

constexpr std::uint64_t kMostBytes = 64U << 20U;

std::string Salted(const std::string& salt, const std::string& text) {
  if (text.empty()) return {};
  const std::string bytes = salt + text;
  return Sha256Hex(std::as_bytes(std::span(bytes))).substr(0, 16);
}

std::string SaltedPatient(const std::string& salt, const std::string& issuer, const std::string& patient) {
  return patient.empty() ? "" : Salted(salt, issuer + "\n" + patient);
}

std::string TextOr(const nlohmann::json& json, const char* key) {
  return json.contains(key) && json.at(key).is_string() ? json.at(key).get<std::string>() : std::string();
}

}  // namespace

StudyFacts FactsOf(const std::string& salt, const StudyIdentity& identity, bool has_manifest) {
  return {has_manifest ? identity.patient : SaltedPatient(salt, identity.issuer, identity.patient), identity.study_date,
          Salted(salt, identity.study_uid)};
}

std::optional<StudyFacts> FactsOfResult(const std::string& salt, const std::filesystem::path& result) {
  try {
    const std::vector<std::byte> bytes = ReadFileBytes(result, "report.json", kMostBytes);
    const auto* const text = reinterpret_cast<const char*>(bytes.data());
    const nlohmann::json study = nlohmann::json::parse(text, text + bytes.size()).at("study");
    StudyIdentity identity;
    identity.patient = TextOr(study, "patient");
    identity.issuer = TextOr(study, "issuer");
    identity.study_uid = TextOr(study, "study_uid");
    identity.study_date = TextOr(study, "study_date");
    return FactsOf(salt, identity, study.at("has_manifest").get<bool>());
  } catch (const InputError&) {
  } catch (const nlohmann::json::exception&) {
  }
  return std::nullopt;
}

bool IsSamePatient(const std::string& salt, const std::string& known, const StudyIdentity& identity) {
  const std::string salted = SaltedPatient(salt, identity.issuer, identity.patient);
  return known == identity.patient || known == salted || SaltedPatient(salt, identity.issuer, known) == salted;
}

}  // namespace dinsd
