#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "storage/clock.h"
#include "storage/database.h"
#include "storage/fair_share.h"
#include "storage/job_records.h"
#include "storage/job_table.h"
#include "storage/queue_options.h"
#include "storage/same_images.h"

namespace dinsd {

/// The queue of studies, as it survives crashes.
///
/// Promises: a job runs at least once and is published exactly once. Every change of a job is one IMMEDIATE transaction
/// that loads the row, checks the table of job_states.h, writes it fenced by (id, state, attempt, token) and adds one
/// line to its journal; after kill -9 either all of it is there or nothing. A lease is fenced the same way: what a
/// worker brings back after its lease was taken away is thrown away (Fenced::kStale).
///
/// Budgets are apart: errors (-> failed), crashes of the job's own reader or worker (-> quarantined), and ends of the
/// whole service while it ran (-> quarantined). Handing back, snoozing and holding use none. A person's Retry clears
/// all three; changed files clear only the errors.
///
/// Threads: one, that of the Database. Every call may throw StorageError and then has changed nothing.
class JobQueue {
 public:
  /// `database` and `clock` must outlive the queue. `self` owns the leases that are given out.
  JobQueue(Database& database, const QueueOptions& options, const Clock& clock, RandomBits random = SystemRandom(),
           ProcessIdentity self = ProcessIdentity::Current());

  // --- A study arrives (job_queue_intake.cc) -----------------------------------------------------------------------

  struct Seen {
    enum class What {
      kNew,        // a row was made, `received`
      kUnchanged,  // as it was known
      kChanged,    // other files than before: the job is `settling` again (held and cancelled ones stay)
      kBusy,       // other files, but the job is being published: say it again at the next scan
    };
    What what = What::kNew;
    JobId id{};
    JobState state = JobState::kReceived;
  };

  /// Tells the queue what a scan saw; cheap for a study that is as it was, whatever became of its job.
  [[nodiscard]] Seen SeeStudy(const StudySighting& sighting);

  /// The study's entry is no longer in its folder: a job that is not published yet is cancelled (code STUDY_GONE) and
  /// comes back if the study does. So does one that a person cancelled: what comes back may be another study. Changes
  /// nothing in other states.
  void StudyGone(JobId id);

  /// Lends a study that has settled (`received`, `settling`) to a reader. Nothing if it is in another state, already
  /// lent, or still waits for its back-off. Ends by one of the next four, or by Fail or HandBack.
  [[nodiscard]] std::optional<Lease> BeginInspection(JobId id);

  struct Enqueued {
    enum class What {
      kAvailable,  // it will run as `revision`
      kUnchanged,  // published before with the same key: `done` again, nothing to do
      kDuplicate,  // another job has the key: this one is cancelled and points to it
      kStale,      // the lease is no longer current: nothing was changed
    };
    What what = What::kStale;
    std::int64_t revision = 0;
    std::optional<JobId> duplicate_of;
  };

  /// The reader found a study that can run. Other inputs or clicks than those of a published revision make the next.
  [[nodiscard]] Enqueued Enqueue(const Lease& lease, const WorkOrder& order);

  /// Complete, but without usable prompts. From `settling` and `running`.
  Fenced NeedsPrompts(const Lease& lease, const StudyFacts& facts, const Reason& reason);

  /// `verdict` is kRejected or kQuarantined. From `settling` and `running`.
  Fenced Refuse(const Lease& lease, JobState verdict, const Reason& reason);

  /// The study's images are those of another patient's too (OthersWith): `quarantined`, with what it says that it is,
  /// so that this can be held against the other. From `settling`.
  Fenced RefuseImages(const Lease& lease, const StudyFacts& facts, const std::string& images, const Reason& reason);

  /// The same of the other one, whatever it does just now; a result of it stays, and counts no more. False where that
  /// is for later: one that is `received`, `settling` or `held` is looked at before it runs, one that is `publishing`
  /// is `done` in a moment. False too where it is `quarantined` already.
  bool QuarantineImages(JobId id, const std::string& images, const Reason& reason);

  /// A study that nobody has a lease on is given up: it never became complete. False in another state than
  /// `received` and `settling`.
  bool RejectUnsettled(JobId id, const Reason& reason);

