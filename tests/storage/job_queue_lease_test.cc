#include "tests/storage/queue_fixture.h"

namespace dinsd {
namespace {

using enum JobState;
using std::chrono::hours;
using std::chrono::seconds;

class JobQueueLease : public QueueTest {
 protected:
  // Until the job is leased again; each wait is at most the cap.
  Lease WaitAndLease() {
    clock_.Pass(options_.backoff_cap);
    return queue_.LeaseNext().value().lease;
  }

  Fenced FailWith(const Lease& lease, JobQueue::FailureKind kind) {
    return queue_.Fail(lease, kind, {"OUT_OF_MEMORY", "", "", "needs 9 GiB, has 8"});
  }
};

TEST_F(JobQueueLease, AnEmptyQueueGivesNothing) {
  EXPECT_FALSE(queue_.LeaseNext());
}

TEST_F(JobQueueLease, AJobIsGivenOutOnceAndFirstComeFirstServed) {
  const JobId first = Available("a");
  const JobId second = Available("b");
  EXPECT_EQ(queue_.LeaseNext()->lease.job, first);
  EXPECT_EQ(queue_.LeaseNext()->lease.job, second);
  EXPECT_FALSE(queue_.LeaseNext());
}

TEST_F(JobQueueLease, TheRowSaysWhoHasItAndUntilWhen) {
  const Job job = JobOf(Running("a").job);
  EXPECT_EQ(job.owner, kThisProcess);
  EXPECT_EQ(job.lease_until, clock_.wall + options_.lease);
}

TEST_F(JobQueueLease, AHeartbeatRenewsAndCarriesProgress) {
  const Lease lease = Running("a");
  clock_.Pass(seconds(60));
  EXPECT_EQ(queue_.Heartbeat(lease, {0.25, "window 3 of 12", 40.0}), Fenced::kDone);
  const Job job = JobOf(lease.job);
  EXPECT_EQ(job.lease_until, clock_.wall + options_.lease);
  EXPECT_EQ(job.progress.share, 0.25);
  EXPECT_EQ(job.progress.stage, "window 3 of 12");
  EXPECT_EQ(job.progress.seconds_left, 40.0);
  for (const double share : {-1.0, 7.0, std::nan("")})
    EXPECT_EQ(queue_.Heartbeat(lease, {share, "", {}}), Fenced::kDone);
}

TEST_F(JobQueueLease, NothingOfAStaleLeaseIsTaken) {
  const Lease old = Running("a");
  ASSERT_EQ(queue_.HandBack(old, "worker restarts"), Fenced::kDone);
  const Lease current = queue_.LeaseNext().value().lease;
  const Job before = JobOf(old.job);
  EXPECT_EQ(queue_.Heartbeat(old, {}), Fenced::kStale);
  EXPECT_EQ(queue_.BeginPublish(old, "d"), Fenced::kStale);
  EXPECT_EQ(queue_.Complete(old), Fenced::kStale);
  EXPECT_EQ(FailWith(old, JobQueue::FailureKind::kCrash), Fenced::kStale);
  EXPECT_EQ(queue_.HandBack(old, ""), Fenced::kStale);
  EXPECT_EQ(queue_.InputChanged(old, ""), Fenced::kStale);
  EXPECT_EQ(queue_.NeedsPrompts(old, {}, {}), Fenced::kStale);
  EXPECT_EQ(queue_.Refuse(old, kRejected, {}), Fenced::kStale);
  EXPECT_EQ(queue_.Enqueue(old, Order("k")).what, JobQueue::Enqueued::What::kStale);
  EXPECT_EQ(JobOf(old.job).token, before.token);
  EXPECT_EQ(JobOf(old.job).changed_at, before.changed_at);
  EXPECT_EQ(queue_.Heartbeat({old.job, current.attempt, current.token + 1}, {}), Fenced::kStale);
  EXPECT_EQ(queue_.Heartbeat({old.job, current.attempt + 1, current.token}, {}), Fenced::kStale);
  Publish(current);
}

TEST_F(JobQueueLease, AResultIsRecordedOnce) {
  const Lease lease = Running("a");
  EXPECT_EQ(queue_.Complete(lease), Fenced::kStale) << "it was never published";
  Publish(lease);
  EXPECT_EQ(queue_.Complete(lease), Fenced::kStale);
  EXPECT_EQ(queue_.BeginPublish(lease, "other"), Fenced::kStale);
  EXPECT_EQ(queue_.Show(lease.job)->results.size(), 1U);
}

TEST_F(JobQueueLease, ErrorsAreTriedAgainUntilTheBudgetIsUsed) {
  Lease lease = Running("a");
  for (int error = 1; error < options_.error_budget; ++error) {
    EXPECT_EQ(FailWith(lease, JobQueue::FailureKind::kError), Fenced::kDone);
    EXPECT_EQ(StateOf(lease.job), kRetryable);
    lease = WaitAndLease();
    EXPECT_EQ(lease.attempt, error + 1);
  }
  EXPECT_EQ(FailWith(lease, JobQueue::FailureKind::kError), Fenced::kDone);
  EXPECT_EQ(StateOf(lease.job), kFailed);
  EXPECT_EQ(JobOf(lease.job).reason.code, "OUT_OF_MEMORY");
  clock_.Pass(hours(1000));
  EXPECT_FALSE(queue_.LeaseNext());
}

TEST_F(JobQueueLease, TheThirdCrashIsQuarantinedAndNeverRunsByItself) {
  Lease lease = Running("a");
  for (int crash = 1; crash < 3; ++crash) {
    EXPECT_EQ(FailWith(lease, JobQueue::FailureKind::kCrash), Fenced::kDone);
    lease = WaitAndLease();
  }
  EXPECT_EQ(FailWith(lease, JobQueue::FailureKind::kCrash), Fenced::kDone);
  EXPECT_EQ(StateOf(lease.job), kQuarantined);
  clock_.Pass(hours(1000));
  EXPECT_FALSE(queue_.LeaseNext());
}

TEST_F(JobQueueLease, AReaderThatCrashesIsCountedTheSame) {
  Lease lease = Inspected("a");
  for (int crash = 1; crash < 3; ++crash) {
    EXPECT_EQ(FailWith(lease, JobQueue::FailureKind::kCrash), Fenced::kDone);
    EXPECT_EQ(StateOf(lease.job), kSettling);
    clock_.Pass(options_.backoff_cap);
    lease = queue_.BeginInspection(lease.job).value();
  }
  EXPECT_EQ(FailWith(lease, JobQueue::FailureKind::kCrash), Fenced::kDone);
  EXPECT_EQ(StateOf(lease.job), kQuarantined);
}

TEST_F(JobQueueLease, CrashesOfReaderAndWorkerAddUpAndOutliveAChangeOfFiles) {
  Lease lease = Running("a");
  ASSERT_EQ(FailWith(lease, JobQueue::FailureKind::kCrash), Fenced::kDone);
  static_cast<void>(queue_.SeeStudy(Sighting("a", "f2")));
  EXPECT_EQ(JobOf(lease.job).crash_count, 1);
  ASSERT_EQ(FailWith(queue_.BeginInspection(lease.job).value(), JobQueue::FailureKind::kError), Fenced::kDone);
  static_cast<void>(queue_.SeeStudy(Sighting("a", "f3")));
  EXPECT_EQ(JobOf(lease.job).error_count, 0) << "other files, other errors";
}

TEST_F(JobQueueLease, ADigestThatNeverFitsDoesNotGoRoundForEver) {
  Lease lease = Running("a");
  for (int change = 1; change < options_.error_budget; ++change) {
    ASSERT_EQ(queue_.InputChanged(lease, "3 of 20 files differ"), Fenced::kDone);
    EXPECT_EQ(StateOf(lease.job), kSettling);
    clock_.Pass(options_.backoff_cap);
    const Lease reader = queue_.BeginInspection(lease.job).value();
    ASSERT_EQ(queue_.Enqueue(reader, Order("a")).what, JobQueue::Enqueued::What::kAvailable);
    lease = queue_.LeaseNext().value().lease;
  }
  ASSERT_EQ(queue_.InputChanged(lease, "3 of 20 files differ"), Fenced::kDone);
  EXPECT_EQ(StateOf(lease.job), kFailed);
}

TEST_F(JobQueueLease, HandingBackUsesNoBudget) {
  Lease lease = Running("a");
  for (int i = 0; i < 50; ++i) {
    ASSERT_EQ(queue_.HandBack(lease, "drain"), Fenced::kDone);
    lease = queue_.LeaseNext().value().lease;
  }
  const Job job = JobOf(lease.job);
  EXPECT_EQ(job.error_count + job.crash_count + job.lost_count, 0);
  EXPECT_EQ(job.attempt, 51) << "the attempt only grows";
}

TEST_F(JobQueueLease, APublishThatFailsIsTriedAgainAsTheSameRevision) {
  const Lease lease = Running("a");
  ASSERT_EQ(queue_.BeginPublish(lease, "d1"), Fenced::kDone);
  ASSERT_EQ(FailWith(lease, JobQueue::FailureKind::kError), Fenced::kDone);
  const Lease again = WaitAndLease();
  EXPECT_EQ(JobOf(again.job).revision, 1);
  Publish(again);
}

TEST_F(JobQueueLease, TheBackOffIsFullJitterBelowADoublingCeiling) {
  std::uint64_t bits = 0;
  JobQueue queue(
      database_, options_, clock_, [&bits] { return bits; }, kThisProcess);
  Lease lease = Running("a");
  const auto wait_of = [&](double share) {
    bits = static_cast<std::uint64_t>(share * 0x1p53) << 11;
    EXPECT_EQ(queue.Fail(lease, JobQueue::FailureKind::kError, {}), Fenced::kDone);
    const std::chrono::milliseconds wait = JobOf(lease.job).run_at - clock_.wall;
    clock_.Pass(wait);
    lease = queue.LeaseNext().value().lease;
    return wait;
  };
  EXPECT_EQ(wait_of(0), seconds(0));
  EXPECT_EQ(wait_of(0.5), seconds(10));
  EXPECT_EQ(wait_of(0.75), seconds(30));
  EXPECT_EQ(wait_of(0.5), seconds(40));
}

TEST_F(JobQueueLease, NoBackOffIsLongerThanItsCap) {
  options_.error_budget = 100;
  JobQueue queue(
      database_, options_, clock_, [] { return ~std::uint64_t{0}; }, kThisProcess);
  Lease lease = Running("a");
  for (int i = 0; i < 80; ++i) {
    ASSERT_EQ(queue.Fail(lease, JobQueue::FailureKind::kError, {}), Fenced::kDone);
    ASSERT_LE(JobOf(lease.job).run_at - clock_.wall, options_.backoff_cap);
    clock_.Pass(options_.backoff_cap);
    lease = queue.LeaseNext().value().lease;
  }
}

TEST_F(JobQueueLease, AJobWaitsForItsBackOff) {
  const Lease lease = Running("a");
  ASSERT_EQ(FailWith(lease, JobQueue::FailureKind::kError), Fenced::kDone);
  const WallTime due = JobOf(lease.job).run_at;
  ASSERT_GT(due, clock_.wall);
  clock_.Pass(due - clock_.wall - std::chrono::milliseconds(1));
  EXPECT_FALSE(queue_.LeaseNext());
  clock_.Pass(std::chrono::milliseconds(1));
  EXPECT_TRUE(queue_.LeaseNext());
}

TEST_F(JobQueueLease, ProgressIsGoneWithItsLease) {
  const Lease lease = Running("a");
  ASSERT_EQ(queue_.Heartbeat(lease, {0.9, "almost", 1.0}), Fenced::kDone);
  ASSERT_EQ(queue_.HandBack(lease, "drain"), Fenced::kDone);
  EXPECT_EQ(JobOf(lease.job).progress.share, 0);
  EXPECT_FALSE(JobOf(lease.job).progress.seconds_left);
}

TEST(QueueOptionsTest, AreCheckedBeforeTheQueueStarts) {
  EXPECT_NO_THROW(QueueOptions{}.Check());
  EXPECT_THROW(QueueOptions{.lease = seconds(0)}.Check(), std::invalid_argument);
  EXPECT_THROW(QueueOptions{.error_budget = 0}.Check(), std::invalid_argument);
  EXPECT_THROW(QueueOptions{.crash_backoff = seconds(1)}.Check(), std::invalid_argument);
  EXPECT_THROW(QueueOptions{.backoff_cap = seconds(1)}.Check(), std::invalid_argument);
  EXPECT_THROW(QueueOptions{.bulk_weight = 0}.Check(), std::invalid_argument);
}

TEST(LaneTest, EveryWordNamesItsLane) {
  for (const Lane lane : {Lane::kUrgent, Lane::kRoutine, Lane::kBulk}) EXPECT_EQ(LaneFromWord(Word(lane)), lane);
  EXPECT_EQ(LaneFromWord("fast"), std::nullopt);
}

}  // namespace
}  // namespace dinsd
