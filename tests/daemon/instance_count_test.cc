#include "daemon/service/instance_count.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/service/inspection_verdict.h"
#include "daemon/service/required_series.h"
#include "tests/daemon/service_fixture.h"

// [receiver] count_from: whether a study waits for instances that a peer has and that have not come.

namespace dinsd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class InstanceCountTest : public ServiceContextTest {
 protected:
  InstanceCountTest() {
    ReceiverSettings& receiver = context_.settings.receiver;
    receiver.spool_dir = folder_.path() / "spool";
    receiver.count_from = "pacs";
    std::filesystem::create_directory(receiver.spool_dir);
    context_.settings.destinations = {{.name = "share", .kind = DestinationKind::kFolder}, {.name = "pacs"}};
    study_.source = kReceivedWatch;
    study_.entry = "one";
    answer_.study = InspectedStudy();
    answer_.study->name = "one";
    answer_.study->identity.study_uid = "1.2.3";
    answer_.study->instances = 8;
    answer_.study->images.resize(2);
    answer_.study->images[1].is_chosen = true;
  }

  [[nodiscard]] const DestinationSettings* Peer() const { return PeerToCount(context_, study_, answer_); }
  void Apply(const CountAnswer& count) { ApplyCount(context_, study_, count, answer_); }

  SettledStudy study_;
  ReaderAnswer answer_;
};

TEST_F(InstanceCountTest, ThePeerIsAskedThatTheReceiverNames) {
  ASSERT_NE(Peer(), nullptr);
  EXPECT_EQ(Peer()->name, "pacs");
  context_.settings.receiver.count_from = "";
  EXPECT_EQ(Peer(), nullptr);
}

TEST_F(InstanceCountTest, NobodyIsAskedAboutAStudyOfAnotherFolderOrOneThatSaysItself) {
  study_.source = "incoming";
  EXPECT_EQ(Peer(), nullptr);
  study_.source = kReceivedWatch;
  answer_.study->has_manifest = true;
  EXPECT_EQ(Peer(), nullptr);
  answer_.study->has_manifest = false;
  answer_.study->identity.study_uid = "";
  EXPECT_EQ(Peer(), nullptr);
  answer_.study.reset();
  EXPECT_EQ(Peer(), nullptr);
}

TEST_F(InstanceCountTest, NobodyIsAskedWhereAPersonHasToLookOrASeriesIsMissing) {
  answer_.problem = Problem{"IDENTITY_CONFLICT", "", "", "two patients", InputVerdict::kQuarantined};
  EXPECT_EQ(Peer(), nullptr);
  answer_.problem = Problem{kRequiredSeries, "", "", "no series"};
  EXPECT_EQ(Peer(), nullptr);
  answer_.problem = Problem{"MISSING_SLICE", "", "", "a gap: perhaps it has not come yet"};
  EXPECT_NE(Peer(), nullptr);
}

TEST_F(InstanceCountTest, AStudyWaitsWhileThePeerHasMore) {
  answer_.problem = Problem{"MISSING_SLICE", "", "", "a gap"};
  Apply({9, {}});
  ASSERT_TRUE(answer_.problem.has_value());
  EXPECT_EQ(answer_.problem->code, kStudyCount);
  EXPECT_EQ(answer_.problem->sentence,
            "the destination \"pacs\" has 9 instances of the study, and 8 instances have come");
  EXPECT_NE(Peer(), nullptr) << "it is asked again when something has changed";
}

TEST_F(InstanceCountTest, AsManyAsThePeerHasOrMoreAreEnough) {
  for (const std::int64_t number : {8, 5, 0}) {
    Apply({number, {}});
    EXPECT_FALSE(answer_.problem.has_value()) << number;
  }
  EXPECT_TRUE(answer_.study->images[1].notes.empty());
}

TEST_F(InstanceCountTest, WhatWasEnoughIsNotAskedForAgainUntilThereAreOthers) {
  Apply({8, {}});
  EXPECT_EQ(Peer(), nullptr) << "clicks have come, say, and the peer has a report by now";
  for (const std::size_t others : {9U, 7U}) {
    answer_.study->instances = others;
    EXPECT_NE(Peer(), nullptr) << others;
  }
  answer_.study->instances = 8;
  study_.entry = "two";
  EXPECT_NE(Peer(), nullptr) << "it is of one study";
}

TEST_F(InstanceCountTest, WithoutANumberItGoesOnAndItsReportSaysSo) {
  for (const CountAnswer& none : {CountAnswer{std::nullopt, {"NOT_REACHED", "", "", "refused"}}, NotAsked()}) {
    answer_.study->images[1].notes.clear();
    Apply(none);
    EXPECT_FALSE(answer_.problem.has_value());
    EXPECT_TRUE(answer_.study->images[0].notes.empty());
    EXPECT_THAT(
        answer_.study->images[1].notes,
        ElementsAre(HasSubstr("study_warning: the destination \"pacs\" did not say how many instances the study "
                              "has (" +
                              none.reason.code + ": " + none.reason.sentence + ")")));
    EXPECT_NE(Peer(), nullptr) << "the next look asks again";
  }
}

// More has come while the peer was asked: the study must not wait for yet another change.
TEST_F(InstanceCountTest, AStudyThatHasChangedMeanwhileDoesNotWait) {
  Apply({9, {}});
  EXPECT_EQ(ApplyAnswer(context_, Looked("one"), study_, answer_), Inspection::kIncomplete);
  const Lease lease = Looked("two");
  (void)queue_.SeeStudy({"incoming", Incoming().string(), "two", "f2", Lane::kRoutine});
  EXPECT_EQ(ApplyAnswer(context_, lease, study_, answer_), Inspection::kOver);
}

TEST_F(InstanceCountTest, ARuleThatWasTakenAwayMeanwhileHoldsNothing) {
  context_.settings.receiver.count_from = "";
  Apply({100, {}});
  EXPECT_FALSE(answer_.problem.has_value());
}

}  // namespace
}  // namespace dinsd