  /// Something else than its files decides what becomes of a study (its patient's prior): one that is `needs_prompts`
  /// or `done` is looked at again, and its next key tells whether anything is to do. False in another state.
  bool LookAgain(JobId id, const std::string& reason);

  // --- A job runs (job_queue_lease.cc) -----------------------------------------------------------------------------

  /// The next job by lane and source, as `running`; nothing if none is due, or if the queue is paused or draining.
  [[nodiscard]] std::optional<LeasedJob> LeaseNext();

  /// Renews a lease. kStale: the job was cancelled, held, changed or taken back; stop working on it.
  Fenced Heartbeat(const Lease& lease, const Progress& progress);

  /// The staged result is complete; it may now be renamed into place. `digest` is that of its result.json.
  Fenced BeginPublish(const Lease& lease, const std::string& digest);

  /// The result is in its place and on disk: `done`, with a line in the results. Its journal tells of other jobs that
  /// have results of the same images.
  Fenced Complete(const Lease& lease);

  enum class FailureKind {
    kError,  // disk full, memory, a device: again after the back-off, up to the error budget
    kCrash,  // its reader or worker ended by itself: up to the crash budget, with a slower back-off
  };
  /// From `settling`, `running` and `publishing`.
  Fenced Fail(const Lease& lease, FailureKind kind, const Reason& reason);

  /// Gives a job back unfinished (drain, stop, worker restart): uses no budget.
  Fenced HandBack(const Lease& lease, const std::string& reason);

  /// The bytes are no longer those that were queued: `settling` again.
  Fenced InputChanged(const Lease& lease, const std::string& reason);

  // --- After a crash (job_queue_recovery.cc) -----------------------------------------------------------------------

  struct TakenBack {
    std::vector<JobId> again;           // available, settling or waiting again
    std::vector<JobId> quarantined;     // took the service down too often
    std::vector<LeasedJob> publishing;  // leased to us now: look into the results folder, then Complete if the result
                                        // lies there with the job's result_digest, else HandBack
  };

  /// At start, once: takes back every lease of a process of this machine that is not `self`.
  [[nodiscard]] TakenBack TakeBackOwnLeases();

  /// Takes back leases that nobody renewed. To be called every few seconds. When the wall clock was set, all stored
  /// deadlines move with it; a call that comes late itself (the process was stopped) takes back nothing.
  [[nodiscard]] TakenBack ExpireLeases();

  /// How far the wall clock was set at the last ExpireLeases (0 = it was not), for the log.
  [[nodiscard]] std::chrono::milliseconds last_clock_step() const { return last_clock_step_; }

  /// Puts back a result that lies in the results folder into a new database, before the first scan; revisions in any
  /// order. The study is read again when it is seen, and stays done if nothing has changed. False, and nothing done,
  /// where the id, the study or the key belongs to another job, or the result is known.
  bool Restore(const StudySighting& sighting, const PublishedResult& result, const StudyFacts& facts);

  /// The results, by job and revision, of which nobody has looked up yet what images they are of.
  [[nodiscard]] std::vector<PublishedResult> ResultsWithoutImages();

  /// Notes the images of results; those that the queue does not have are passed over.
  void NoteImages(const std::vector<PublishedResult>& results);

  /// The largest number that a job ever had here; 0 before the first one.
  [[nodiscard]] JobId LastNumber();

  /// From now on new jobs get numbers above `last`. Never goes back.
  void NumberAbove(JobId last);

  // --- A person asks (job_queue_commands.cc) -----------------------------------------------------------------------

  struct Answer {
    enum class What { kDone, kNoSuchJob, kNotAllowed };
    What what = What::kDone;
    JobState state = JobState::kReceived;  // where the job stands now
  };

  Answer Hold(JobId id, const std::string& who, const std::string& reason);
  Answer Release(JobId id, const std::string& who, const std::string& reason);  // held -> settling
  Answer Cancel(JobId id, const std::string& who, const std::string& reason);
  /// Again from the start with fresh budgets; of a done job the next revision, even with the same key.
  Answer Retry(JobId id, const std::string& who, const std::string& reason);
  Answer Snooze(JobId id, WallTime until, const std::string& who, const std::string& reason);

