#include "storage/file_digests.h"
#include "tests/storage/queue_fixture.h"

namespace dinsd {
namespace {

using enum JobState;
using std::chrono::days;

class JobQueueQueries : public QueueTest {
 protected:
  std::vector<JobId> Ids(const JobQueue::Filter& filter) {
    std::vector<JobId> ids;
    for (const Job& job : queue_.List(filter)) ids.push_back(job.id);
    return ids;
  }

  std::int64_t PruneAll() {
    std::int64_t all = 0;
    for (std::int64_t removed = -1; removed != 0; all += removed) removed = queue_.Prune({});
    return all;
  }
};

TEST_F(JobQueueQueries, ListsByStateSourceAndPage) {
  const JobId done = Done("a");
  const JobId waiting = Available("b", Lane::kBulk, "archive");
  const JobId seen = queue_.SeeStudy(Sighting("c")).id;
  EXPECT_EQ(Ids({}), (std::vector{done, waiting, seen}));
  EXPECT_EQ(Ids({.states = {kDone, kAvailable}}), (std::vector{done, waiting}));
  EXPECT_EQ(Ids({.source = "archive"}), std::vector{waiting});
  EXPECT_EQ(Ids({.study_hash = "hash"}), (std::vector{done, waiting}));
  EXPECT_EQ(Ids({.after = done, .limit = 1}), std::vector{waiting});
  EXPECT_TRUE(Ids({.source = "' OR 1=1 --"}).empty());
}

TEST_F(JobQueueQueries, CountsByState) {
  Done("a");
  Available("b");
  Available("c");
  const std::map<JobState, std::int64_t> counts = queue_.Counts();
  EXPECT_EQ(counts, (std::map<JobState, std::int64_t>{{kAvailable, 2}, {kDone, 1}}));
}

TEST_F(JobQueueQueries, WhatIsNotThereIsNothing) {
  EXPECT_FALSE(queue_.Show(JobId{1}));
  EXPECT_FALSE(queue_.FindStudy("incoming", "a"));
  EXPECT_EQ(queue_.WorkOrderOf(JobId{1}), "");
}

TEST_F(JobQueueQueries, TextsComeBackAsTheyAre) {
  const std::string odd("quote ' zero \0 line \n snow \xE2\x98\x83", 27);
  const Lease lease = Inspected("a");
  ASSERT_EQ(queue_.Refuse(lease, kRejected, {"CODE", odd, odd, odd}), Fenced::kDone);
  EXPECT_EQ(JobOf(lease.job).reason.sentence, odd);
}

TEST_F(JobQueueQueries, PruningLeavesOneLineOfAnOldJobAndItsRow) {
  const JobId old = Done("a");
  clock_.Pass(days(31));
  const JobId young = Done("b");
  EXPECT_EQ(PruneAll(), 6) << "five lines and the work order";
  EXPECT_EQ(queue_.Show(old)->journal.size(), 1U);
  EXPECT_EQ(queue_.Show(old)->results.size(), 1U);
  EXPECT_EQ(queue_.Show(young)->journal.size(), 6U);
  EXPECT_EQ(queue_.SeeStudy(Sighting("a")).what, JobQueue::Seen::What::kUnchanged) << "an old study does not run again";
}

TEST_F(JobQueueQueries, PruningForgetsStudiesThatAreGone) {
  const JobId gone = Available("a");
  queue_.StudyGone(gone);
  clock_.Pass(days(31));
  PruneAll();
  EXPECT_FALSE(queue_.Find(gone));
  EXPECT_GT(queue_.SeeStudy(Sighting("a")).id, gone);
}

TEST_F(JobQueueQueries, FailedJobsAreKeptLonger) {
  const Lease lease = Inspected("a");
  ASSERT_EQ(queue_.Refuse(lease, kQuarantined, {"IDENTITY_CONFLICT", "", "", ""}), Fenced::kDone);
  clock_.Pass(days(89));
  EXPECT_EQ(PruneAll(), 0);
  clock_.Pass(days(2));
  EXPECT_GT(PruneAll(), 0);
  EXPECT_EQ(StateOf(lease.job), kQuarantined);
}

TEST_F(JobQueueQueries, AStudyThatNobodyClicksInIsGivenUpAndComesBackWithItsClicks) {
  const Lease lease = Inspected("a");
  ASSERT_EQ(queue_.NeedsPrompts(lease, {}, {}), Fenced::kDone);
  clock_.Pass(days(91));
  PruneAll();
  EXPECT_EQ(JobOf(lease.job).reason.code, kNoPromptsCode);
  EXPECT_EQ(queue_.SeeStudy(Sighting("a", "with clicks")).state, kSettling);
}

class FileDigestsTest : public QueueTest {
 protected:
  FileDigests digests_{database_, clock_};
  FileIdentity file_{"incoming", 0xFFFF'FFFF'FFFF'FFFFU, 12, 100, 5};
};

TEST_F(FileDigestsTest, AFileIsKnownWhileNothingOfItChanges) {
  EXPECT_FALSE(digests_.Find(file_));
  digests_.Remember(file_, "abc");
  EXPECT_EQ(digests_.Find(file_), "abc");
  for (const FileIdentity& other : {FileIdentity{"archive", file_.device, 12, 100, 5},
                                    {"incoming", 1, 12, 100, 5},
                                    {"incoming", file_.device, 13, 100, 5},
                                    {"incoming", file_.device, 12, 101, 5},
                                    {"incoming", file_.device, 12, 100, 6}}) {
    EXPECT_FALSE(digests_.Find(other));
  }
  digests_.Forget(file_);
  EXPECT_FALSE(digests_.Find(file_));
}

TEST_F(FileDigestsTest, OldOnesAreForgotten) {
  digests_.Remember(file_, "abc");
  clock_.Pass(days(10));
  EXPECT_EQ(digests_.Prune(days(11)), 0);
  EXPECT_EQ(digests_.Prune(days(9)), 1);
}

}  // namespace
}  // namespace dinsd
