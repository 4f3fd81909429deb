#include "daemon/service/image_conflict.h"

#include <gmock/gmock.h>

#include "daemon/messages/job_key.h"
#include "daemon/service/study_facts.h"
#include "tests/daemon/service_fixture.h"

namespace dinsd {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// Studies with a study.json, as a reader saw them.
class ImageConflictTest : public ServiceContextTest {
 protected:
  static InspectedStudy Of(const std::string& patient, const std::string& image = "image") {
    InspectedStudy study;
    study.has_manifest = true;
    study.identity.patient = patient;
    study.images.emplace_back();
    study.images[0].is_chosen = true;
    study.images[0].files = {"image.nii.gz"};
    study.digests.push_back({.file = "image.nii.gz", .sha256 = image});
    return study;
  }

  [[nodiscard]] SettledStudy Settled(const Lease& lease) {
    const Job job = JobOf(lease.job);
    return {job.id, job.source, job.root, job.entry, {}, job.lane, {}};
  }

  /// Whether the study was quarantined with another one.
  bool IsOneOfTwo(const Lease& lease, const InspectedStudy& study) {
    return QuarantineImagesOfTwoPatients(context_, lease, Settled(lease), study);
  }

  JobId Published(const std::string& entry, const InspectedStudy& study, const std::string& date = "2025-01-01") {
    const Lease lease = Looked(entry);
    EXPECT_FALSE(IsOneOfTwo(lease, study));
    WorkOrder order = Order(entry);
    order.facts = FactsOf("salt", study.identity, study.has_manifest);
    order.images = ImagesDigest(study);
    EXPECT_EQ(queue_.Enqueue(lease, order).what, JobQueue::Enqueued::What::kAvailable);
    QueueTest::Publish(queue_.LeaseNext().value().lease);
    history_.Note(lease.job, 1, {order.facts.patient, date, "final", "method"});
    return lease.job;
  }
};

TEST_F(ImageConflictTest, BothAreQuarantinedAndSayOfEachOther) {
  const JobId first = Published("a", Of("M2"));
  ASSERT_THAT(history_.Of("M2"), SizeIs(1));
  const Lease second = Looked("b");
  EXPECT_TRUE(IsOneOfTwo(second, Of("M4")));
  for (const JobId id : {first, second.job}) {
    const Job job = JobOf(id);
    EXPECT_EQ(job.state, JobState::kQuarantined);
    EXPECT_EQ(job.reason.code, "SAME_IMAGES_OTHER_PATIENT");
    EXPECT_EQ(job.reason.file, job.entry);
    EXPECT_THAT(job.reason.sentence, AllOf(HasSubstr("job 1 (patient M2)"), HasSubstr("job 2 (patient M4)")));
  }
  EXPECT_THAT(history_.Of("M2"), IsEmpty()) << "it is nobody's prior until a person has looked";
  EXPECT_EQ(queue_.Results(first).size(), 1U) << "what was published stays";
}

TEST_F(ImageConflictTest, ASecondReaderOtherImagesAndNobodysStudyAreNone) {
  Published("a", Of("M2"));
  EXPECT_FALSE(IsOneOfTwo(Looked("b"), Of("M2")));
  EXPECT_FALSE(IsOneOfTwo(Looked("c"), Of("M4", "another image")));
  EXPECT_FALSE(IsOneOfTwo(Looked("d"), Of("")));
  Published("e", Of("", "nobody's image"));
  EXPECT_FALSE(IsOneOfTwo(Looked("f"), Of("M4", "nobody's image")));
}

TEST_F(ImageConflictTest, PseudonymsOfOtherFoldersSayNothingOfThese) {
  const JobId first = Published("a", Of("M2"));
  const JobQueue::Seen seen = queue_.SeeStudy({"trial", Incoming().string(), "b", "f1", Lane::kRoutine});
  const Lease lease = queue_.BeginInspection(seen.id).value();
  EXPECT_FALSE(IsOneOfTwo(lease, Of("M4")));
  EXPECT_EQ(StateOf(first), JobState::kDone);
  context_.settings.watches = {{.name = "incoming", .patients = "all"}, {.name = "trial", .patients = "all"}};
  EXPECT_TRUE(IsOneOfTwo(lease, Of("M4"))) << "unless they share their patients";
}

TEST_F(ImageConflictTest, AnotherIssuerIsAnotherPatientAndAManifestIsNot) {
  InspectedStudy study = Of("4711");
  study.has_manifest = false;
  study.identity.issuer = "here";
  Published("a", study);
  study.has_manifest = true;
  EXPECT_FALSE(IsOneOfTwo(Looked("b"), study));
  study.has_manifest = false;
  study.identity.issuer = "elsewhere";
  EXPECT_TRUE(IsOneOfTwo(Looked("c"), study));
}

TEST_F(ImageConflictTest, WhenTheWrongOneWasTakenAwayTheOtherGoesOn) {
  const JobId first = Published("a", Of("M2"));
  const Lease second = Looked("b");
  ASSERT_TRUE(IsOneOfTwo(second, Of("M4")));
  ASSERT_EQ(queue_.Retry(first, "somebody", "").what, JobQueue::Answer::What::kDone);
  EXPECT_TRUE(IsOneOfTwo(queue_.BeginInspection(first).value(), Of("M2"))) << "nothing was put right";
  std::filesystem::remove_all(Incoming() / "b");
  ASSERT_EQ(queue_.Retry(first, "somebody", "").what, JobQueue::Answer::What::kDone);
  EXPECT_FALSE(IsOneOfTwo(queue_.BeginInspection(first).value(), Of("M2")));
}

TEST_F(ImageConflictTest, TheSecondMayBeTheRightOne) {
  Published("a", Of("M2"));
  const Lease second = Looked("b");
  ASSERT_TRUE(IsOneOfTwo(second, Of("M4")));
  std::filesystem::remove_all(Incoming() / "a");
  ASSERT_EQ(queue_.Retry(second.job, "somebody", "").what, JobQueue::Answer::What::kDone);
  EXPECT_FALSE(IsOneOfTwo(queue_.BeginInspection(second.job).value(), Of("M4")));
  EXPECT_THAT(history_.Of("M2"), IsEmpty());
}

}  // namespace
}  // namespace dinsd
