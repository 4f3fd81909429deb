#include "storage/history.h"

#include <gmock/gmock.h>

#include "tests/storage/queue_fixture.h"

namespace dinsd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class HistoryTest : public QueueTest {
 protected:
  /// A published study of a patient.
  JobId Published(const std::string& entry, const std::string& patient, const std::string& date,
                  const std::string& standing = "final") {
    const Lease lease = Inspected(entry);
    WorkOrder order = Order(entry);
    order.facts = {patient, date, ""};
    EXPECT_EQ(queue_.Enqueue(lease, order).what, JobQueue::Enqueued::What::kAvailable);
    Publish(queue_.LeaseNext().value().lease);
    history_.Note(lease.job, 1, {patient, date, standing, "method"});
    return lease.job;
  }

  History history_{database_};
};

TEST_F(HistoryTest, WhatAResultSaysOfItselfIsNotedOnce) {
  const JobId job = Done("a");
  ASSERT_THAT(history_.WithoutFacts(), SizeIs(1));
  EXPECT_EQ(history_.WithoutFacts()[0].job, job);
  history_.Note(job, 1, {"", "", "", ""});
  EXPECT_THAT(history_.WithoutFacts(), IsEmpty()) << "that it tells nothing is known too";
  history_.Note(JobId{99}, 1, {"P", "2026-01-01", "final", "m"});
  EXPECT_THAT(history_.Of("P"), IsEmpty());
}

TEST_F(HistoryTest, ResultsOfOnePatientComeByDateAndNobodyElses) {
  const JobId later = Published("a", "P", "2026-05-01");
  const JobId earlier = Published("b", "P", "2025-05-01", "preliminary");
  Published("c", "Q", "2024-01-01");
  Published("d", "", "2024-01-01");
  const std::vector<Timepoint> timepoints = history_.Of("P");
  ASSERT_THAT(timepoints, SizeIs(2));
  EXPECT_EQ(timepoints[0].job, earlier);
  EXPECT_EQ(timepoints[0].facts.standing, "preliminary");
  EXPECT_EQ(timepoints[1].job, later);
  EXPECT_EQ(timepoints[1].source, "incoming");
  EXPECT_EQ(timepoints[1].digest, "digest");
  EXPECT_THAT(history_.Of(""), IsEmpty()) << "a study without a patient has no history";
  EXPECT_THAT(history_.Patients(), testing::UnorderedElementsAre("P", "Q"));
}

TEST_F(HistoryTest, OfEachDoneJobThereIsItsNewestResult) {
  const JobId first = Published("a", "P", "2026-05-01");
  const JobId nobodys = Published("b", "", "");
  Published("c", "Q", "2024-01-01");
  EXPECT_EQ(queue_.SeeStudy(Sighting("c", "f2")).what, JobQueue::Seen::What::kChanged);  // not done any more
  const std::vector<Timepoint> done = history_.OfDoneJobs();
  ASSERT_THAT(done, SizeIs(2));
  EXPECT_EQ(done[0].job, first);
  EXPECT_EQ(done[0].facts.method, "method");
  EXPECT_EQ(done[1].job, nobodys);
}

TEST_F(HistoryTest, AQuarantinedJobsResultsDoNotCount) {
  const JobId job = Published("a", "P", "2026-05-01");
  EXPECT_EQ(queue_.SeeStudy(Sighting("a", "f2")).what, JobQueue::Seen::What::kChanged);
  const Lease lease = queue_.BeginInspection(job).value();
  EXPECT_EQ(queue_.Refuse(lease, JobState::kQuarantined, {"OTHER_PATIENT", "", "", ""}), Fenced::kDone);
  EXPECT_THAT(history_.Of("P"), IsEmpty());
}

TEST_F(HistoryTest, StudiesThatWaitForClicksOrHaveOnlyProposedOnesAreFound) {
  Published("final", "P", "2026-01-01");
  const JobId proposed = Published("proposed", "P", "2026-02-01", "preliminary");
  const Lease lease = Inspected("waits");
  EXPECT_EQ(queue_.NeedsPrompts(lease, {"P", "2026-03-01", ""}, {"NO_PROMPTS", "", "", ""}), Fenced::kDone);
  Published("other", "Q", "2026-02-01", "preliminary");
  EXPECT_THAT(history_.WithoutVerifiedClicks("P"), ElementsAre(proposed, lease.job));
}

TEST_F(HistoryTest, AStudyIsLookedAtAgainOnlyWhereNobodyHasIt) {
  const JobId done = Done("a");
  EXPECT_TRUE(queue_.LookAgain(done, "a prior came"));
  EXPECT_EQ(StateOf(done), JobState::kSettling);
  EXPECT_FALSE(queue_.LookAgain(done, "a prior came"));
  const Lease lease = queue_.BeginInspection(done).value();
  EXPECT_EQ(queue_.Enqueue(lease, Order("a")).what, JobQueue::Enqueued::What::kUnchanged) << "the same key";
  EXPECT_EQ(StateOf(done), JobState::kDone);
  const Lease running = Running("b");
  EXPECT_FALSE(queue_.LookAgain(running.job, ""));
  EXPECT_FALSE(queue_.LookAgain(JobId{99}, ""));
}

}  // namespace
}  // namespace dinsd
