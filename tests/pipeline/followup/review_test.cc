#include "pipeline/followup/review.h"

#include <gmock/gmock.h>

#include <span>

#include "pipeline/followup/review_markups.h"
#include "pipeline/read/input_error.h"

namespace dinsd {
namespace {

PromptClick At(double x, ClickStatus status) {
  PromptClick click;
  click.p = {x, 0, 0};
  click.status = status;
  return click;
}

Prompts Proposal() {
  Prompts prompts;
  prompts.image.series_uid = "1.2.3";
  PromptLesion lesion;
  lesion.id = "L1";
  lesion.tracking_uid = "2.25.7";
  lesion.laterality = "L";
  lesion.clicks = {At(1, ClickStatus::kProposed), At(2, ClickStatus::kProposed), At(3, ClickStatus::kProposed)};
  prompts.lesions = {lesion};
  prompts.provenance.source = "propagated";
  return prompts;
}

Prompts Reviewed() {
  Prompts prompts = Proposal();
  prompts.lesions[0].tracking_uid.clear();
  prompts.lesions[0].clicks = {At(1.2, ClickStatus::kVerified), At(9, ClickStatus::kVerified),
                               At(3, ClickStatus::kRejected), At(4, ClickStatus::kVerified)};
  prompts.provenance.source = "human";
  prompts.provenance.operator_pseudonym = "reader-7";
  prompts.provenance.imported_from = "proposal sha";
  return prompts;
}

std::string CodeOf(Prompts reviewed) {
  try {
    (void)CompleteReview(reviewed, Proposal(), "sha", "review");
    return "";
  } catch (const InputError& error) {
    EXPECT_EQ(error.file(), "review");
    EXPECT_EQ(error.verdict(), InputVerdict::kNeedsPrompts);
    return error.code();
  }
}

TEST(ReviewTest, CountsWhatChangedAndKeepsTheIdentity) {
  Prompts reviewed = Reviewed();
  reviewed.lesions.push_back({.id = "new", .clicks = {At(50, ClickStatus::kVerified)}});
  const ReviewChanges changes = CompleteReview(reviewed, Proposal(), "sha", "review");
  EXPECT_EQ(changes.kept, 1);
  EXPECT_EQ(changes.moved, 1);
  EXPECT_EQ(changes.rejected, 1);
  EXPECT_EQ(changes.added, 1);
  EXPECT_EQ(changes.lesions_added, 1);
  EXPECT_EQ(reviewed.lesions[0].tracking_uid, "2.25.7");
  EXPECT_EQ(reviewed.lesions[0].laterality, "L");
  EXPECT_EQ(reviewed.lesions[1].tracking_uid, "");
}

TEST(ReviewTest, AClickThatIsGoneCountsAsRejected) {
  Prompts reviewed = Reviewed();
  reviewed.lesions[0].clicks.resize(1);
  EXPECT_EQ(CompleteReview(reviewed, Proposal(), "sha", "review").rejected, 2);
}

TEST(ReviewTest, WhatIsNotDecidedIsNotTakenForARight) {
  Prompts reviewed = Reviewed();
  EXPECT_EQ(CodeOf(reviewed), "");
  reviewed.lesions[0].clicks[1].status = ClickStatus::kProposed;
  EXPECT_EQ(CodeOf(reviewed), "REVIEW_INCOMPLETE");
  reviewed = Reviewed();
  reviewed.lesions[0].id = "L2";
  EXPECT_EQ(CodeOf(reviewed), "REVIEW_INCOMPLETE") << "L1 is missing";
  reviewed = Reviewed();
  reviewed.provenance.source = "propagated";
  reviewed.lesions[0].clicks[0].status = ClickStatus::kUnset;
  EXPECT_EQ(CodeOf(reviewed), "REVIEW_INCOMPLETE") << "a program wrote it";
}

TEST(ReviewTest, ThatOfAnotherProposalIsRefused) {
  Prompts reviewed = Reviewed();
  reviewed.provenance.imported_from = "proposal of an older revision";
  EXPECT_EQ(CodeOf(reviewed), "REVIEW_OTHER_PROPOSAL");
  reviewed.provenance.imported_from.clear();
  EXPECT_EQ(CodeOf(reviewed), "REVIEW_OTHER_PROPOSAL");
}

TEST(ReviewMarkupsTest, EachListNamesItsProposal) {
  const auto bytes = [](const std::string& text) { return std::as_bytes(std::span(text)); };
  const std::string list = SlicerMarkups(Proposal().lesions[0], "abc");
  EXPECT_THAT(ProposalsIn(bytes(list)), testing::ElementsAre("abc"));
  EXPECT_TRUE(ProposalsIn(bytes("{}")).empty());
  EXPECT_TRUE(ProposalsIn(bytes("no json")).empty());
}

TEST(ReviewTest, SomebodyMustHaveReviewedAndTheSameImage) {
  Prompts reviewed = Reviewed();
  reviewed.provenance.operator_pseudonym.clear();
  EXPECT_EQ(CodeOf(reviewed), "REVIEW_NOBODY");
  reviewed = Reviewed();
  reviewed.image.series_uid = "1.2.4";
  EXPECT_EQ(CodeOf(reviewed), "REVIEW_OTHER_IMAGE");
}

}  // namespace
}  // namespace dinsd
