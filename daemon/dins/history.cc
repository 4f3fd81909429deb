#include "daemon/dins/history.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <stdexcept>
#include <tuple>

#include "daemon/dins/review.h"
#include "daemon/publish/result_index.h"
#include "pipeline/followup/timepoint.h"
#include "pipeline/prompt/proposal.h"

namespace dinsd {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::vector<ResultOfJob> AllResults(const fs::path& results) {
  if (!std::ifstream(results / "index.csv"))
    throw std::runtime_error("'" + (results / "index.csv").string() +
                             "' cannot be read: is that a daemon's results_dir?");
  std::vector<ResultOfJob> all;
  for (const IndexRow& row : ResultIndex(results / "index.csv").Rows()) {
    std::string name = "r";
    name.append(std::to_string(row.revision));
    const fs::path study = row.path;
    all.push_back({row.job, row.revision, results / std::to_string(row.job) / name,
                   fs::is_directory(study) ? study : study.parent_path(), study.filename(), row.study_date, ""});
  }
  return all;
}

std::string CircleOf(const fs::path& study, const std::vector<WatchSettings>& watches) {
  const fs::path folder = fs::weakly_canonical(study).parent_path();
  const auto watch = std::find_if(watches.begin(), watches.end(), [&](const WatchSettings& known) {
    return fs::weakly_canonical(known.path) == folder;
  });
  return watch == watches.end() ? folder.string() : watch->Patients();
}

// Patient and issuer as a report names them; both empty where it names nobody or is none.
std::pair<std::string, std::string> NamedBy(const ResultOfJob& result) {
  try {
    const json study = ReadResultJson(result.result, "report.json").at("study");
    const auto text = [&](const char* key) {
      return study.contains(key) && study.at(key).is_string() ? study.at(key).get<std::string>() : std::string();
    };
    return {text("patient"), text("issuer")};
  } catch (const InputError&) {
  } catch (const json::exception&) {
  }
  return {};
}

// A lone file lies in the watched folder itself.
fs::path StudyOf(const ResultOfJob& result) {
  return result.images.filename() == result.name ? result.images : result.images / result.name;
}

// Who said so, where a person rejected every click that a preliminary result was made from.
std::string RejectionOf(const ResultOfJob& result) {
  try {
    const OpenReview review{result.job,    result.revision, result.name,
                            result.images, result.result,   ReadResultJson(result.result, "report.json")};
    if (review.report.value("state", "") != "preliminary") return "";
    const std::optional<Prompts> answer = AnswerBeside(review);
    if (!answer || !IsRejection(*answer)) return "";
    const PromptProvenance& by = answer->provenance;
    std::string words = by.operator_pseudonym.empty() ? "a person" : by.operator_pseudonym;
    words.append(" rejected every proposed click");
    if (!by.created.empty()) words.append(" on ").append(by.created.substr(0, 10));
    if (!by.remark.empty()) words.append(": ").append(by.remark);
    return words;
  } catch (const InputError&) {
  } catch (const json::exception&) {
  } catch (const fs::filesystem_error&) {
  }
  return "";
}

// The newest result of a job that is there; nullptr where none is. `revisions` ascending.
ResultOfJob* NewestOf(std::vector<ResultOfJob>& revisions) {
  const auto newest = std::find_if(revisions.rbegin(), revisions.rend(),
                                   [](const ResultOfJob& result) { return fs::exists(result.result); });
  return newest == revisions.rend() ? nullptr : &*newest;
}

std::map<std::int64_t, std::vector<ResultOfJob>> ByJob(const fs::path& results) {
  std::map<std::int64_t, std::vector<ResultOfJob>> jobs;
  for (ResultOfJob& result : AllResults(results)) jobs[result.job].push_back(std::move(result));
  return jobs;
}

// Patient, issuer and circle.
using PatientKey = std::tuple<std::string, std::string, std::string>;

// A result that names nobody is refused where it is read.
void CheckOneCircle(std::int64_t job, const PatientKey& key,
                    std::optional<std::pair<std::int64_t, PatientKey>>& first) {
  if (std::get<0>(key).empty()) return;
  if (!first) first.emplace(job, key);
  if (first->second == key) return;
  const bool is_other_name = std::get<0>(first->second) != std::get<0>(key);
  const bool is_other_issuer = std::get<1>(first->second) != std::get<1>(key);
  const char* what = is_other_name     ? "name"
                     : is_other_issuer ? "issuer"
                                       : "watched folders (--config says which share)";
  throw InputError("OTHER_PATIENT", "job " + std::to_string(job), "patient",
                   "it is of another patient than job " + std::to_string(first->first) + ", by " + what +
                       ": nothing of two patients is set side by side",
                   InputVerdict::kQuarantined);
}

}  // namespace