  /// Only kOpen leases jobs. A pause outlives a restart; draining ends with the process, which exits when the last
  /// lease is given back.
  enum class Mode { kOpen, kPaused, kDraining };
  void SetMode(Mode mode);
  [[nodiscard]] Mode mode();

  // --- Looking (job_queue_queries.cc) ------------------------------------------------------------------------------

  struct Filter {
    std::vector<JobState> states;  // empty = all
    std::string source;            // empty = all
    std::string study_hash;        // empty = all
    JobId after{};                 // pages: only ids above
    std::int64_t limit = 1000;
  };
  [[nodiscard]] std::vector<Job> List(const Filter& filter);
  [[nodiscard]] std::optional<JobHistory> Show(JobId id);
  [[nodiscard]] std::optional<Job> Find(JobId id);
  [[nodiscard]] std::optional<Job> FindStudy(const std::string& source, const std::string& entry);
  [[nodiscard]] std::string WorkOrderOf(JobId id);
  /// Whether a result of the job was ever published, so that its folder is this queue's own.
  [[nodiscard]] bool HasResults(JobId id);
  /// What the job published, by revision.
  [[nodiscard]] std::vector<PublishedResult> Results(JobId id);
  /// The results of other jobs than `than` that are of these images (digest; empty = not known: none), by job and
  /// revision.
  [[nodiscard]] std::vector<SameImages> OtherResults(const std::string& images, JobId than);
  /// The same of other jobs that workers have just now.
  [[nodiscard]] std::vector<SameImages> OtherWork(const std::string& images, JobId than);
  /// The jobs other than `than` that are of these images now, by number, whether they wait, run, have a result or are
  /// quarantined (digest; empty = not known: none). Not those that a reader has yet to look at.
  [[nodiscard]] std::vector<Job> OthersWith(const std::string& images, JobId than);
  /// Where else the study of a job lies: the jobs that were cancelled as its duplicates, with this key, by number.
  [[nodiscard]] std::vector<Job> Copies(JobId id, const std::string& key);
  [[nodiscard]] std::map<JobState, std::int64_t> Counts();

  struct PruneOptions {
    std::chrono::days done{30};           // detail of done, cancelled and rejected jobs
    std::chrono::days failed{90};         // detail of failed and quarantined jobs
    std::chrono::days needs_prompts{90};  // after so long without clicks a study is cancelled (code NO_PROMPTS)
    std::int64_t batch = 1000;            // rows at a time: a prune never holds up the queue
  };
  /// Forgets detail (journal but its last line, work orders) of old jobs, and rows of studies that are gone. The row of
  /// a study that may still lie in its folder stays: without it the study would run again. Returns how many rows of
  /// any table it removed; call again while it is not 0.
  std::int64_t Prune(const PruneOptions& options);

 private:
  static constexpr std::string_view kDaemon = "dinsd";  // who, in the journal, where no person asked

  [[nodiscard]] WallTime Now() const { return clock_.WallNow(); }
  [[nodiscard]] WallTime BackOff(std::chrono::seconds first, std::int64_t count);
  [[nodiscard]] static Lease LeaseOf(const Job& job);
  [[nodiscard]] Job NewJob(const StudySighting& sighting) const;
  [[nodiscard]] bool IsRestorable(const StudySighting& sighting, const PublishedResult& result);
  void GiveLease(Job& job);
  void Write(const Job& before, Job after, std::string_view who, std::string_view reason);
  static void Settle(Job& job);
  [[nodiscard]] std::optional<JobId> SameStudy(const Job& job);
  [[nodiscard]] Enqueued Decide(const Job& before, Job& after);
  void ReleaseDuplicates(JobId original);
  void WakeDue();
  void TakeBack(const Job& job, TakenBack& result);
  [[nodiscard]] bool FollowClocks();
  template <typename Change>
  Answer Command(JobId id, const std::string& who, const std::string& reason, Change change);

  Database& database_;
  QueueOptions options_;
  const Clock& clock_;
  RandomBits random_;
  ProcessIdentity self_;
  JobTable jobs_;
  FairShare share_;
  bool is_draining_ = false;
  std::optional<WallTime> last_wall_;
  std::chrono::milliseconds last_boot_{0};
  std::chrono::milliseconds last_clock_step_{0};
};

}  // namespace dinsd
