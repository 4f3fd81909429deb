#include "pipeline/longitudinal/patient_history.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

namespace dinsd {
namespace {

using ByRevision = std::map<std::int64_t, ResultOfJob>;

std::string StandingOf(const ResultOfJob& result) {
  if (!std::filesystem::exists(result.result)) return "not there";
  try {
    return ReadResultJson(result.result, "report.json").value("state", "") == "final" ? "final" : "preliminary";
  } catch (const InputError&) {
  } catch (const nlohmann::json::exception&) {
  }
  return "not readable";
}

// The newest revision that is there; the others are named.
void TakeNewest(const ByRevision& revisions, PatientHistory& history) {
  const auto newest = std::find_if(revisions.rbegin(), revisions.rend(), [](const auto& revision) {
    return std::filesystem::exists(revision.second.result);
  });
  if (newest == revisions.rend()) {
    const ResultOfJob& last = revisions.rbegin()->second;
    history.left_out.push_back({last.job, last.revision, last.study_date, "its result folder is not there any more"});
    return;
  }
  const ResultOfJob& result = newest->second;
  if (!result.withdrawn.empty()) {
    history.left_out.push_back({result.job, result.revision, result.study_date, "withdrawn: " + result.withdrawn});
    return;
  }
  try {
    PatientTimepoint timepoint = ReadPatientTimepoint({result.result, "", result.images, result.name});
    timepoint.job = result.job;
    timepoint.revision = result.revision;
    for (const auto& [revision, other] : revisions) {
      if (revision != result.revision) timepoint.superseded.push_back({revision, StandingOf(other)});
    }
    history.timepoints.push_back(std::move(timepoint));
  } catch (const InputError& error) {
    history.left_out.push_back(
        {result.job, result.revision, result.study_date, error.file() + ": " + error.sentence()});
  }
}

void CheckOnePatient(PatientHistory& history) {
  for (const PatientTimepoint& timepoint : history.timepoints) {
    const PatientTimepoint& first = history.timepoints.front();
    const bool is_same = timepoint.patient == first.patient && timepoint.issuer == first.issuer;
    if (!timepoint.patient.empty() && is_same) continue;
    throw InputError("OTHER_PATIENT", "job " + std::to_string(timepoint.job), "patient",
                     timepoint.patient.empty() ? "the result names no patient"
                                               : "its result names another patient, or another issuer, than job " +
                                                     std::to_string(first.job) + "'s",
                     InputVerdict::kQuarantined);
  }
  if (history.timepoints.empty()) return;
  history.patient = history.timepoints.front().patient;
  history.issuer = history.timepoints.front().issuer;
}

void LeaveOut(const PatientTimepoint& timepoint, const std::string& reason, PatientHistory& history) {
  history.left_out.push_back({timepoint.job, timepoint.revision, timepoint.study_date, reason});
}

// Neither what has no date, nor two results of one.
void LeaveOutUnclear(PatientHistory& history) {
  std::map<std::string, std::vector<PatientTimepoint>> by_date;
  for (PatientTimepoint& timepoint : history.timepoints) by_date[timepoint.study_date].push_back(std::move(timepoint));
  history.timepoints.clear();
  for (auto& [date, timepoints] : by_date) {
    if (date.empty() || timepoints.size() > 1) {
      for (const PatientTimepoint& timepoint : timepoints)
        LeaveOut(timepoint,
                 date.empty() ? "the study has no date"
                              : "another job has a result of the same date, and which of them counts is not guessed",
                 history);
      continue;
    }
    history.timepoints.push_back(std::move(timepoints.front()));
  }
}

}  // namespace

PatientHistory ReadPatientHistory(const std::vector<ResultOfJob>& results) {
  std::map<std::int64_t, ByRevision> jobs;
  for (const ResultOfJob& result : results) jobs[result.job].emplace(result.revision, result);
  PatientHistory history;
  for (const auto& [job, revisions] : jobs) TakeNewest(revisions, history);
  CheckOnePatient(history);
  LeaveOutUnclear(history);
  std::stable_sort(history.left_out.begin(), history.left_out.end(),
                   [](const LeftOutResult& a, const LeftOutResult& b) { return a.job < b.job; });
  return history;
}

}  // namespace dinsd