std::vector<PatientResults> PatientsIn(const fs::path& results, const std::vector<WatchSettings>& watches) {
  std::map<PatientKey, PatientResults> patients;
  for (auto& [job, revisions] : ByJob(results)) {
    ResultOfJob* newest = NewestOf(revisions);
    if (newest == nullptr) continue;
    newest->withdrawn = RejectionOf(*newest);
    const auto [patient, issuer] = NamedBy(*newest);
    if (patient.empty()) continue;
    const std::string circle = CircleOf(StudyOf(*newest), watches);
    PatientResults& of = patients[{patient, issuer, circle}];
    of.patient = patient;
    of.issuer = issuer;
    of.circle = circle;
    of.results.insert(of.results.end(), revisions.begin(), revisions.end());
  }
  std::vector<PatientResults> all;
  all.reserve(patients.size());
  for (auto& [key, of] : patients) all.push_back(std::move(of));
  return all;
}

std::vector<ResultOfJob> ResultsOfJobs(const fs::path& results, const std::vector<std::int64_t>& jobs,
                                       const std::vector<WatchSettings>& watches) {
  std::map<std::int64_t, std::vector<ResultOfJob>> known = ByJob(results);
  std::optional<std::pair<std::int64_t, PatientKey>> first;
  std::vector<ResultOfJob> of_jobs;
  for (const std::int64_t job : std::set<std::int64_t>(jobs.begin(), jobs.end())) {
    const auto found = known.find(job);
    if (found == known.end())
      throw std::runtime_error("--jobs: job " + std::to_string(job) + " has no result in '" + results.string() + "'");
    if (ResultOfJob* newest = NewestOf(found->second)) {
      newest->withdrawn = RejectionOf(*newest);
      const auto [patient, issuer] = NamedBy(*newest);
      CheckOneCircle(job, {patient, issuer, CircleOf(StudyOf(*newest), watches)}, first);
    }
    of_jobs.insert(of_jobs.end(), found->second.begin(), found->second.end());
  }
  return of_jobs;
}

void CheckWhose(const std::vector<PatientResults>& patients, const std::vector<std::int64_t>& jobs,
                const std::string& patient, const std::string& issuer, const std::string& circle) {
  const std::set<std::int64_t> wanted(jobs.begin(), jobs.end());
  for (const PatientResults& known : patients) {
    for (const ResultOfJob& result : known.results) {
      if (!wanted.contains(result.job)) continue;
      const auto check = [&](const char* option, const std::string& asked, const std::string& own) {
        if (asked.empty() || asked == own) return;
        throw InputError("OTHER_PATIENT", "job " + std::to_string(result.job), option,
                         "it is of another patient than this option says: nothing of two patients is mixed up",
                         InputVerdict::kQuarantined);
      };
      check("--patient", patient, known.patient);
      check("--issuer", issuer, known.issuer);
      check("--patients", circle, known.circle);
    }
  }
}

std::vector<LeftOutResult> OtherJobsOf(const std::vector<PatientResults>& patients,
                                       const std::vector<std::int64_t>& jobs, const std::string& reason) {
  const std::set<std::int64_t> wanted(jobs.begin(), jobs.end());
  const auto is_wanted = [&](const ResultOfJob& result) { return wanted.contains(result.job); };
  std::map<std::int64_t, LeftOutResult> others;
  for (const PatientResults& patient : patients) {
    if (std::none_of(patient.results.begin(), patient.results.end(), is_wanted)) continue;
    for (const ResultOfJob& result : patient.results) {
      if (!is_wanted(result) && fs::exists(result.result))
        others[result.job] = {result.job, result.revision, result.study_date, reason};
    }
  }
  std::vector<LeftOutResult> all;
  all.reserve(others.size());
  for (const auto& [job, other] : others) all.push_back(other);
  return all;
}

PatientResults FindPatient(const std::vector<PatientResults>& patients, const std::string& patient,
                           const std::string& issuer, const std::string& circle) {
  std::vector<const PatientResults*> found;
  for (const PatientResults& known : patients) {
    if (known.patient == patient && (issuer.empty() || known.issuer == issuer) &&
        (circle.empty() || known.circle == circle))
      found.push_back(&known);
  }
  if (found.empty()) throw std::runtime_error("--patient: no result is of such a patient");
  if (found.size() == 1) return *found.front();
  std::string words = "--patient: more than one patient has that name, and whose results are meant is not guessed:";
  for (const PatientResults* known : found) {
    words.append("\n  issuer '").append(known->issuer).append("', patients '").append(known->circle).append("'");
  }
  throw std::runtime_error(
      words.append("\ngive --issuer or --patients; --config says which watched folders share their patients"));
}

}  // namespace dinsd
