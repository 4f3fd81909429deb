#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "storage/database.h"
#include "storage/job_records.h"

namespace dinsd {

/// What a published result says of itself. Empty = it does not tell.
struct ResultFacts {
  std::string patient;     // as in StudyFacts
  std::string study_date;  // YYYY-MM-DD
  std::string standing;    // "final", or "preliminary": it used a click that nobody verified
  std::string method;      // a word for weights, options and program: volumes of another one are not compared
};

/// One result of a patient. A job is a study, its revisions are measurements of it.
struct Timepoint {
  JobId job{};
  std::int64_t revision = 0;
  std::string source;  // of the job: the watched folder
  std::string digest;  // of the result's result.json
  ResultFacts facts;
};

/// Which results of which patient there are, as it survives crashes: what the prior of a study is chosen from. It reads
/// and writes the rows that JobQueue makes when a result is published.
///
/// Threads: one, that of the Database. Every call may throw StorageError and then has changed nothing.
class History {
 public:
  /// `database` must outlive it.
  explicit History(Database& database) : database_(database) {}

  /// The results, by job and revision, of which nobody has noted yet what they say of themselves.
  [[nodiscard]] std::vector<PublishedResult> WithoutFacts();

  /// Notes that; a result that the queue does not have is passed over.
  void Note(JobId job, std::int64_t revision, const ResultFacts& facts);

  /// All results of a patient, by study date, job and revision; none for an empty word. Those of jobs that are
  /// quarantined are left out: a person has not said yet whose they are.
  [[nodiscard]] std::vector<Timepoint> Of(const std::string& patient);

  /// The newest result of each job that is done, by job; those of which nobody has noted what they say are left out.
  [[nodiscard]] std::vector<Timepoint> OfDoneJobs();

  /// Every patient of whom there is a result, in no order.
  [[nodiscard]] std::vector<std::string> Patients();

  /// The jobs of a patient that wait for clicks, or whose newest result used clicks that nobody verified.
  [[nodiscard]] std::vector<JobId> WithoutVerifiedClicks(const std::string& patient);

 private:
  Database& database_;
};

}  // namespace dinsd
