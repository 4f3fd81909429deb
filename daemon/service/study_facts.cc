#include "daemon/service/study_facts.h"

#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>
#include <vector>

#include "daemon/messages/job_key.h"
#include "pipeline/prompt/proposal.h"
#include "pipeline/read/digest.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/report/method.h"

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

nlohmann::json ParseFile(const std::filesystem::path& folder, const char* file) {
  const std::vector<std::byte> bytes = ReadFileBytes(folder, file, kMostBytes);
  const auto* const text = reinterpret_cast<const char*>(bytes.data());
  return nlohmann::json::parse(text, text + bytes.size());
}

// By file, the digest that ImagesDigest goes by; empty where two files have one name, since names that are no UTF-8
// were made such.
std::map<std::string, std::string> InputsOf(const nlohmann::json& provenance) {
  std::map<std::string, std::string> inputs;
  for (const nlohmann::json& input : provenance.at("inputs")) {
    const std::string pixels = TextOr(input, "pixel_sha256");
    const std::string file = input.at("file").get<std::string>();
    const bool is_first = inputs.emplace(file, pixels.empty() ? TextOr(input, "sha256") : pixels).second;
    if (!is_first) return {};
  }
  return inputs;
}

}  // namespace

StudyFacts FactsOf(const std::string& salt, const StudyIdentity& identity, bool has_manifest) {
  return {has_manifest ? identity.patient : SaltedPatient(salt, identity.issuer, identity.patient), identity.study_date,
          Salted(salt, identity.study_uid)};
}

std::optional<StudyFacts> FactsOfResult(const std::string& salt, const std::filesystem::path& result) {
  try {
    const nlohmann::json study = ParseFile(result, "report.json").at("study");
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

std::optional<ResultFacts> ResultFactsOf(const std::string& salt, const std::filesystem::path& result) {
  const std::optional<StudyFacts> study = FactsOfResult(salt, result);
  if (!study) return std::nullopt;
  try {
    const nlohmann::json report = ParseFile(result, "report.json");
    const nlohmann::json provenance = ParseFile(result, "provenance.json");
    const std::string standing = report.at("state").get<std::string>();
    return ResultFacts{study->patient, study->study_date, standing == "final" ? "final" : "preliminary",
                       MethodDigest(provenance)};
  } catch (const InputError&) {
  } catch (const nlohmann::json::exception&) {
  }
  return std::nullopt;
}

std::optional<FollowedFacts> FollowedFactsOf(const std::filesystem::path& result) {
  try {
    const nlohmann::json report = ParseFile(result, "report.json");
    FollowedFacts facts;
    facts.is_preliminary = TextOr(report, "state") == "preliminary";
    facts.is_reviewed = report.contains("review");
    facts.clicks_digest = ProposalDigest(ReadFileBytes(result, "prompts.json", kMostBytes));
    if (!report.contains("follow_up")) return facts;
    report.at("follow_up").at("prior_job").get_to(facts.prior_job);
    report.at("follow_up").at("prior_revision").get_to(facts.prior_revision);
    facts.prior_method = TextOr(report.at("follow_up"), "prior_method");
    return facts;
  } catch (const InputError&) {
  } catch (const nlohmann::json::exception&) {
  }
  return std::nullopt;
}

std::string WeightsOfResult(const std::filesystem::path& result) {
  try {
    return TextOr(ParseFile(result, "provenance.json").at("weights"), "sha256");
  } catch (const InputError&) {
  } catch (const nlohmann::json::exception&) {
  }
  return {};
}

std::vector<std::string> ObjectsOfResult(const std::filesystem::path& result) {
  std::vector<std::string> objects;
  try {
    const nlohmann::json provenance = ParseFile(result, "provenance.json");
    if (provenance.contains("objects")) objects = provenance.at("objects").get<std::vector<std::string>>();
    if (!provenance.contains("imported")) return objects;
    for (const nlohmann::json& file : provenance.at("imported").at("files"))
      objects.push_back(TextOr(file, "sop_instance_uid"));
  } catch (const InputError&) {
  } catch (const nlohmann::json::exception&) {
  }
  return objects;
}

std::string ImagesOfResult(const std::filesystem::path& result) {
  try {
    const nlohmann::json provenance = ParseFile(result, "provenance.json");
    const std::map<std::string, std::string> inputs = InputsOf(provenance);
    const auto files = provenance.at("segmented_files").get<std::vector<std::string>>();
    const auto frames = provenance.value("segmented_frames", std::vector<std::vector<int>>(files.size()));
    std::vector<std::string> contents;
    for (std::size_t n = 0; n < files.size(); ++n) contents.push_back(ContentOf(inputs.at(files[n]), frames.at(n)));
    return ContentsDigest(std::move(contents));
  } catch (const InputError&) {
  } catch (const nlohmann::json::exception&) {
  } catch (const std::out_of_range&) {  // a file that is no input
  }
  return {};
}

bool IsSamePatient(const std::string& salt, const std::string& known, const StudyIdentity& identity) {
  const std::string salted = SaltedPatient(salt, identity.issuer, identity.patient);
  return known == identity.patient || known == salted || SaltedPatient(salt, identity.issuer, known) == salted;
}

}  // namespace dinsd
