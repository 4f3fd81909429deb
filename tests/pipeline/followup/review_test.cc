#include "pipeline/followup/review.h"

#include <gmock/gmock.h>

#include <array>
#include <nlohmann/json.hpp>
#include <span>

#include "pipeline/followup/review_markups.h"
#include "pipeline/prompt/foreign_prompts.h"
#include "tests/pipeline/followup/sample_review.h"

namespace dinsd {
namespace {

std::vector<ClickDecision> DecisionsOf(const ReviewedLesion& lesion) {
  std::vector<ClickDecision> decisions;
  for (const ReviewedClick& click : lesion.clicks) decisions.push_back(click.decision);
  return decisions;
}

std::vector<ClickDecision> DecisionsOn(const std::vector<PromptClick>& clicks) {
  Prompts reviewed = Reviewed();
  reviewed.lesions[0].clicks = clicks;
  return DecisionsOf(CompleteReview(reviewed, Proposal(), kSha, "review").lesions.at(0));
}

using enum ClickDecision;
using testing::ElementsAre;

TEST(ReviewTest, SaysWhoWhenAndWhatChangedAndKeepsTheIdentity) {
  Prompts reviewed = Reviewed();
  reviewed.lesions[0].laterality.clear();
  reviewed.lesions.push_back({.id = "new", .clicks = {At(50, ClickStatus::kVerified)}});
  const ReviewRecord record = CompleteReview(reviewed, Proposal(), kSha, "review");
  EXPECT_EQ(record.who, "reader-7");
  EXPECT_EQ(record.when, "2026-11-30T10:00:00Z");
  EXPECT_EQ(record.proposal_sha256, kSha);
  ASSERT_EQ(record.lesions.size(), 2U);
  EXPECT_THAT(DecisionsOf(record.lesions[0]), ElementsAre(kKept, kMoved, kRejected, kAdded));
  EXPECT_EQ(record.lesions[0].clicks[1].moved_mm, 7);
  EXPECT_FALSE(record.lesions[0].clicks[2].lps.has_value());
  EXPECT_TRUE(record.lesions[1].is_added);
  EXPECT_EQ(InWords(record), "1 click kept, 1 moved (by up to 7.0 mm), 1 rejected, 2 added; 1 lesion added");
  EXPECT_EQ(reviewed.lesions[0].tracking_uid, "2.25.7");
  EXPECT_EQ(reviewed.lesions[0].laterality, "L");
  EXPECT_EQ(reviewed.lesions[1].tracking_uid, "");
}

TEST(ReviewTest, WhatALesionIsSaidToBeOtherwiseCountsAndIsAChange) {
  Prompts reviewed = Reviewed();
  reviewed.lesions[0].type = "discrete";
  reviewed.lesions[0].laterality = "R";
  reviewed.lesions[0].site = PromptCode{"61685007", "SCT", "Leg"};
  const ReviewRecord record = CompleteReview(reviewed, Proposal(), kSha, "review");
  EXPECT_THAT(record.lesions[0].changes,
              ElementsAre("type discrete (was none)", "site Leg (61685007, SCT) (was none)", "laterality R (was L)"));
  EXPECT_THAT(InWords(record), testing::EndsWith("1 added; L1: type discrete (was none), site Leg (61685007, SCT) (was "
                                                 "none), laterality R (was L)"));
  EXPECT_THAT(InWords(record.lesions[0]), testing::EndsWith("; type discrete (was none), site Leg (61685007, SCT) (was "
                                                            "none), laterality R (was L)"));
  EXPECT_EQ(reviewed.lesions[0].laterality, "R");
}

TEST(ReviewTest, AClickThatIsGoneCountsAsRejectedWhicheverItIs) {
  EXPECT_THAT(DecisionsOn({At(1, ClickStatus::kVerified)}), ElementsAre(kKept, kRejected, kRejected));
  EXPECT_THAT(DecisionsOn({At(3, ClickStatus::kVerified, 2)}), ElementsAre(kRejected, kRejected, kKept));
  EXPECT_THAT(DecisionsOn({At(2, ClickStatus::kVerified), At(3, ClickStatus::kVerified)}),
              ElementsAre(kRejected, kKept, kKept))
      << "by place, whatever stands first now";
}

TEST(ReviewTest, NeitherNumberNorSequenceOfClicksCounts) {
  EXPECT_THAT(DecisionsOn({At(3, ClickStatus::kVerified, 2), At(40, ClickStatus::kVerified, 9),
                           At(2, ClickStatus::kVerified, 1), At(9, ClickStatus::kVerified, 0)}),
              ElementsAre(kMoved, kKept, kKept, kAdded));
  EXPECT_THAT(DecisionsOn({At(40, ClickStatus::kVerified), At(1, ClickStatus::kVerified)}),
              ElementsAre(kKept, kRejected, kRejected, kAdded))
      << "one was taken away and another one set: that is no move";
}

TEST(ReviewTest, ANegativeClickInItsPlaceIsAnother) {
  PromptClick negative = At(1, ClickStatus::kVerified, 0);
  negative.sign = Polarity::kNegative;
  EXPECT_THAT(DecisionsOn({At(2, ClickStatus::kVerified, 1), negative}),
              ElementsAre(kRejected, kKept, kRejected, kAdded));
}

TEST(ReviewTest, PlacesAreComparedInOneSpace) {
  Prompts reviewed = Reviewed();
  reviewed.space = PromptSpace::kRasMm;
  reviewed.lesions[0].clicks = {At(-1, ClickStatus::kVerified)};
  EXPECT_EQ(CompleteReview(reviewed, Proposal(), kSha, "review").lesions[0].clicks[0].decision, kKept);
}

// A lesion whose prior was not found has nothing that could be kept or rejected.
TEST(ReviewTest, ALesionForWhichNothingWasProposedIsLeftOutOrGetsAClick) {
  Prompts proposal = Proposal();
  proposal.lesions.push_back({.id = "lost", .prior = PromptPrior{"1.2.9", 1, {}}});
  Prompts reviewed = Reviewed();
  const ReviewRecord record = CompleteReview(reviewed, proposal, kSha, "review");
  ASSERT_EQ(record.lesions.size(), 2U);
  EXPECT_EQ(record.lesions[1].id, "lost");
  EXPECT_TRUE(record.lesions[1].clicks.empty());
  reviewed.lesions.push_back({.id = "lost", .clicks = {At(60, ClickStatus::kVerified)}});
  EXPECT_THAT(DecisionsOf(CompleteReview(reviewed, proposal, kSha, "review").lesions.at(1)), ElementsAre(kAdded));
  reviewed.lesions.back() = proposal.lesions.back();
  EXPECT_EQ(FaultOf(reviewed), "REVIEW_INCOMPLETE /lesions/1") << "it would be preliminary again, for ever";
}

// As 3D Slicer gives it back: points moved, their sequence changed, one gone, one new.
TEST(ReviewMarkupsTest, ClicksAreTheSameOnesAfterATripThroughSlicer) {
  nlohmann::json list = nlohmann::json::parse(SlicerMarkups(Proposal().lesions[0], kSha));
  nlohmann::json& points = list["markups"][0]["controlPoints"];
  nlohmann::json added = points[0];
  added.erase("description");
  added["position"] = {70, 0, 0};
  nlohmann::json moved = points[2];
  moved["position"] = {30, 0, 0};
  points = {moved, added, points[1]};
  const std::string text = list.dump();
  const MarkupsFile file{{"L1.mrk.json", "d", "2026-11-30T10:00:00Z"}, std::as_bytes(std::span(text))};
  StudyImage image;
  image.format = ImageFormat::kDicomSeries;
  image.series_uid = "1.2.3";
  Prompts reviewed = ParseSlicerMarkups({&file, 1}, image, "");
  EXPECT_EQ(AnsweredProposal(reviewed.provenance), kSha);
  reviewed.provenance.operator_pseudonym = "reader-8";
  const ReviewRecord record = CompleteReview(reviewed, Proposal(), kSha, "review");
  EXPECT_THAT(DecisionsOf(record.lesions.at(0)), ElementsAre(kRejected, kKept, kMoved, kAdded));
  EXPECT_EQ(record.lesions[0].clicks[2].moved_mm, 27);
  EXPECT_TRUE(record.lesions[0].changes.empty()) << "a list says nothing of its lesion";
  EXPECT_EQ(reviewed.lesions[0].tracking_uid, "2.25.7");
}

TEST(ReviewMarkupsTest, ListsOfTwoProposalsAnswerNeither) {
  const std::string one = SlicerMarkups(Proposal().lesions[0], kSha);
  PromptLesion other = Proposal().lesions[0];
  other.id = "L2";
  for (PromptClick& click : other.clicks) click.p[1] = 5;
  const std::string two = SlicerMarkups(other, kOtherSha);
  const std::array<MarkupsFile, 2> files = {
      {{{"1.mrk.json", "a", "2026-11-30T10:00:00Z"}, std::as_bytes(std::span(one))},
       {{"2.mrk.json", "b", "2026-11-30T10:00:00Z"}, std::as_bytes(std::span(two))}}};
  StudyImage image;
  image.format = ImageFormat::kDicomSeries;
  image.series_uid = "1.2.3";
  Prompts reviewed = ParseSlicerMarkups(files, image, "");
  EXPECT_EQ(AnsweredProposal(reviewed.provenance), kSha + " " + kOtherSha);
  reviewed.provenance.operator_pseudonym = "reader-8";
  EXPECT_EQ(FaultOf(reviewed), "REVIEW_OTHER_PROPOSAL /provenance/importedFrom")
      << "the first one is no answer to the whole of it";
}

}  // namespace
}  // namespace dinsd
