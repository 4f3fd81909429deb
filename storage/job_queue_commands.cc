#include "storage/job_codes.h"
#include "storage/job_queue.h"

// What a person may ask for. Each is in the journal with who asked.

namespace dinsd {
namespace {

bool MayBeRetried(JobState state) {
  switch (state) {
    case JobState::kReceived:
    case JobState::kRunning:
    case JobState::kPublishing:
    case JobState::kHeld:
      return false;
    default:
      return true;
  }
}

}  // namespace

template <typename Change>
JobQueue::Answer JobQueue::Command(JobId id, const std::string& who, const std::string& reason, Change change) {
  Transaction transaction(database_);
  const std::optional<Job> job = jobs_.Load(id);
  if (!job) return {Answer::What::kNoSuchJob, JobState::kReceived};
  Job after = *job;
  if (!change(after)) return {Answer::What::kNotAllowed, job->state};
  Write(*job, after, who, reason);
  if (after.state == JobState::kCancelled) ReleaseDuplicates(id);
  transaction.Commit();
  return {Answer::What::kDone, after.state};
}

JobQueue::Answer JobQueue::Hold(JobId id, const std::string& who, const std::string& reason) {
  return Command(id, who, reason, [](Job& job) {
    if (!IsAllowed(job.state, JobState::kHeld)) return false;
    job.state = JobState::kHeld;
    return true;
  });
}

JobQueue::Answer JobQueue::Release(JobId id, const std::string& who, const std::string& reason) {
  return Command(id, who, reason, [](Job& job) {
    if (job.state != JobState::kHeld) return false;
    Settle(job);
    return true;
  });
}

JobQueue::Answer JobQueue::Cancel(JobId id, const std::string& who, const std::string& reason) {
  return Command(id, who, reason, [&](Job& job) {
    if (!IsAllowed(job.state, JobState::kCancelled)) return false;
    job.state = JobState::kCancelled;
    job.reason = {std::string(kCancelledCode), "", "", reason};
    return true;
  });
}

JobQueue::Answer JobQueue::Retry(JobId id, const std::string& who, const std::string& reason) {
  return Command(id, who, reason, [](Job& job) {
    if (!MayBeRetried(job.state)) return false;
    if (job.result_digest) ++job.revision;
    job.result_digest.reset();
    job.error_count = job.crash_count = job.lost_count = 0;
    Settle(job);
    return true;
  });
}

JobQueue::Answer JobQueue::Snooze(JobId id, WallTime until, const std::string& who, const std::string& reason) {
  return Command(id, who, reason, [&](Job& job) {
    if (!IsAllowed(job.state, JobState::kSnoozed)) return false;
    job.state = JobState::kSnoozed;
    job.run_at = until;
    return true;
  });
}

void JobQueue::SetMode(Mode mode) {
  is_draining_ = mode == Mode::kDraining;
  if (is_draining_) return;
  database_.Run("INSERT OR REPLACE INTO setting (name, value) VALUES ('is_paused', ?)",
                mode == Mode::kPaused ? "yes" : "no");
}

JobQueue::Mode JobQueue::mode() {
  if (is_draining_) return Mode::kDraining;
  return database_.Number("SELECT 1 FROM setting WHERE name = 'is_paused' AND value = 'yes'") ? Mode::kPaused
                                                                                              : Mode::kOpen;
}

}  // namespace dinsd
