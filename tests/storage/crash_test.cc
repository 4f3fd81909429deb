#include <unistd.h>

#include <set>

#include "tests/storage/kill_rounds.h"
#include "tests/storage/queue_fixture.h"

// kill -9 in the middle of everything: what was acknowledged is there, what was not is whole or absent.

namespace dinsd {
namespace {

constexpr int kStudies = 400;

// Takes studies through the queue until it is killed; tells through `pipe` each job that was acknowledged as done.
[[noreturn]] void WorkUntilKilled(const std::filesystem::path& file, int pipe) {
  Database database(file);
  const SystemClock clock;
  QueueOptions options;
  options.lost_budget = 1000;
  options.backoff = options.crash_backoff = options.backoff_cap = std::chrono::seconds(0);
  JobQueue queue(database, options, clock);
  for (const LeasedJob& job : queue.TakeBackOwnLeases().publishing) {
    if (queue.Complete(job.lease) == Fenced::kDone) (void)!::write(pipe, &job.lease.job, sizeof(JobId));
  }
  for (int i = 0; i < kStudies; ++i) {
    const std::string entry = std::to_string(i);
    const JobQueue::Seen seen = queue.SeeStudy({"incoming", "/in", entry, "f", Lane::kRoutine});
    const std::optional<Lease> reader = queue.BeginInspection(seen.id);
    if (reader) static_cast<void>(queue.Enqueue(*reader, {entry, "w", Lane::kRoutine, {}, "order"}));
    const std::optional<LeasedJob> job = queue.LeaseNext();
    if (!job) continue;
    if (queue.Heartbeat(job->lease, {0.5, "half", {}}) != Fenced::kDone ||
        queue.BeginPublish(job->lease, "digest of " + entry) != Fenced::kDone ||
        queue.Complete(job->lease) != Fenced::kDone) {
      ::_exit(3);
    }
    (void)!::write(pipe, &job->lease.job, sizeof(JobId));
    if (i % 10 == 0) database.Checkpoint();
  }
  ::_exit(0);
}

void ExpectConsistent(const std::filesystem::path& file, const std::set<JobId>& acknowledged) {
  Database database(file);  // checks its integrity
  EXPECT_EQ(database.Number("SELECT count(*) FROM job WHERE state = 'done' AND NOT EXISTS (SELECT 1 FROM result WHERE"
                            " job = job.id AND revision = job.revision AND digest = job.result_digest)"),
            0)
      << "done without its result";
  EXPECT_EQ(database.Number("SELECT count(*) FROM result"),
            database.Number("SELECT count(*) FROM journal WHERE what = 'publishing -> done'"))
      << "results and their journal lines differ";
  EXPECT_EQ(database.Number("SELECT count(*) FROM (SELECT key FROM result GROUP BY key HAVING count(*) > 1)"), 0)
      << "published twice";
  EXPECT_EQ(database.Number("SELECT count(*) FROM job WHERE state <> (SELECT substr(what, instr(what, '> ') + 1 +"
                            " (instr(what, '> ') > 0)) FROM journal WHERE job = job.id ORDER BY id DESC LIMIT 1)"),
            0)
      << "a job whose journal ends elsewhere";
  for (const JobId id : acknowledged)
    EXPECT_EQ(database.Number("SELECT 1 FROM job WHERE id = ? AND state = 'done'", id), 1) << "acknowledged and lost";
}

TEST(QueueCrash, KilledAtRandomMomentsItLosesNothingAndPublishesNothingTwice) {
  const TempFolder folder;
  const std::filesystem::path file = folder.path() / "dinsd.sqlite";
  KillAtRandomMoments(
      40, [&](int pipe) { WorkUntilKilled(file, pipe); },
      [&](const std::set<JobId>& acknowledged) { ExpectConsistent(file, acknowledged); });
}

}  // namespace
}  // namespace dinsd
