#include <algorithm>
#include <initializer_list>
#include <stdexcept>

#include "storage/job_codes.h"
#include "storage/job_queue.h"

// A study arrives, is looked at by a reader, and becomes a job that can run.

namespace dinsd {
namespace {

// What a person put aside or gave up stays there, whatever happens to its files.
bool StaysAsItIs(const Job& job) {
  return job.state == JobState::kReceived || job.state == JobState::kHeld ||
         (job.state == JobState::kCancelled && job.reason.code == kCancelledCode);
}

// Where a later account says nothing, what was known stays.
StudyFacts Completed(const StudyFacts& known, const StudyFacts& found) {
  const auto kept = [](const std::string& before, const std::string& now) { return now.empty() ? before : now; };
  return {kept(known.patient, found.patient), kept(known.study_date, found.study_date),
          kept(known.study_hash, found.study_hash)};
}

}  // namespace

JobQueue::Seen JobQueue::SeeStudy(const StudySighting& sighting) {
  std::optional<Job> known = FindStudy(sighting.source, sighting.entry);
  if (known && known->fingerprint == sighting.fingerprint && known->root == sighting.root)
    return {Seen::What::kUnchanged, known->id, known->state};
  if (known && known->state == JobState::kPublishing) return {Seen::What::kBusy, known->id, known->state};
  Transaction transaction(database_);
  if (!known) {
    const JobId id = jobs_.Insert(NewJob(sighting));
    jobs_.AddJournal(id, Now(), kDaemon, Word(JobState::kReceived), "seen for the first time");
    transaction.Commit();
    return {Seen::What::kNew, id, JobState::kReceived};
  }
  const bool is_changed = known->fingerprint != sighting.fingerprint;
  Job after = *known;
  after.root = sighting.root;
  after.fingerprint = sighting.fingerprint;
  if (is_changed && !StaysAsItIs(*known)) {
    after.lane = sighting.lane;
    after.error_count = 0;
    Settle(after);
  }
  if (after.state == known->state && !known->token) {
    jobs_.Update(*known, after);  // a sender still copies: no line for each scan that sees it
  } else {
    Write(*known, after, kDaemon, is_changed ? "its files changed" : "its folder moved");
  }
  if (is_changed && known->state != JobState::kCancelled) ReleaseDuplicates(known->id);
  transaction.Commit();
  return {is_changed ? Seen::What::kChanged : Seen::What::kUnchanged, after.id, after.state};
}

Job JobQueue::NewJob(const StudySighting& sighting) const {
  Job job;
  job.source = sighting.source;
  job.root = sighting.root;
  job.entry = sighting.entry;
  job.fingerprint = sighting.fingerprint;
  job.lane = sighting.lane;
  job.created_at = job.changed_at = Now();
  return job;
}

// Back to the beginning, but for its result: the next key decides whether that still stands.
void JobQueue::Settle(Job& job) {
  job.state = JobState::kSettling;
  job.key.reset();
  job.images.reset();
  job.duplicate_of.reset();
  job.token.reset();
  job.run_at = {};
  job.reason = {};
}

// Copies of a study rely on the job that they point to: once it stands for other bytes or was given up, and has no
// result of theirs, they are studies of their own again.
void JobQueue::ReleaseDuplicates(JobId original) {
  const std::string why =
      "job " + std::to_string(static_cast<std::int64_t>(original)) + ", the same study, changed or was cancelled";
  for (const Job& copy : jobs_.Select("duplicate_of = ?1 AND state = 'cancelled' AND NOT EXISTS"
                                      " (SELECT 1 FROM result WHERE result.job = ?1 AND result.key = job.key)",
                                      original)) {
    Job after = copy;
    Settle(after);
    Write(copy, after, kDaemon, why);
  }
}

void JobQueue::StudyGone(JobId id) {
  Transaction transaction(database_);
  const std::optional<Job> job = jobs_.Load(id);
  if (!job) return;
  const bool was_given_up = job->state == JobState::kCancelled && job->reason.code == kCancelledCode;
  if (!was_given_up && !IsAllowed(job->state, JobState::kCancelled)) return;
  Job after = *job;
  after.state = JobState::kCancelled;
  after.fingerprint.clear();
  after.reason = {std::string(kStudyGoneCode), "", "", "its files are no longer in their folder"};
  if (was_given_up) {
    jobs_.Update(*job, after);
    jobs_.AddJournal(id, Now(), kDaemon, Word(after.state), after.reason.sentence);
  } else {
    Write(*job, after, kDaemon, after.reason.sentence);
  }
  ReleaseDuplicates(job->id);
  transaction.Commit();
}

bool JobQueue::LookAgain(JobId id, const std::string& reason) {
  Transaction transaction(database_);
  const std::optional<Job> job = jobs_.Load(id);
  if (!job || (job->state != JobState::kNeedsPrompts && job->state != JobState::kDone)) return false;
  Job after = *job;
  Settle(after);
  Write(*job, after, kDaemon, reason);
  transaction.Commit();
  return true;
}

std::optional<Lease> JobQueue::BeginInspection(JobId id) {
  Transaction transaction(database_);
  const std::optional<Job> job = jobs_.Load(id);
  const bool is_open = job && (job->state == JobState::kReceived || job->state == JobState::kSettling);
  if (!is_open || job->token || job->run_at > Now()) return std::nullopt;
  Job after = *job;
  after.state = JobState::kSettling;
  GiveLease(after);
  Write(*job, after, kDaemon, "a reader looks at it");
  transaction.Commit();
  return LeaseOf(after);
}

JobQueue::Enqueued JobQueue::Enqueue(const Lease& lease, const WorkOrder& order) {
  Transaction transaction(database_);
  const std::optional<Job> job = jobs_.LoadLeased(lease, {JobState::kSettling});
  if (!job) return {};
  Job after = *job;
  after.token.reset();
  after.key = order.key;
  after.images = order.images.empty() ? std::nullopt : std::optional(order.images);
  after.lane = order.lane;
  after.model = order.model;
  after.facts = order.facts;
  after.reason = {};
  const Enqueued result = Decide(*job, after);
  if (result.what == Enqueued::What::kAvailable) {
    share_.Join(after.lane, after.source);
    database_.Run("INSERT OR REPLACE INTO work_order (job, text) VALUES (?, ?)", after.id, order.text);
  }
  Write(*job, after, kDaemon, after.reason.sentence);
  transaction.Commit();
  return result;
}

// The job that stands for this key: one that may still run or has run, else one that published it before its folder got
// another study.
std::optional<JobId> JobQueue::SameStudy(const Job& job) {
  const std::vector<Job> same =
      jobs_.Select("key = ? AND state NOT IN ('cancelled', 'rejected') AND id <> ?", *job.key, job.id);
  if (!same.empty()) return same.front().id;
  if (database_.Number("SELECT 1 FROM result WHERE key = ? AND job = ?", *job.key, job.id)) return std::nullopt;
  const std::optional<std::int64_t> published =
      database_.Number("SELECT min(job) FROM result WHERE key = ? HAVING min(job) IS NOT NULL", *job.key);
  return published ? std::optional(JobId{*published}) : std::nullopt;
}

JobQueue::Enqueued JobQueue::Decide(const Job& before, Job& after) {
  if (const std::optional<JobId> same = SameStudy(after)) {
    after.state = JobState::kCancelled;
    after.duplicate_of = same;
    after.reason = {
        std::string(kDuplicateCode), "", "",
        "the same images, clicks, weights and options as job " + std::to_string(static_cast<std::int64_t>(*same))};
    return {Enqueued::What::kDuplicate, after.revision, after.duplicate_of};
  }
  if (before.result_digest && database_.Number("SELECT 1 FROM result WHERE job = ? AND revision = ? AND key = ?",
                                               after.id, after.revision, *after.key)) {
    after.state = JobState::kDone;
    return {Enqueued::What::kUnchanged, after.revision, std::nullopt};
  }
  // A result of this revision exists, or may: this one needs another folder.
  if (before.result_digest) ++after.revision;
  after.result_digest.reset();
  after.state = JobState::kAvailable;
  return {Enqueued::What::kAvailable, after.revision, std::nullopt};
}

Fenced JobQueue::NeedsPrompts(const Lease& lease, const StudyFacts& facts, const Reason& reason) {
  Transaction transaction(database_);
  const std::optional<Job> job = jobs_.LoadLeased(lease, {JobState::kSettling, JobState::kRunning});
  if (!job) return Fenced::kStale;
  Job after = *job;
  after.state = JobState::kNeedsPrompts;
  after.key.reset();
  after.images.reset();
  after.facts = HasResults(job->id) ? Completed(job->facts, facts) : facts;
  after.reason = reason;
  Write(*job, after, kDaemon, reason.sentence);
  transaction.Commit();
  return Fenced::kDone;
}

Fenced JobQueue::Refuse(const Lease& lease, JobState verdict, const Reason& reason) {
  if (verdict != JobState::kRejected && verdict != JobState::kQuarantined)
    throw std::logic_error("Refuse: the verdict is rejected or quarantined");
  Transaction transaction(database_);
  const std::optional<Job> job = jobs_.LoadLeased(lease, {JobState::kSettling, JobState::kRunning});
  if (!job) return Fenced::kStale;
  Job after = *job;
  after.state = verdict;
  after.reason = reason;
  Write(*job, after, kDaemon, reason.sentence);
  transaction.Commit();
  return Fenced::kDone;
}

Fenced JobQueue::RefuseImages(const Lease& lease, const StudyFacts& facts, const std::string& images,
                              const Reason& reason) {
  Transaction transaction(database_);
  const std::optional<Job> job = jobs_.LoadLeased(lease, {JobState::kSettling});
  if (!job) return Fenced::kStale;
  Job after = *job;
  after.state = JobState::kQuarantined;
  after.images = images;
  after.facts = HasResults(job->id) ? Completed(job->facts, facts) : facts;
  after.reason = reason;
  Write(*job, after, kDaemon, reason.sentence);
  transaction.Commit();
  return Fenced::kDone;
}

// By way of `settling`, as whatever a person or its files take it out of its state: whoever has it loses it.
bool JobQueue::QuarantineImages(JobId id, const std::string& images, const Reason& reason) {
  using enum JobState;
  Transaction transaction(database_);
  const std::optional<Job> job = jobs_.Load(id);
  const auto is_one_of = [&](std::initializer_list<JobState> states) {
    return std::find(states.begin(), states.end(), job->state) != states.end();
  };
  if (!job || is_one_of({kReceived, kSettling, kHeld, kPublishing, kQuarantined})) return false;
  Job settled = *job;
  Settle(settled);
  Write(*job, settled, kDaemon, reason.code);
  Job after = settled;
  after.state = kQuarantined;
  if (job->images == images || job->state == kDone) after.images = images;  // not where its files are others by now
  after.reason = reason;
  Write(settled, after, kDaemon, reason.sentence);
  transaction.Commit();
  return true;
}

bool JobQueue::RejectUnsettled(JobId id, const Reason& reason) {
  Transaction transaction(database_);
  const std::optional<Job> job = jobs_.Load(id);
  if (!job || job->token || (job->state != JobState::kReceived && job->state != JobState::kSettling)) return false;
  Job after = *job;
  after.state = JobState::kRejected;
  after.reason = reason;
  Write(*job, after, kDaemon, reason.sentence);
  transaction.Commit();
  return true;
}

}  // namespace dinsd
