#include "daemon/dins/history.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <tuple>

#include "daemon/publish/result_index.h"
#include "pipeline/followup/timepoint.h"

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
                   fs::is_directory(study) ? study : study.parent_path(), study.filename()});
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

}  // namespace

std::vector<PatientResults> PatientsIn(const fs::path& results, const std::vector<WatchSettings>& watches) {
  std::map<std::int64_t, std::vector<ResultOfJob>> jobs;
  for (ResultOfJob& result : AllResults(results)) jobs[result.job].push_back(std::move(result));
  std::map<std::tuple<std::string, std::string, std::string>, PatientResults> patients;
  for (const auto& [job, revisions] : jobs) {
    const auto newest = std::find_if(revisions.rbegin(), revisions.rend(),
                                     [](const ResultOfJob& result) { return fs::exists(result.result); });
    if (newest == revisions.rend()) continue;
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

std::vector<ResultOfJob> ResultsOfJobs(const fs::path& results, const std::vector<std::int64_t>& jobs) {
  const std::set<std::int64_t> wanted(jobs.begin(), jobs.end());
  std::set<std::int64_t> found;
  std::vector<ResultOfJob> of_jobs;
  for (const ResultOfJob& result : AllResults(results)) {
    if (!wanted.contains(result.job)) continue;
    found.insert(result.job);
    of_jobs.push_back(result);
  }
  for (const std::int64_t job : wanted) {
    if (!found.contains(job))
      throw std::runtime_error("--jobs: job " + std::to_string(job) + " has no result in '" + results.string() + "'");
  }
  return of_jobs;
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
