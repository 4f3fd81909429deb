#include "storage/job_codes.h"
#include "storage/job_queue.h"

// What a person may ask for. Each is in the journal with who asked.

namespace dinsd {
namespace {

constexpr std::array<std::string_view, 3> kModes = {"open", "paused", "draining"};

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
  return Command(id, who, reason, [this](Job& job) {
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
  return Command(id, who, reason, [this](Job& job) {
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
  database_.Run("INSERT OR REPLACE INTO setting (name, value) VALUES ('mode', ?)",
                kModes.at(static_cast<std::size_t>(mode)));
}

JobQueue::Mode JobQueue::mode() {
  Statement statement = database_.Prepare("SELECT value FROM setting WHERE name = 'mode'");
  const std::string word = statement.Step() ? statement.Text(0) : "open";
  if (word == "paused") return Mode::kPaused;
  return word == "draining" ? Mode::kDraining : Mode::kOpen;
}

}  // namespace dinsd
