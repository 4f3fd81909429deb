#include "tests/storage/queue_fixture.h"

namespace dinsd {
namespace {

using enum JobState;
using What = JobQueue::Answer::What;

class JobQueueCommands : public QueueTest {};

TEST_F(JobQueueCommands, WhoAskedAndWhyIsInTheJournal) {
  const JobId id = Available("a");
  EXPECT_EQ(queue_.Hold(id, "uid 1000 (pid 7)", "ask the ward first").what, What::kDone);
  const JournalLine line = queue_.Show(id)->journal.back();
  EXPECT_EQ(line.who, "uid 1000 (pid 7)");
  EXPECT_EQ(line.what, "available -> held");
  EXPECT_EQ(line.reason, "ask the ward first");
}

TEST_F(JobQueueCommands, AHeldJobDoesNotRunUntilItIsReleasedAndReadAgain) {
  const JobId id = Available("a");
  queue_.Hold(id, "", "");
  EXPECT_FALSE(queue_.LeaseNext());
  EXPECT_EQ(queue_.Release(id, "", "").state, kSettling);
  EXPECT_EQ(JobOf(id).key, std::nullopt);
  EXPECT_EQ(queue_.Enqueue(queue_.BeginInspection(id).value(), Order("a")).revision, 1);
  EXPECT_TRUE(queue_.LeaseNext());
}

TEST_F(JobQueueCommands, HoldingAndCancellingTakeARunningJobFromItsWorker) {
  const Lease held = Running("a");
  EXPECT_EQ(queue_.Hold(held.job, "", "").what, What::kDone);
  EXPECT_EQ(queue_.Heartbeat(held, {}), Fenced::kStale);
  const Lease cancelled = Running("b");
  EXPECT_EQ(queue_.Cancel(cancelled.job, "", "").what, What::kDone);
  EXPECT_EQ(queue_.BeginPublish(cancelled, "d"), Fenced::kStale);
}

TEST_F(JobQueueCommands, WhatIsBeingPublishedIsLeftAlone) {
  const Lease lease = Running("a");
  ASSERT_EQ(queue_.BeginPublish(lease, "d"), Fenced::kDone);
  for (const JobQueue::Answer& answer :
       {queue_.Hold(lease.job, "", ""), queue_.Cancel(lease.job, "", ""), queue_.Retry(lease.job, "", ""),
        queue_.Release(lease.job, "", ""), queue_.Snooze(lease.job, clock_.wall, "", "")}) {
    EXPECT_EQ(answer.what, What::kNotAllowed);
    EXPECT_EQ(answer.state, kPublishing);
  }
  EXPECT_EQ(queue_.Complete(lease), Fenced::kDone);
}

TEST_F(JobQueueCommands, AJobThatDoesNotExistIsSaidSo) {
  EXPECT_EQ(queue_.Hold(JobId{99}, "", "").what, What::kNoSuchJob);
  EXPECT_EQ(queue_.Cancel(JobId{99}, "", "").what, What::kNoSuchJob);
  EXPECT_EQ(queue_.Retry(JobId{99}, "", "").what, What::kNoSuchJob);
}

TEST_F(JobQueueCommands, RetryGivesFreshBudgets) {
  Lease lease = Running("a");
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(queue_.Fail(lease, JobQueue::FailureKind::kCrash, {}), Fenced::kDone);
    clock_.Pass(options_.backoff_cap);
    if (i < 2) lease = queue_.LeaseNext().value().lease;
  }
  ASSERT_EQ(StateOf(lease.job), kQuarantined);
  EXPECT_EQ(queue_.Retry(lease.job, "uid 0", "new driver").state, kSettling);
  EXPECT_EQ(JobOf(lease.job).crash_count, 0);
}

TEST_F(JobQueueCommands, RetryOfADoneJobMakesTheNextRevisionEvenOfTheSameKey) {
  const JobId id = Done("a");
  EXPECT_EQ(queue_.Retry(id, "", "").what, What::kDone);
  const JobQueue::Enqueued result = queue_.Enqueue(queue_.BeginInspection(id).value(), Order("a"));
  EXPECT_EQ(result.what, JobQueue::Enqueued::What::kAvailable);
  EXPECT_EQ(result.revision, 2);
  Publish(queue_.LeaseNext().value().lease);
  EXPECT_EQ(queue_.Show(id)->results.size(), 2U);
}

TEST_F(JobQueueCommands, RetryOfARunningOrHeldJobIsRefused) {
  const Lease lease = Running("a");
  EXPECT_EQ(queue_.Retry(lease.job, "", "").what, What::kNotAllowed);
  queue_.Hold(lease.job, "", "");
  EXPECT_EQ(queue_.Retry(lease.job, "", "").what, What::kNotAllowed);
}

TEST_F(JobQueueCommands, ACancelledKeyDoesNotStandInTheWay) {
  queue_.Cancel(Available("a"), "", "");
  EXPECT_EQ(queue_.Enqueue(Inspected("b"), Order("a")).what, JobQueue::Enqueued::What::kAvailable);
}

TEST_F(JobQueueCommands, ASnoozedJobWakesAtItsTimeAndUsesNoBudget) {
  const JobId id = Available("a");
  EXPECT_EQ(queue_.Snooze(id, clock_.wall + std::chrono::hours(2), "", "").state, kSnoozed);
  clock_.Pass(std::chrono::minutes(119));
  EXPECT_FALSE(queue_.LeaseNext());
  clock_.Pass(std::chrono::minutes(1));
  EXPECT_TRUE(queue_.LeaseNext());
  EXPECT_EQ(JobOf(id).error_count, 0);
}

TEST_F(JobQueueCommands, APausedQueueLeasesNothingButLetsLeasesGoOn) {
  const Lease running = Running("a");
  Available("b");
  queue_.SetMode(JobQueue::Mode::kPaused);
  EXPECT_FALSE(queue_.LeaseNext());
  Publish(running);
  EXPECT_EQ(MakeQueue(kThisProcess).mode(), JobQueue::Mode::kPaused) << "a pause outlives a restart";
  queue_.SetMode(JobQueue::Mode::kOpen);
  EXPECT_TRUE(queue_.LeaseNext());
}

TEST_F(JobQueueCommands, DrainingEndsWithTheProcess) {
  Available("a");
  queue_.SetMode(JobQueue::Mode::kDraining);
  EXPECT_FALSE(queue_.LeaseNext());
  EXPECT_EQ(MakeQueue(kThisProcess).mode(), JobQueue::Mode::kOpen);
}

}  // namespace
}  // namespace dinsd
