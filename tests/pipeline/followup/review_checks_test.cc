#include "pipeline/followup/review_checks.h"

#include <gmock/gmock.h>

#include <utility>

#include "tests/pipeline/followup/sample_review.h"

namespace dinsd {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

std::string MessageOf(const Prompts& reviewed) {
  try {
    CheckReview(reviewed, Proposal(), kSha, "review");
    return "";
  } catch (const InputError& error) {
    return error.what();
  }
}

TEST(ReviewChecksTest, WhatIsNotDecidedIsNotTakenForARight) {
  Prompts reviewed = Reviewed();
  EXPECT_EQ(FaultOf(reviewed), "");
  reviewed.lesions[0].clicks[1].status = ClickStatus::kProposed;
  EXPECT_EQ(FaultOf(reviewed), "REVIEW_INCOMPLETE /lesions/0/clicks/1");
  reviewed = Reviewed();
  reviewed.lesions[0].id = "L2";
  EXPECT_EQ(FaultOf(reviewed), "REVIEW_INCOMPLETE /lesions") << "L1 is missing";
  reviewed = Reviewed();
  reviewed.provenance.source = "propagated";
  reviewed.lesions[0].clicks[0].status = ClickStatus::kUnset;
  EXPECT_EQ(FaultOf(reviewed), "REVIEW_INCOMPLETE /lesions/0/clicks/0") << "a program wrote it";
}

TEST(ReviewChecksTest, ThatOfAnotherProposalOrImageIsRefused) {
  Prompts reviewed = Reviewed();
  reviewed.provenance.imported_from = "proposal of an older revision";
  EXPECT_THAT(MessageOf(reviewed), AllOf(StartsWith("REVIEW_OTHER_PROPOSAL: review [/provenance/importedFrom]"),
                                         HasSubstr("export them again")));
  reviewed.provenance.imported_from.clear();
  EXPECT_THAT(MessageOf(reviewed), AllOf(StartsWith("REVIEW_OTHER_PROPOSAL"), HasSubstr("names no proposal")));
  reviewed = Reviewed();
  reviewed.image.series_uid = "1.2.4";
  EXPECT_EQ(FaultOf(reviewed), "REVIEW_OTHER_IMAGE /image");
}

TEST(ReviewChecksTest, TheProposalItselfIsOneThatNobodyHasJudged) {
  Prompts reviewed = Proposal();
  reviewed.provenance.operator_pseudonym = "reader-7";  // as --operator says
  EXPECT_THAT(MessageOf(reviewed), AllOf(StartsWith("REVIEW_INCOMPLETE: review: is the proposal itself"),
                                         Not(HasSubstr("export them again"))));
}

TEST(ReviewChecksTest, WhoReviewedHasAPseudonymThatCanBeSeen) {
  Prompts reviewed = Reviewed();
  for (const char* nobody : {"", " ", "\t", "\u00A0", "\u3000 \u200B", "Jane\nDoe", "Jane Doe\u202E", "J\u2066ane"}) {
    reviewed.provenance.operator_pseudonym = nobody;
    EXPECT_EQ(FaultOf(reviewed), "REVIEW_NOBODY /provenance/operator") << nobody;
  }
  reviewed.provenance.operator_pseudonym = "Jane Doe";
  EXPECT_EQ(FaultOf(reviewed), "");
}

// Two lesions, both of which a person says are right.
class TrackedLesionsTest : public testing::Test {
 protected:
  TrackedLesionsTest() {
    for (Prompts* prompts : {&proposal, &reviewed}) {
      PromptLesion second = prompts->lesions[0];
      second.id = "L2";
      second.tracking_uid = "2.25.8";
      for (PromptClick& click : second.clicks) click.p[1] = 50;
      prompts->lesions.push_back(second);
    }
  }

  Prompts proposal = Proposal(), reviewed = Reviewed();
};

TEST_F(TrackedLesionsTest, NoneBecomesAnotherOne) {
  EXPECT_EQ(FaultOf(reviewed, proposal), "");
  std::swap(reviewed.lesions[0].tracking_uid, reviewed.lesions[1].tracking_uid);
  EXPECT_EQ(FaultOf(reviewed, proposal), "REVIEW_OTHER_LESION /lesions/0/trackingUID");
  reviewed.lesions[0].tracking_uid = "2.25.7";
  EXPECT_EQ(FaultOf(reviewed, proposal), "REVIEW_OTHER_LESION /lesions/1/trackingUID") << "that of the first";
  reviewed.lesions[1].tracking_uid.clear();
  EXPECT_EQ(FaultOf(reviewed, proposal), "REVIEW_OTHER_LESION /lesions/1/trackingUID") << "taken out";
  proposal.lesions[1].tracking_uid.clear();
  EXPECT_EQ(FaultOf(reviewed, proposal), "") << "it never had one";
  reviewed.lesions[1].tracking_uid = "2.25.9";
  EXPECT_EQ(FaultOf(reviewed, proposal), "REVIEW_OTHER_LESION /lesions/1/trackingUID") << "its report has another";
}

TEST_F(TrackedLesionsTest, OtherProgramsFilesNameNone) {
  reviewed.provenance.source = "imported";
  for (PromptLesion& lesion : reviewed.lesions) lesion.tracking_uid.clear();
  (void)CompleteReview(reviewed, proposal, kSha, "review");
  EXPECT_EQ(reviewed.lesions[0].tracking_uid, "2.25.7");
  EXPECT_EQ(reviewed.lesions[1].tracking_uid, "2.25.8");
}

TEST_F(TrackedLesionsTest, AnAddedOneHasOneOfItsOwn) {
  reviewed.lesions.push_back({.id = "new", .tracking_uid = "2.25.9", .clicks = {At(70, ClickStatus::kVerified)}});
  EXPECT_EQ(FaultOf(reviewed, proposal), "");
  proposal.lesions.push_back({.id = "lost", .tracking_uid = "2.25.9", .prior = PromptPrior{"1.2.9", 1, {}}});
  EXPECT_EQ(FaultOf(reviewed, proposal), "REVIEW_OTHER_LESION /lesions/2/trackingUID") << "that of one left out";
}

}  // namespace
}  // namespace dinsd
