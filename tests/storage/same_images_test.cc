#include "storage/same_images.h"

#include <gmock/gmock.h>

#include "tests/storage/queue_fixture.h"

namespace dinsd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class SameImagesTest : public QueueTest {
 protected:
  JobId Queue(const std::string& entry, const std::string& clicks, const std::string& images) {
    return Queue(Inspected(entry), clicks, images);
  }

  JobId Queue(const Lease& lease, const std::string& clicks, const std::string& images) {
    WorkOrder order = Order(images + clicks);
    order.images = images;
    EXPECT_EQ(queue_.Enqueue(lease, order).what, JobQueue::Enqueued::What::kAvailable);
    return lease.job;
  }

  JobId Finish(JobId id) {
    Publish(queue_.LeaseNext().value().lease);
    EXPECT_EQ(StateOf(id), JobState::kDone);
    return id;
  }

  /// What the journal of a job says about other jobs.
  std::vector<std::string> Told(JobId id) {
    std::vector<std::string> told;
    const JobHistory history = queue_.Show(id).value();
    for (const JournalLine& line : history.journal) {
      if (line.reason.starts_with(kSameImagesCode)) told.push_back(line.reason);
    }
    return told;
  }
};

TEST_F(SameImagesTest, TheLaterResultsJournalTellsOfTheEarlierOnce) {
  const JobId first = Finish(Queue("a", "1", "x"));
  const JobId other = Finish(Queue("b", "1", "y"));
  const JobId second = Finish(Queue("c", "2", "x"));
  EXPECT_THAT(Told(first), IsEmpty());
  EXPECT_THAT(Told(other), IsEmpty());
  EXPECT_THAT(Told(second),
              ElementsAre("SAME_IMAGES: job 1, revision 1 has results of the same images with other clicks, headers, "
                          "files beside them, weights or options: results/1/r1"));
  EXPECT_THAT(queue_.OtherResults("x", first), ElementsAre(SameImages{second, 1, true}));
  EXPECT_EQ(queue_.Results(second).at(0).images, "x");
}

TEST_F(SameImagesTest, AStudysOwnEarlierRevisionIsNoOther) {
  const JobId id = Finish(Queue("a", "1", "x"));
  EXPECT_EQ(queue_.SeeStudy(Sighting("a", "f2")).what, JobQueue::Seen::What::kChanged);
  EXPECT_FALSE(JobOf(id).images) << "other files may hold other images";
  Finish(Queue(queue_.BeginInspection(id).value(), "2", "x"));
  EXPECT_THAT(Told(id), IsEmpty());
  const JobId other = Finish(Queue("b", "3", "x"));
  EXPECT_THAT(queue_.OtherResults("x", other), ElementsAre(SameImages{id, 1, true}, SameImages{id, 2, true}));
  EXPECT_THAT(Told(other), ElementsAre(HasSubstr("job 1, revision 2 has")));
}

TEST_F(SameImagesTest, WorkOnThemIsSeenUntilItIsOver) {
  const JobId first = Queue("a", "1", "x");
  const JobId second = Queue("b", "2", "x");
  EXPECT_THAT(queue_.OtherWork("x", second), IsEmpty()) << "it waits, and will see ours";
  const Lease lease = queue_.LeaseNext().value().lease;
  EXPECT_THAT(queue_.OtherWork("x", second), ElementsAre(SameImages{first, 1, false}));
  EXPECT_THAT(queue_.OtherWork("x", first), IsEmpty());
  Publish(lease);
  EXPECT_THAT(queue_.OtherWork("x", second), IsEmpty());
}

TEST_F(SameImagesTest, ImagesThatAreNotKnownAreNobodysSame) {
  Finish(Queue("a", "1", ""));
  const JobId second = Finish(Queue("b", "2", ""));
  EXPECT_THAT(queue_.OtherResults("", second), IsEmpty());
  EXPECT_THAT(Told(second), IsEmpty());
}

TEST_F(SameImagesTest, WhatIsLookedUpLaterCounts) {
  const JobId first = Finish(Queue("a", "1", ""));
  const JobId second = Finish(Queue("b", "2", "x"));
  std::vector<PublishedResult> unknown = queue_.ResultsWithoutImages();
  ASSERT_EQ(unknown.size(), 1U);
  EXPECT_EQ(unknown[0].job, first);
  unknown[0].images = "x";
  queue_.NoteImages(unknown);
  EXPECT_THAT(queue_.OtherResults("x", second), ElementsAre(SameImages{first, 1, true}));
  unknown[0].images = "";
  queue_.NoteImages(unknown);
  EXPECT_THAT(queue_.ResultsWithoutImages(), IsEmpty()) << "nothing tells it: not asked again";
}

TEST_F(SameImagesTest, CopiesAreTheJobsOfTheSameKey) {
  const JobId first = Finish(Queue("a", "1", "x"));
  const Lease copy = Inspected("b");
  EXPECT_EQ(queue_.Enqueue(copy, Order("x1")).what, JobQueue::Enqueued::What::kDuplicate);
  ASSERT_EQ(queue_.Copies(first, "x1").size(), 1U);
  EXPECT_EQ(queue_.Copies(first, "x1")[0].entry, "b");
  EXPECT_THAT(queue_.Copies(first, "x2"), IsEmpty());
}

/// Images that two patients lay claim to.
class TwoPatientsTest : public SameImagesTest {
 protected:
  [[nodiscard]] std::vector<JobId> Others(const std::string& images, JobId than) {
    std::vector<JobId> ids;
    for (const Job& job : queue_.OthersWith(images, than)) ids.push_back(job.id);
    return ids;
  }

