#include "storage/history.h"

namespace dinsd {
namespace {

std::vector<Timepoint> TimepointsOf(Statement& rows) {
  std::vector<Timepoint> timepoints;
  while (rows.Step()) {
    timepoints.push_back({JobId{rows.Integer(0)},
                          rows.Integer(1),
                          rows.Text(2),
                          rows.Text(3),
                          {rows.Text(4), rows.Text(5), rows.Text(6), rows.Text(7)}});
  }
  return timepoints;
}

}  // namespace

std::vector<PublishedResult> History::WithoutFacts() {
  std::vector<PublishedResult> results;
  Statement rows = database_.Prepare(
      "SELECT job, revision, key, digest, published_at, images FROM result WHERE patient IS NULL ORDER BY job, "
      "revision");
  while (rows.Step()) {
    results.push_back({JobId{rows.Integer(0)}, rows.Integer(1), rows.Text(2), rows.Text(3),
                       WallTime(std::chrono::milliseconds(rows.Integer(4))), rows.OptionalText(5)});
  }
  return results;
}

void History::Note(JobId job, std::int64_t revision, const ResultFacts& facts) {
  Transaction transaction(database_);
  database_.Run(
      "UPDATE result SET patient = ?, study_date = ?, standing = ?, method = ? WHERE job = ? AND revision = ?",
      facts.patient, facts.study_date, facts.standing, facts.method, job, revision);
  transaction.Commit();
}

std::vector<Timepoint> History::Of(const std::string& patient) {
  if (patient.empty()) return {};
  Statement rows = database_.Prepare(
      "SELECT result.job, result.revision, job.source, result.digest, result.patient, result.study_date,"
      " result.standing, result.method FROM result JOIN job ON job.id = result.job"
      " WHERE result.patient = ? AND job.state <> 'quarantined'"
      " ORDER BY result.study_date, result.job, result.revision");
  rows.Bind(patient);
  return TimepointsOf(rows);
}

std::vector<Timepoint> History::OfDoneJobs() {
  Statement rows = database_.Prepare(
      "SELECT result.job, result.revision, job.source, result.digest, result.patient, result.study_date,"
      " result.standing, result.method FROM result JOIN job ON job.id = result.job AND job.revision = result.revision"
      " WHERE job.state = 'done' AND result.patient IS NOT NULL ORDER BY result.job");
  return TimepointsOf(rows);
}

std::vector<std::string> History::Patients() {
  std::vector<std::string> patients;
  Statement rows = database_.Prepare("SELECT DISTINCT patient FROM result WHERE patient <> ''");
  while (rows.Step()) patients.push_back(rows.Text(0));
  return patients;
}

std::vector<JobId> History::WithoutVerifiedClicks(const std::string& patient) {
  std::vector<JobId> jobs;
  if (patient.empty()) return jobs;
  Statement rows = database_.Prepare(
      "SELECT id FROM job WHERE patient = ?1 AND (state = 'needs_prompts' OR (state = 'done' AND EXISTS (SELECT 1"
      " FROM result WHERE result.job = job.id AND result.revision = job.revision AND standing = 'preliminary')))"
      " ORDER BY study_date, id");
  rows.Bind(patient);
  while (rows.Step()) jobs.push_back(JobId{rows.Integer(0)});
  return jobs;
}

}  // namespace dinsd
