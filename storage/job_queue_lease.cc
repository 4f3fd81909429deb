#include <algorithm>
#include <cmath>

#include "storage/job_codes.h"
#include "storage/job_queue.h"

// A job runs: it is leased, kept alive, published or given back.

namespace dinsd {
namespace {

constexpr std::int64_t kWakeBatch = 1000;

}  // namespace

JobQueue::JobQueue(Database& database, const QueueOptions& options, const Clock& clock, RandomBits random,
                   ProcessIdentity self)
    : database_(database),
      options_(options),
      clock_(clock),
      random_(std::move(random)),
      self_(std::move(self)),
      jobs_(database),
      share_(database, options) {
  options_.Check();
}

// Every change of state ends here: the row, and one line in its journal.
void JobQueue::Write(const Job& before, Job after, std::string_view who, std::string_view reason) {
  after.changed_at = Now();
  jobs_.Update(before, after);
  std::string what(Word(after.state));
  if (before.state != after.state) what = std::string(Word(before.state)) + " -> " + what;
  jobs_.AddJournal(after.id, after.changed_at, who, what, reason);
}

Lease JobQueue::LeaseOf(const Job& job) {
  return {job.id, job.attempt, job.token.value()};
}

void JobQueue::GiveLease(Job& job) {
  job.token = static_cast<std::int64_t>(random_());
  job.owner = self_;
  job.lease_until = Now() + options_.lease;
  job.progress = {};
}

// Full jitter: uniform between 0 and a ceiling that doubles with each failure.
WallTime JobQueue::BackOff(std::chrono::seconds first, std::int64_t count) {
  const double doubled = static_cast<double>(first.count()) * std::exp2(static_cast<double>(count - 1));
  const double ceiling = std::min(doubled, static_cast<double>(options_.backoff_cap.count()));
  const double share = static_cast<double>(random_() >> 11) * 0x1p-53;
  return Now() + std::chrono::milliseconds(static_cast<std::int64_t>(ceiling * share * 1000));
}

void JobQueue::WakeDue() {
  for (const Job& job : jobs_.Select("state IN ('retryable', 'snoozed') AND run_at <= ? LIMIT ?", Now(), kWakeBatch)) {
    Job after = job;
    after.state = JobState::kAvailable;
    Write(job, after, kDaemon, "its time has come");
  }
}

std::optional<LeasedJob> JobQueue::LeaseNext() {
  if (mode() != Mode::kOpen) return std::nullopt;
  Transaction transaction(database_);
  WakeDue();
  const std::optional<FairShare::Turn> turn = share_.Next();
  if (!turn) {
    transaction.Commit();
    return std::nullopt;
  }
  const Job job =
      jobs_
          .Select("state = 'available' AND lane = ? AND source = ? ORDER BY id LIMIT 1", Word(turn->lane), turn->source)
          .at(0);
  Job after = job;
  after.state = JobState::kRunning;
  ++after.attempt;
  GiveLease(after);
  Write(job, after, kDaemon, "attempt " + std::to_string(after.attempt));
  transaction.Commit();
  return LeasedJob{LeaseOf(after), after, WorkOrderOf(after.id)};
}

Fenced JobQueue::Heartbeat(const Lease& lease, const Progress& progress) {
  const double share = std::isfinite(progress.share) ? std::clamp(progress.share, 0.0, 1.0) : 0.0;
  const std::int64_t renewed = database_.Run(
      "UPDATE job SET lease_until = ?, progress = ?, stage = ?, seconds_left = ?"
      " WHERE id = ? AND attempt = ? AND token = ?",
      Now() + options_.lease, share, progress.stage, progress.seconds_left, lease.job, lease.attempt, lease.token);
  return renewed == 1 ? Fenced::kDone : Fenced::kStale;
}

Fenced JobQueue::BeginPublish(const Lease& lease, const std::string& digest) {
  Transaction transaction(database_);
  const std::optional<Job> job = jobs_.LoadLeased(lease, {JobState::kRunning});
  if (!job) return Fenced::kStale;
  Job after = *job;
  after.state = JobState::kPublishing;
  after.result_digest = digest;
  Write(*job, after, kDaemon, "revision " + std::to_string(after.revision));
  transaction.Commit();
  return Fenced::kDone;
}

Fenced JobQueue::Complete(const Lease& lease) {
  Transaction transaction(database_);
  const std::optional<Job> job = jobs_.LoadLeased(lease, {JobState::kPublishing});
  if (!job) return Fenced::kStale;
  Job after = *job;
  after.state = JobState::kDone;
  after.reason = {};
  Write(*job, after, kDaemon, "revision " + std::to_string(after.revision));
  database_.Run(
      "INSERT INTO result (job, revision, key, digest, published_at, images, offered) VALUES (?, ?, ?, ?, ?, ?, 0)",
      after.id, after.revision, after.key, after.result_digest, Now(), after.images);
  for (const std::string& words : InWords(OtherResults(after.images.value_or(""), after.id)))
    jobs_.AddJournal(after.id, Now(), kDaemon, Word(after.state), words);
  transaction.Commit();
  return Fenced::kDone;
}

Fenced JobQueue::Fail(const Lease& lease, FailureKind kind, const Reason& reason) {
  Transaction transaction(database_);
  const std::optional<Job> job =
      jobs_.LoadLeased(lease, {JobState::kSettling, JobState::kRunning, JobState::kPublishing});
  if (!job) return Fenced::kStale;
  Job after = *job;
  after.token.reset();
  after.reason = reason;
  if (after.state != JobState::kSettling) after.state = JobState::kRetryable;
  if (kind == FailureKind::kError) {
    after.run_at = BackOff(options_.backoff, ++after.error_count);
    if (after.error_count >= options_.error_budget) after.state = JobState::kFailed;
  } else {
    after.run_at = BackOff(options_.crash_backoff, ++after.crash_count);
    if (after.crash_count >= options_.crash_budget) after.state = JobState::kQuarantined;
  }
  Write(*job, after, kDaemon, reason.code + ": " + reason.sentence);
  transaction.Commit();
  return Fenced::kDone;
}

Fenced JobQueue::HandBack(const Lease& lease, const std::string& reason) {
  Transaction transaction(database_);
  const std::optional<Job> job =
      jobs_.LoadLeased(lease, {JobState::kSettling, JobState::kRunning, JobState::kPublishing});
  if (!job) return Fenced::kStale;
  Job after = *job;
  after.token.reset();
  if (after.state != JobState::kSettling) after.state = JobState::kAvailable;
  Write(*job, after, kDaemon, reason);
  transaction.Commit();
  return Fenced::kDone;
}

// Uses the error budget: were it free, a digest that never fits would go round for ever. Files that really change come
// with another fingerprint, which clears it.
Fenced JobQueue::InputChanged(const Lease& lease, const std::string& reason) {
  Transaction transaction(database_);
  const std::optional<Job> job = jobs_.LoadLeased(lease, {JobState::kSettling, JobState::kRunning});
  if (!job) return Fenced::kStale;
  Job after = *job;
  Settle(after);
  after.reason = {std::string(kInputChangedCode), "", "", reason};
  after.run_at = BackOff(options_.backoff, ++after.error_count);
  if (after.error_count >= options_.error_budget) after.state = JobState::kFailed;
  Write(*job, after, kDaemon, reason);
  ReleaseDuplicates(job->id);
  transaction.Commit();
  return Fenced::kDone;
}

}  // namespace dinsd
