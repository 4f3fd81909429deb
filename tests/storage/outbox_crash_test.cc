#include <unistd.h>

#include <set>

#include "tests/storage/kill_rounds.h"
#include "tests/storage/outbox_fixture.h"

// kill -9 in the middle of sending: what was acknowledged is there, and every result has exactly one row.

namespace dinsd {
namespace {

constexpr int kStudies = 300;

std::int64_t Published(Database& database, JobQueue& queue, const std::string& entry) {
  const JobQueue::Seen seen = queue.SeeStudy({"incoming", "/in", entry, "f", Lane::kRoutine});
  const std::optional<Lease> reader = queue.BeginInspection(seen.id);
  if (reader) static_cast<void>(queue.Enqueue(*reader, {entry, "w", Lane::kRoutine, {}, "order"}));
  if (const std::optional<LeasedJob> job = queue.LeaseNext()) {
    static_cast<void>(queue.BeginPublish(job->lease, "digest"));
    static_cast<void>(queue.Complete(job->lease));
  }
  return database.Number("SELECT count(*) FROM result").value_or(0);
}

// Publishes, offers and sends until it is killed; tells through `pipe` each job that was acknowledged as sent.
[[noreturn]] void SendUntilKilled(const std::filesystem::path& file, int pipe) {
  Database database(file);
  const SystemClock clock;
  QueueOptions options;
  options.lost_budget = 1000;
  JobQueue queue(database, options, clock);
  for (const LeasedJob& job : queue.TakeBackOwnLeases().publishing) static_cast<void>(queue.Complete(job.lease));
  Outbox outbox(database, clock);
  for (const OutboxEntry& left : outbox.List({}, {OutboxState::kSending}, 10))
    static_cast<void>(outbox.End(left.key, left.attempt, SendEnd::kHandedBack, {}, {}));
  for (int i = 0; i < kStudies; ++i) {
    (void)Published(database, queue, std::to_string(i));
    for (const PublishedResult& result : outbox.Unoffered())
      outbox.Offer(result.job, result.revision, {{"pacs", "", ""}});
    const std::optional<OutboxEntry> entry = outbox.Begin("pacs", {}, std::chrono::seconds(600), "");
    if (!entry) continue;
    if (outbox.End(entry->key, entry->attempt, SendEnd::kStored, {}, {}, {{"f", "1.2", 0}}) != Fenced::kDone)
      ::_exit(3);
    (void)!::write(pipe, &entry->key.job, sizeof(JobId));
  }
  ::_exit(0);
}

void ExpectConsistent(const std::filesystem::path& file, const std::set<JobId>& acknowledged) {
  Database database(file);  // checks its integrity
  EXPECT_EQ(database.Number("SELECT count(*) FROM result WHERE offered <> (SELECT count(*) FROM outbox WHERE"
                            " outbox.job = result.job AND outbox.revision = result.revision)"),
            0)
      << "a result without its row, or a row of one that was not offered";
  EXPECT_LE(database.Number("SELECT count(*) FROM outbox WHERE state = 'sending'"), 1);
  EXPECT_EQ(database.Number("SELECT count(*) FROM outbox WHERE (state = 'sent') <> (SELECT count(*) FROM outbox_object"
                            " WHERE outbox_object.job = outbox.job)"),
            0)
      << "sent without its objects";
  for (const JobId id : acknowledged)
    EXPECT_EQ(database.Number("SELECT 1 FROM outbox WHERE job = ? AND state = 'sent'", id), 1)
        << "acknowledged and lost";
}

TEST(OutboxCrash, KilledAtRandomMomentsItLosesNothingAndRecordsNothingTwice) {
  const TempFolder folder;
  const std::filesystem::path file = folder.path() / "dinsd.sqlite";
  KillAtRandomMoments(
      25, [&](int pipe) { SendUntilKilled(file, pipe); },
      [&](const std::set<JobId>& acknowledged) { ExpectConsistent(file, acknowledged); });
}

}  // namespace
}  // namespace dinsd
