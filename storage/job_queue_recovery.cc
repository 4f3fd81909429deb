#include "storage/job_codes.h"
#include "storage/job_queue.h"

// After a crash: leases whose holder is gone, clocks that were set, databases that were lost.

namespace dinsd {
namespace {

// A wall clock that drifts less than this between two rounds is being slewed, not set.
constexpr std::chrono::seconds kClockStep{5};

}  // namespace

void JobQueue::TakeBack(const Job& job, TakenBack& result) {
  Job after = job;
  after.token.reset();
  ++after.lost_count;
  if (after.lost_count >= options_.lost_budget) {
    after.state = JobState::kQuarantined;
    after.reason = {std::string(kServiceLostCode), "", "",
                    "the service ended " + std::to_string(after.lost_count) + " times while it worked on this study"};
    Write(job, after, kDaemon, after.reason.sentence);
    result.quarantined.push_back(job.id);
    return;
  }
  if (job.state == JobState::kPublishing) {
    GiveLease(after);
    Write(job, after, kDaemon, "its publisher is gone");
    result.publishing.push_back({LeaseOf(after), after, WorkOrderOf(after.id)});
    return;
  }
  // The first time it goes on at once; one that is hit again lets the others go first.
  const bool waits = after.lost_count > 1;
  if (waits) after.run_at = BackOff(options_.backoff, after.lost_count);
  if (job.state == JobState::kRunning) after.state = waits ? JobState::kRetryable : JobState::kAvailable;
  Write(job, after, kDaemon, "its holder is gone");
  result.again.push_back(job.id);
}

JobQueue::TakenBack JobQueue::TakeBackOwnLeases() {
  TakenBack result;
  Transaction transaction(database_);
  for (const Job& job : jobs_.Select("token IS NOT NULL AND owner_machine = ? ORDER BY lease_until", self_.machine)) {
    if (job.owner != self_) TakeBack(job, result);
  }
  transaction.Commit();
  return result;
}

bool JobQueue::FollowClocks() {
  const WallTime wall = Now();
  const std::chrono::milliseconds boot = clock_.SinceBoot();
  last_clock_step_ = {};
  bool is_late = false;
  if (last_wall_) {
    const std::chrono::milliseconds passed = boot - last_boot_;
    const std::chrono::milliseconds step = (wall - *last_wall_) - passed;
    is_late = passed > options_.lease;
    if (std::chrono::abs(step) >= kClockStep) last_clock_step_ = step;
  }
  last_wall_ = wall;
  last_boot_ = boot;
  return !is_late;
}

JobQueue::TakenBack JobQueue::ExpireLeases() {
  TakenBack result;
  const bool is_in_time = FollowClocks();
  Transaction transaction(database_);
  if (last_clock_step_.count() != 0) {
    const std::int64_t step = last_clock_step_.count();
    database_.Run("UPDATE job SET lease_until = lease_until + ? WHERE token IS NOT NULL", step);
    database_.Run("UPDATE job SET run_at = run_at + ? WHERE state IN ('retryable', 'snoozed')", step);
    database_.Run("UPDATE job SET run_at = run_at + ? WHERE state = 'settling' AND run_at > 0", step);
  }
  if (is_in_time) {
    for (const Job& job : jobs_.Select("token IS NOT NULL AND lease_until < ? ORDER BY lease_until", Now()))
      TakeBack(job, result);
  }
  transaction.Commit();
  return result;
}

bool JobQueue::IsRestorable(const StudySighting& sighting, const PublishedResult& result) {
  const std::optional<Job> by_id = jobs_.Load(result.job);
  const std::optional<Job> by_study = FindStudy(sighting.source, sighting.entry);
  if (by_id || by_study) {
    if (!by_id || !by_study || by_id->id != by_study->id || by_id->state != JobState::kDone) return false;
  }
  return !database_.Number("SELECT 1 FROM result WHERE job = ? AND revision = ?", result.job, result.revision) &&
         !database_.Number("SELECT 1 FROM job WHERE key = ? AND id <> ? AND state NOT IN ('cancelled', 'rejected')",
                           result.key, result.job);
}

bool JobQueue::Restore(const StudySighting& sighting, const PublishedResult& result, const StudyFacts& facts) {
  Transaction transaction(database_);
  if (!IsRestorable(sighting, result)) return false;
  const std::optional<Job> known = jobs_.Load(result.job);
  if (!known || known->revision < result.revision) {
    Job job = known.value_or(NewJob(sighting));
    job.id = result.job;
    job.fingerprint.clear();
    job.state = JobState::kDone;
    job.key = result.key;
    job.revision = result.revision;
    job.facts = facts;
    job.result_digest = result.digest;
    if (known) {
      jobs_.Update(*known, job);
    } else {
      jobs_.Insert(job);
    }
  }
  database_.Run("INSERT INTO result (job, revision, key, digest, published_at) VALUES (?, ?, ?, ?, ?)", result.job,
                result.revision, result.key, result.digest, result.published_at);
  jobs_.AddJournal(result.job, Now(), kDaemon, Word(JobState::kDone),
                   "revision " + std::to_string(result.revision) + " found in the results folder");
  transaction.Commit();
  return true;
}

std::vector<PublishedResult> JobQueue::ResultsWithoutImages() {
  std::vector<PublishedResult> results;
  Statement rows = database_.Prepare(
      "SELECT job, revision, key, digest, published_at FROM result WHERE images IS NULL ORDER BY job, revision");
  while (rows.Step()) {
    results.push_back({JobId{rows.Integer(0)}, rows.Integer(1), rows.Text(2), rows.Text(3),
                       WallTime(std::chrono::milliseconds(rows.Integer(4))), std::nullopt});
  }
  return results;
}

void JobQueue::NoteImages(const std::vector<PublishedResult>& results) {
  Transaction transaction(database_);
  for (const PublishedResult& result : results) {
    database_.Run("UPDATE result SET images = ? WHERE job = ? AND revision = ?", result.images, result.job,
                  result.revision);
  }
  transaction.Commit();
}

// SQLite keeps the largest number that AUTOINCREMENT gave in its own table, which may be written to.
JobId JobQueue::LastNumber() {
  return JobId{database_.Number("SELECT seq FROM sqlite_sequence WHERE name = 'job'").value_or(0)};
}

void JobQueue::NumberAbove(JobId last) {
  Transaction transaction(database_);
  if (LastNumber() < last) {
    database_.Run("DELETE FROM sqlite_sequence WHERE name = 'job'");
    database_.Run("INSERT INTO sqlite_sequence (name, seq) VALUES ('job', ?)", last);
  }
  transaction.Commit();
}

}  // namespace dinsd
