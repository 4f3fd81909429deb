#include "storage/job_codes.h"
#include "tests/storage/queue_fixture.h"

namespace dinsd {
namespace {

using enum JobState;
using Seen = JobQueue::Seen::What;
using Enqueued = JobQueue::Enqueued::What;

class JobQueueIntake : public QueueTest {};

TEST_F(JobQueueIntake, AStudyGoesFromSeenToDone) {
  const JobQueue::Seen seen = queue_.SeeStudy(Sighting("a"));
  EXPECT_EQ(seen.what, Seen::kNew);
  EXPECT_EQ(StateOf(seen.id), kReceived);
  const Lease inspection = queue_.BeginInspection(seen.id).value();
  EXPECT_EQ(StateOf(seen.id), kSettling);
  EXPECT_EQ(queue_.Enqueue(inspection, Order("k")).what, Enqueued::kAvailable);
  const LeasedJob leased = queue_.LeaseNext().value();
  EXPECT_EQ(leased.work_order, "order of k");
  EXPECT_EQ(leased.lease.attempt, 1);
  EXPECT_EQ(leased.job.facts.patient, "P-1");
  Publish(leased.lease);
  const JobHistory history = queue_.Show(seen.id).value();
  EXPECT_EQ(history.job.state, kDone);
  ASSERT_EQ(history.results.size(), 1U);
  EXPECT_EQ(history.results[0].digest, "digest");
  std::vector<std::string> changes;
  for (const JournalLine& line : history.journal) changes.push_back(line.what);
  EXPECT_EQ(changes, (std::vector<std::string>{"received", "received -> settling", "settling -> available",
                                               "available -> running", "running -> publishing", "publishing -> done"}));
}

TEST_F(JobQueueIntake, TheSameSightingChangesNothingWhateverBecameOfTheJob) {
  const JobId id = Done("a");
  const std::size_t lines = queue_.Show(id)->journal.size();
  EXPECT_EQ(queue_.SeeStudy(Sighting("a")).what, Seen::kUnchanged);
  EXPECT_EQ(StateOf(id), kDone);
  EXPECT_EQ(queue_.Show(id)->journal.size(), lines);
}

TEST_F(JobQueueIntake, ASecondDropOfTheSameStudyPointsToTheFirst) {
  const JobId first = Done("a");
  const Lease second = Inspected("b");
  const JobQueue::Enqueued result = queue_.Enqueue(second, Order("a"));
  EXPECT_EQ(result.what, Enqueued::kDuplicate);
  EXPECT_EQ(result.duplicate_of, first);
  EXPECT_EQ(StateOf(second.job), kCancelled);
  EXPECT_EQ(JobOf(second.job).reason.code, kDuplicateCode);
  EXPECT_FALSE(queue_.LeaseNext());
}

TEST_F(JobQueueIntake, ChangedClicksMakeTheNextRevisionOfTheSameJob) {
  const JobId id = Done("a");
  EXPECT_EQ(queue_.SeeStudy(Sighting("a", "f2")).what, Seen::kChanged);
  EXPECT_EQ(StateOf(id), kSettling);
  const JobQueue::Enqueued result = queue_.Enqueue(queue_.BeginInspection(id).value(), Order("other clicks"));
  EXPECT_EQ(result.what, Enqueued::kAvailable);
  EXPECT_EQ(result.revision, 2);
  Publish(queue_.LeaseNext().value().lease);
  EXPECT_EQ(queue_.Show(id)->results.size(), 2U);
}

TEST_F(JobQueueIntake, FilesThatWereOnlyTouchedAreDoneAgainWithoutARun) {
  const JobId id = Done("a");
  EXPECT_EQ(queue_.SeeStudy(Sighting("a", "touched")).what, Seen::kChanged);
  const JobQueue::Enqueued result = queue_.Enqueue(queue_.BeginInspection(id).value(), Order("a"));
  EXPECT_EQ(result.what, Enqueued::kUnchanged);
  EXPECT_EQ(result.revision, 1);
  EXPECT_EQ(StateOf(id), kDone);
  EXPECT_FALSE(queue_.LeaseNext());
}

TEST_F(JobQueueIntake, AChangeDuringAReadMakesItsAnswerStale) {
  const Lease lease = Inspected("a");
  EXPECT_EQ(queue_.SeeStudy(Sighting("a", "f2")).what, Seen::kChanged);
  EXPECT_EQ(queue_.Enqueue(lease, Order("k")).what, Enqueued::kStale);
  EXPECT_EQ(StateOf(lease.job), kSettling);
}

TEST_F(JobQueueIntake, AChangeDuringARunTakesTheJobFromItsWorker) {
  const Lease lease = Running("a");
  EXPECT_EQ(queue_.SeeStudy(Sighting("a", "f2")).what, Seen::kChanged);
  EXPECT_EQ(queue_.Heartbeat(lease, {}), Fenced::kStale);
  EXPECT_EQ(queue_.BeginPublish(lease, "digest"), Fenced::kStale);
  EXPECT_EQ(StateOf(lease.job), kSettling);
}

TEST_F(JobQueueIntake, AChangeWhilePublishingWaitsUntilItIsPublished) {
  const Lease lease = Running("a");
  ASSERT_EQ(queue_.BeginPublish(lease, "digest"), Fenced::kDone);
  EXPECT_EQ(queue_.SeeStudy(Sighting("a", "f2")).what, Seen::kBusy);
  EXPECT_EQ(queue_.Complete(lease), Fenced::kDone);
  EXPECT_EQ(queue_.SeeStudy(Sighting("a", "f2")).what, Seen::kChanged);
}

TEST_F(JobQueueIntake, CopiesBecomeStudiesOfTheirOwnWhenTheFirstChangesBeforeItRan) {
  const JobId first = Available("a");
  const Lease copy = Inspected("b");
  ASSERT_EQ(queue_.Enqueue(copy, Order("a")).what, Enqueued::kDuplicate);
  EXPECT_EQ(queue_.SeeStudy(Sighting("a", "f2")).what, Seen::kChanged);
  EXPECT_EQ(StateOf(first), kSettling);
  EXPECT_EQ(StateOf(copy.job), kSettling);
  EXPECT_FALSE(JobOf(copy.job).duplicate_of);
}

TEST_F(JobQueueIntake, CopiesAreNotForgottenWhenTheFirstChangesWhileHeldOrBeingTriedAgain) {
  const JobId held = Available("a");
  const JobId retried = Available("c");
  const Lease copy_of_held = Inspected("b");
  const Lease copy_of_retried = Inspected("d");
  ASSERT_EQ(queue_.Enqueue(copy_of_held, Order("a")).what, Enqueued::kDuplicate);
  ASSERT_EQ(queue_.Enqueue(copy_of_retried, Order("c")).what, Enqueued::kDuplicate);
  queue_.Hold(held, "", "");
  queue_.Retry(retried, "", "");
  EXPECT_EQ(StateOf(copy_of_retried.job), kCancelled) << "so far the same bytes";
  static_cast<void>(queue_.SeeStudy(Sighting("a", "f2")));
  static_cast<void>(queue_.SeeStudy(Sighting("c", "f2")));
  EXPECT_EQ(StateOf(held), kHeld);
  EXPECT_EQ(StateOf(copy_of_held.job), kSettling);
  EXPECT_EQ(StateOf(copy_of_retried.job), kSettling);
}

TEST_F(JobQueueIntake, ACopyOfAStudyThatWentAwayTakesItsPlace) {
  const JobId first = Available("a");
  const Lease copy = Inspected("b");
  ASSERT_EQ(queue_.Enqueue(copy, Order("a")).what, Enqueued::kDuplicate);
  queue_.StudyGone(first);
  const Lease again = queue_.BeginInspection(copy.job).value();
  EXPECT_EQ(queue_.Enqueue(again, Order("a")).what, Enqueued::kAvailable);
}

TEST_F(JobQueueIntake, AStudyThatAPersonCancelledComesBackOnlyAfterItWasAway) {
  const JobId id = Available("a");
  (void)queue_.Cancel(id, "reader", "not this one");
  EXPECT_EQ(queue_.SeeStudy(Sighting("a", "f2")).state, kCancelled);
  queue_.StudyGone(id);
  EXPECT_EQ(JobOf(id).reason.code, kStudyGoneCode);
  EXPECT_EQ(queue_.SeeStudy(Sighting("a", "f3")).state, kSettling);
}

TEST_F(JobQueueIntake, ASenderThatStillCopiesFillsNoJournal) {
  const JobId id = queue_.SeeStudy(Sighting("a")).id;
  for (int i = 0; i < 20; ++i) EXPECT_EQ(queue_.SeeStudy(Sighting("a", std::to_string(i))).what, Seen::kChanged);
  EXPECT_EQ(queue_.Show(id)->journal.size(), 1U);
}

TEST_F(JobQueueIntake, AWatchedFolderThatMovedKeepsItsJobs) {
  const JobId id = Done("a");
  StudySighting moved = Sighting("a");
  moved.root = "/mnt/elsewhere";
  EXPECT_EQ(queue_.SeeStudy(moved).what, Seen::kUnchanged);
  EXPECT_EQ(JobOf(id).root, "/mnt/elsewhere");
  EXPECT_EQ(StateOf(id), kDone);
}

TEST_F(JobQueueIntake, CopiesOfAPublishedStudyStayWhenItChanges) {
  Done("a");
  const Lease copy = Inspected("b");
  ASSERT_EQ(queue_.Enqueue(copy, Order("a")).what, Enqueued::kDuplicate);
  EXPECT_EQ(queue_.SeeStudy(Sighting("a", "f2")).what, Seen::kChanged);
  EXPECT_EQ(StateOf(copy.job), kCancelled);
}

TEST_F(JobQueueIntake, WhatWasPublishedBeforeItsFolderGotAnotherStudyIsNotPublishedAgain) {
  const JobId first = Done("a");
  ASSERT_EQ(queue_.SeeStudy(Sighting("a", "another patient's")).what, Seen::kChanged);
  ASSERT_EQ(queue_.Refuse(queue_.BeginInspection(first).value(), kQuarantined, {"OTHER_PATIENT", "", "", ""}),
            Fenced::kDone);
  const JobQueue::Enqueued elsewhere = queue_.Enqueue(Inspected("b"), Order("a"));
  EXPECT_EQ(elsewhere.what, Enqueued::kDuplicate);
  EXPECT_EQ(elsewhere.duplicate_of, first);
  ASSERT_EQ(queue_.SeeStudy(Sighting("a", "f1")).what, Seen::kChanged);
  EXPECT_EQ(queue_.Enqueue(queue_.BeginInspection(first).value(), Order("a")).what, Enqueued::kUnchanged);
  EXPECT_EQ(StateOf(first), kDone);
}

TEST_F(JobQueueIntake, ACopyOfAStudyThatAPersonCancelledTakesItsPlace) {
  const JobId first = Available("a");
  const Lease copy = Inspected("b");
  ASSERT_EQ(queue_.Enqueue(copy, Order("a")).what, Enqueued::kDuplicate);
  (void)queue_.Cancel(first, "reader", "it lies in two folders");
  EXPECT_EQ(queue_.Enqueue(queue_.BeginInspection(copy.job).value(), Order("a")).what, Enqueued::kAvailable);
}

TEST_F(JobQueueIntake, AStudyWithoutClicksRestsUntilSomeCome) {
  const Lease lease = Inspected("a");
  EXPECT_EQ(queue_.NeedsPrompts(lease, {"P-1", "", ""}, {"NO_SIDECAR", "", "", "no clicks beside the images"}),
            Fenced::kDone);
  EXPECT_EQ(StateOf(lease.job), kNeedsPrompts);
  EXPECT_EQ(JobOf(lease.job).reason.sentence, "no clicks beside the images");
  EXPECT_EQ(queue_.SeeStudy(Sighting("a", "with clicks")).what, Seen::kChanged);
  EXPECT_EQ(StateOf(lease.job), kSettling);
}

TEST_F(JobQueueIntake, WhoseResultsAJobHasIsNotForgottenByAStudyThatSaysNothing) {
  const JobId id = Done("a");
  EXPECT_EQ(queue_.SeeStudy(Sighting("a", "f2")).what, Seen::kChanged);
  ASSERT_EQ(queue_.NeedsPrompts(queue_.BeginInspection(id).value(), {}, {}), Fenced::kDone);
  EXPECT_EQ(JobOf(id).facts.patient, "P-1");
  EXPECT_EQ(JobOf(id).facts.study_date, "2026-01-02");
  EXPECT_EQ(JobOf(id).facts.study_hash, "hash");
  const Lease unpublished = Inspected("b");
  ASSERT_EQ(queue_.NeedsPrompts(unpublished, {"P-2", "", ""}, {}), Fenced::kDone);
  EXPECT_EQ(queue_.SeeStudy(Sighting("b", "f2")).what, Seen::kChanged);
  ASSERT_EQ(queue_.NeedsPrompts(queue_.BeginInspection(unpublished.job).value(), {}, {}), Fenced::kDone);
  EXPECT_EQ(JobOf(unpublished.job).facts.patient, "") << "it has no results: another one may come in its place";
}

TEST_F(JobQueueIntake, ARefusedStudyIsNotReadAgainUntilItsFilesChange) {
  const Lease lease = Inspected("a");
  EXPECT_EQ(queue_.Refuse(lease, kRejected, {"MISSING_SLICE", "3.dcm", "ImagePositionPatient", "gap"}), Fenced::kDone);
  EXPECT_EQ(queue_.SeeStudy(Sighting("a")).state, kRejected);
  EXPECT_FALSE(queue_.BeginInspection(lease.job));
  EXPECT_EQ(JobOf(lease.job).reason.file, "3.dcm");
  EXPECT_EQ(queue_.SeeStudy(Sighting("a", "f2")).state, kSettling);
  EXPECT_TRUE(queue_.BeginInspection(lease.job));
}

TEST_F(JobQueueIntake, AStudyThatNeverSettlesIsGivenUp) {
  const JobId id = queue_.SeeStudy(Sighting("a")).id;
  EXPECT_TRUE(queue_.RejectUnsettled(id, {"INCOMPLETE_STUDY", "", "", "still changing after 5400 s"}));
  EXPECT_EQ(StateOf(id), kRejected);
  const Lease lease = Inspected("b");
  EXPECT_FALSE(queue_.RejectUnsettled(lease.job, {})) << "a reader has it";
}

TEST_F(JobQueueIntake, AStudyThatWentAwayComesBackWithItsFiles) {
  const Lease lease = Running("a");
  queue_.StudyGone(lease.job);
  EXPECT_EQ(StateOf(lease.job), kCancelled);
  EXPECT_EQ(queue_.Heartbeat(lease, {}), Fenced::kStale);
  EXPECT_EQ(queue_.SeeStudy(Sighting("a")).state, kSettling);
}

TEST_F(JobQueueIntake, APublishedStudyMayGo) {
  const JobId id = Done("a");
  queue_.StudyGone(id);
  EXPECT_EQ(StateOf(id), kDone);
}

TEST_F(JobQueueIntake, WhatAPersonCancelledStaysCancelledWhenItsFilesChange) {
  const JobId id = Available("a");
  queue_.Cancel(id, "uid 1000", "not wanted");
  EXPECT_EQ(queue_.SeeStudy(Sighting("a", "f2")).state, kCancelled);
  EXPECT_EQ(queue_.SeeStudy(Sighting("a", "f2")).what, Seen::kUnchanged);
}

TEST_F(JobQueueIntake, AStudyIsLentToOneReaderAtATime) {
  const Lease lease = Inspected("a");
  EXPECT_FALSE(queue_.BeginInspection(lease.job));
  EXPECT_EQ(queue_.HandBack(lease, "stop"), Fenced::kDone);
  EXPECT_TRUE(queue_.BeginInspection(lease.job));
}

}  // namespace
}  // namespace dinsd
