#include "tests/storage/queue_fixture.h"

namespace dinsd {
namespace {

using enum JobState;
using std::chrono::hours;
using std::chrono::seconds;

const ProcessIdentity kNextProcess{"machine", "boot", 101, 2};
const ProcessIdentity kAfterReboot{"machine", "boot 2", 100, 1};
const ProcessIdentity kOtherMachine{"machine 2", "boot 3", 100, 1};

class JobQueueRecovery : public QueueTest {};

TEST_F(JobQueueRecovery, ANewProcessTakesTheLeasesOfADeadOneBackAtOnce) {
  for (const ProcessIdentity& self : {kNextProcess, kAfterReboot}) {
    const Lease lease = Running("a" + self.boot);
    JobQueue next = MakeQueue(self);
    const JobQueue::TakenBack taken = next.TakeBackOwnLeases();
    EXPECT_EQ(taken.again, std::vector{lease.job});
    EXPECT_EQ(StateOf(lease.job), kAvailable);
    EXPECT_EQ(next.BeginPublish(lease, "d"), Fenced::kStale);
    Publish(next.LeaseNext().value().lease);
  }
}

TEST_F(JobQueueRecovery, ItsOwnLeasesAndThoseOfOtherMachinesStay) {
  const Lease lease = Running("a");
  EXPECT_TRUE(queue_.TakeBackOwnLeases().again.empty());
  JobQueue other = MakeQueue(kOtherMachine);
  EXPECT_TRUE(other.TakeBackOwnLeases().again.empty());
  EXPECT_EQ(queue_.Heartbeat(lease, {}), Fenced::kDone);
}

TEST_F(JobQueueRecovery, AReadersStudyIsTakenBackToo) {
  const Lease lease = Inspected("a");
  JobQueue next = MakeQueue(kNextProcess);
  EXPECT_EQ(next.TakeBackOwnLeases().again, std::vector{lease.job});
  EXPECT_EQ(StateOf(lease.job), kSettling);
  EXPECT_EQ(queue_.Enqueue(lease, Order("k")).what, JobQueue::Enqueued::What::kStale);
  EXPECT_TRUE(next.BeginInspection(lease.job));
}

TEST_F(JobQueueRecovery, AnInterruptedPublishIsHandedToTheNewProcess) {
  const Lease lease = Running("a");
  ASSERT_EQ(queue_.BeginPublish(lease, "digest"), Fenced::kDone);
  JobQueue next = MakeQueue(kNextProcess);
  const JobQueue::TakenBack taken = next.TakeBackOwnLeases();
  ASSERT_EQ(taken.publishing.size(), 1U);
  EXPECT_EQ(taken.publishing[0].job.result_digest, "digest");
  EXPECT_EQ(taken.publishing[0].work_order, "order of a");
  EXPECT_EQ(queue_.Complete(lease), Fenced::kStale);
  EXPECT_EQ(next.Complete(taken.publishing[0].lease), Fenced::kDone);
  EXPECT_EQ(StateOf(lease.job), kDone);
}

TEST_F(JobQueueRecovery, AnInterruptedPublishWithoutItsFilesRunsAgain) {
  const Lease lease = Running("a");
  ASSERT_EQ(queue_.BeginPublish(lease, "digest"), Fenced::kDone);
  JobQueue next = MakeQueue(kNextProcess);
  const JobQueue::TakenBack taken = next.TakeBackOwnLeases();
  ASSERT_EQ(next.HandBack(taken.publishing.at(0).lease, "no result folder"), Fenced::kDone);
  Publish(next.LeaseNext().value().lease);
  EXPECT_EQ(queue_.Show(lease.job)->results.size(), 1U);
}

TEST_F(JobQueueRecovery, AStudyThatTakesTheServiceDownEachTimeIsQuarantined) {
  Lease lease = Running("a");
  ProcessIdentity self = kThisProcess;
  for (int end = 1; end <= options_.lost_budget; ++end) {
    ++self.pid;
    JobQueue next = MakeQueue(self);
    const JobQueue::TakenBack taken = next.TakeBackOwnLeases();
    if (end == options_.lost_budget) {
      EXPECT_EQ(taken.quarantined, std::vector{lease.job});
      EXPECT_EQ(JobOf(lease.job).reason.code, kServiceLostCode);
    } else {
      EXPECT_EQ(StateOf(lease.job), end == 1 ? kAvailable : kRetryable) << "from the second time others go first";
      clock_.Pass(options_.backoff_cap);
      lease = next.LeaseNext().value().lease;
    }
  }
  EXPECT_EQ(StateOf(lease.job), kQuarantined);
}

TEST_F(JobQueueRecovery, AStudyThatTakesTheServiceDownWhileReadIsQuarantinedToo) {
  const JobId id = Inspected("a").job;
  ProcessIdentity self = kThisProcess;
  for (int end = 1; end <= options_.lost_budget; ++end) {
    ++self.pid;
    JobQueue next = MakeQueue(self);
    static_cast<void>(next.TakeBackOwnLeases());
    clock_.Pass(options_.backoff_cap);
    if (end < options_.lost_budget) {
      ASSERT_TRUE(next.BeginInspection(id));
    }
  }
  EXPECT_EQ(StateOf(id), kQuarantined);
}

TEST_F(JobQueueRecovery, ALeaseThatNobodyRenewsIsTakenBack) {
  const Lease lease = Running("a");
  for (int i = 0; i < 9; ++i) {
    clock_.Pass(seconds(10));
    EXPECT_TRUE(queue_.ExpireLeases().again.empty());
  }
  clock_.Pass(seconds(1));
  EXPECT_EQ(queue_.ExpireLeases().again, std::vector{lease.job});
  EXPECT_EQ(queue_.Heartbeat(lease, {}), Fenced::kStale);
}

TEST_F(JobQueueRecovery, ALeaseThatIsRenewedStays) {
  const Lease lease = Running("a");
  for (int i = 0; i < 100; ++i) {
    clock_.Pass(seconds(15));
    ASSERT_EQ(queue_.Heartbeat(lease, {}), Fenced::kDone);
    ASSERT_TRUE(queue_.ExpireLeases().again.empty());
  }
}

TEST_F(JobQueueRecovery, AManyHealthyLeasesDoNotHideAnOldOne) {
  const Lease old = Running("old");
  static_cast<void>(queue_.ExpireLeases());
  clock_.Pass(seconds(80));
  static_cast<void>(queue_.ExpireLeases());
  for (int i = 0; i < 20; ++i) Running("new" + std::to_string(i));
  clock_.Pass(seconds(20));
  EXPECT_EQ(queue_.ExpireLeases().again, std::vector{old.job});
}

TEST_F(JobQueueRecovery, AWallClockThatIsSetReapsNoLeaseAndLosesNone) {
  const Lease lease = Running("a");
  static_cast<void>(queue_.ExpireLeases());
  for (const auto step : {hours(1), hours(-1), hours(24), hours(-48), hours(24 * 365 * 20)}) {
    clock_.wall += step;
    clock_.Pass(seconds(10));
    ASSERT_TRUE(queue_.ExpireLeases().again.empty()) << step.count() << " h";
    EXPECT_EQ(queue_.last_clock_step(), step);
    ASSERT_EQ(queue_.Heartbeat(lease, {}), Fenced::kDone);
  }
  clock_.wall -= hours(1);
  for (int i = 0; i < 10; ++i) {
    clock_.Pass(seconds(10));
    if (!queue_.ExpireLeases().again.empty()) break;
  }
  EXPECT_EQ(StateOf(lease.job), kAvailable) << "not renewed for 100 s, whatever the wall clock says";
}

TEST_F(JobQueueRecovery, ABackOffIsAsLongAsItWasWhenTheClockIsSet) {
  const Lease lease = Running("a");
  static_cast<void>(queue_.ExpireLeases());
  ASSERT_EQ(queue_.Fail(lease, JobQueue::FailureKind::kCrash, {}), Fenced::kDone);
  const auto wait = JobOf(lease.job).run_at - clock_.wall;
  clock_.wall -= hours(24);
  clock_.Pass(seconds(1));
  static_cast<void>(queue_.ExpireLeases());
  EXPECT_EQ(JobOf(lease.job).run_at - clock_.wall, wait - seconds(1));
}

TEST_F(JobQueueRecovery, AfterASuspendTheWorkersMayBeatFirst) {
  const Lease lease = Running("a");
  static_cast<void>(queue_.ExpireLeases());
  clock_.Pass(std::chrono::minutes(10));
  EXPECT_TRUE(queue_.ExpireLeases().again.empty()) << "the round itself came late";
  ASSERT_EQ(queue_.Heartbeat(lease, {}), Fenced::kDone);
  clock_.Pass(seconds(10));
  EXPECT_TRUE(queue_.ExpireLeases().again.empty());
}

class JobQueueRestore : public QueueTest {
 protected:
  bool Restore(std::int64_t id, const std::string& entry, std::int64_t revision, const std::string& key) {
    return queue_.Restore(Sighting(entry), {JobId{id}, revision, key, "digest", clock_.wall}, {"P-1", "", ""});
  }
};

TEST_F(JobQueueRestore, ResultsOfALostDatabaseComeBackUnderTheirNumbers) {
  EXPECT_TRUE(Restore(41, "a", 1, "k1"));
  EXPECT_TRUE(Restore(41, "a", 2, "k2"));
  EXPECT_EQ(JobOf(JobId{41}).revision, 2);
  EXPECT_EQ(queue_.Show(JobId{41})->results.size(), 2U);
  EXPECT_EQ(queue_.SeeStudy(Sighting("new")).id, JobId{42}) << "numbers are never used again";
}

TEST_F(JobQueueRestore, NumbersStartAboveWhatLiesInTheResultsFolder) {
  EXPECT_EQ(queue_.LastNumber(), JobId{0});
  queue_.NumberAbove(JobId{41});
  EXPECT_EQ(queue_.SeeStudy(Sighting("a")).id, JobId{42}) << "also before the first job";
  queue_.NumberAbove(JobId{99});
  EXPECT_EQ(queue_.LastNumber(), JobId{99});
  EXPECT_EQ(queue_.SeeStudy(Sighting("b")).id, JobId{100});
  queue_.NumberAbove(JobId{7});
  EXPECT_EQ(queue_.SeeStudy(Sighting("c")).id, JobId{101}) << "never back";
}

TEST_F(JobQueueRestore, AJobHasResultsOnceOneIsPublishedOrRestored) {
  const Lease lease = Running("a");
  ASSERT_EQ(queue_.BeginPublish(lease, "digest"), Fenced::kDone);
  EXPECT_FALSE(queue_.HasResults(lease.job));
  ASSERT_EQ(queue_.Complete(lease), Fenced::kDone);
  EXPECT_TRUE(queue_.HasResults(lease.job));
  ASSERT_TRUE(Restore(41, "b", 1, "k1"));
  EXPECT_TRUE(queue_.HasResults(JobId{41}));
}

TEST_F(JobQueueRestore, ARestoredStudyIsLookedAtOnceAndStaysDone) {
  ASSERT_TRUE(Restore(41, "a", 2, "k2"));
  ASSERT_TRUE(Restore(41, "a", 1, "k1"));
  EXPECT_EQ(queue_.SeeStudy(Sighting("a")).what, JobQueue::Seen::What::kChanged);
  const JobQueue::Enqueued result = queue_.Enqueue(queue_.BeginInspection(JobId{41}).value(), Order("k2"));
  EXPECT_EQ(result.what, JobQueue::Enqueued::What::kUnchanged);
  EXPECT_EQ(result.revision, 2);
  EXPECT_EQ(StateOf(JobId{41}), kDone);
}

TEST_F(JobQueueRestore, WhatContradictsTheDatabaseIsNotRestored) {
  ASSERT_TRUE(Restore(41, "a", 1, "k1"));
  EXPECT_FALSE(Restore(41, "a", 1, "k1")) << "known";
  EXPECT_FALSE(Restore(41, "b", 2, "k2")) << "the number is another study's";
  EXPECT_FALSE(Restore(42, "a", 2, "k2")) << "the study has another number";
  EXPECT_FALSE(Restore(43, "c", 1, "k1")) << "the key is another job's";
  const JobId seen = queue_.SeeStudy(Sighting("d")).id;
  EXPECT_FALSE(Restore(static_cast<std::int64_t>(seen), "d", 1, "k4")) << "already on its way";
}

}  // namespace
}  // namespace dinsd