  Fenced RefuseFor(const Lease& lease) { return queue_.RefuseImages(lease, {"M4", "2026-01-02", ""}, "x", kReason); }

  const Reason kReason{"SAME_IMAGES_OTHER_PATIENT", "a", "patient", "two patients"};
};

TEST_F(TwoPatientsTest, WhoWaitsRunsOrHasAResultOfTheImagesIsFound) {
  const JobId done = Finish(Queue("a", "1", "x"));
  const JobId running = Queue("b", "2", "x");
  ASSERT_TRUE(queue_.LeaseNext());
  const JobId waits = Queue("c", "3", "x");
  Queue("d", "4", "y");
  const Lease looked = Inspected("e");
  EXPECT_THAT(Others("x", looked.job), ElementsAre(done, running, waits));
  EXPECT_THAT(Others("x", running), ElementsAre(done, waits));
  EXPECT_THAT(Others("", looked.job), IsEmpty());
  EXPECT_EQ(RefuseFor(looked), Fenced::kDone);
  EXPECT_THAT(Others("x", done), ElementsAre(running, waits, looked.job));
  EXPECT_EQ(JobOf(looked.job).facts.patient, "M4") << "the other is held against it";
}

TEST_F(TwoPatientsTest, ImagesThatWerePutRightAreNoLongerTheirs) {
  const JobId id = Finish(Queue("a", "1", "x"));
  const Lease looked = Inspected("b");
  EXPECT_EQ(queue_.SeeStudy(Sighting("a", "f2")).what, JobQueue::Seen::What::kChanged);
  EXPECT_THAT(Others("x", looked.job), IsEmpty()) << "a reader has yet to look at it";
  Queue(queue_.BeginInspection(id).value(), "1", "y");
  EXPECT_THAT(Others("x", looked.job), IsEmpty()) << "its files are others, though its result is not made yet";
  Finish(id);
  EXPECT_THAT(Others("x", looked.job), IsEmpty()) << "the result of before was superseded";
  EXPECT_THAT(Others("y", looked.job), ElementsAre(id));
}

TEST_F(TwoPatientsTest, APublishedStudyIsQuarantinedAndTakenUpAgainByRetry) {
  const JobId id = Finish(Queue("a", "1", "x"));
  EXPECT_TRUE(queue_.QuarantineImages(id, "x", kReason));
  EXPECT_EQ(StateOf(id), JobState::kQuarantined);
  EXPECT_EQ(JobOf(id).reason.code, "SAME_IMAGES_OTHER_PATIENT");
  EXPECT_EQ(queue_.Show(id).value().journal.back().reason, "two patients");
  EXPECT_EQ(queue_.Results(id).size(), 1U);
  EXPECT_FALSE(queue_.QuarantineImages(id, "x", kReason)) << "it is already";
  EXPECT_THAT(Others("x", JobId{99}), ElementsAre(id));
  EXPECT_EQ(queue_.Retry(id, "somebody", "").what, JobQueue::Answer::What::kDone);
  Finish(Queue(queue_.BeginInspection(id).value(), "1", "x"));
  EXPECT_EQ(queue_.Results(id).size(), 2U);
}

TEST_F(TwoPatientsTest, AWorkerThatHasOneOfThemLosesIt) {
  const JobId id = Queue("a", "1", "x");
  const Lease lease = queue_.LeaseNext().value().lease;
  EXPECT_TRUE(queue_.QuarantineImages(id, "x", kReason));
  EXPECT_EQ(queue_.Heartbeat(lease, {}), Fenced::kStale);
  EXPECT_EQ(queue_.BeginPublish(lease, "digest"), Fenced::kStale);
  EXPECT_EQ(StateOf(id), JobState::kQuarantined);
}

TEST_F(TwoPatientsTest, WhatIsYetToBeLookedAtOrIsHeldIsLeftAlone) {
  const Lease looked = Inspected("a");
  EXPECT_FALSE(queue_.QuarantineImages(looked.job, "x", kReason));
  const JobId held = Queue("b", "1", "x");
  EXPECT_EQ(queue_.Hold(held, "somebody", "").what, JobQueue::Answer::What::kDone);
  EXPECT_THAT(Others("x", looked.job), ElementsAre(held));
  EXPECT_FALSE(queue_.QuarantineImages(held, "x", kReason));
  EXPECT_FALSE(queue_.QuarantineImages(JobId{99}, "x", kReason));
  EXPECT_EQ(RefuseFor(looked), Fenced::kDone);
  EXPECT_EQ(RefuseFor(looked), Fenced::kStale);
}

TEST(SameImagesInWords, TellTheNewestResultOfEachJob) {
  const std::vector<std::string> words =
      InWords({{JobId{4}, 1, true}, {JobId{4}, 3, true}, {JobId{4}, 4, false}, {JobId{7}, 1, false}});
  EXPECT_THAT(words, ElementsAre(HasSubstr("job 4, revision 3 has results of the same images"),
                                 HasSubstr("job 7, revision 1 is at work on the same images")));
  EXPECT_THAT(words[0], testing::EndsWith(": results/4/r3"));
}

TEST(SameImagesInWords, OfManyJobsTellTheLastAndHowManyMore) {
  std::vector<SameImages> others;
  for (std::int64_t job = 1; job <= 100; ++job) others.push_back({JobId{job}, 1, true});
  const std::vector<std::string> words = InWords(others);
  ASSERT_EQ(words.size(), 9U);
  EXPECT_THAT(words.back(), HasSubstr("92 more jobs"));
  EXPECT_THAT(words[7], HasSubstr("job 100,"));
}

}  // namespace
}  // namespace dinsd
