#include "pipeline/prompt/proposal.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "pipeline/read/input_error.h"

namespace dinsd {
namespace {

PromptProvenance By(const std::string& tool, const std::string& imported_from) {
  return {.source = "human", .created = "2026-11-30T10:00:00Z", .tool = tool, .imported_from = imported_from};
}

Prompts Rejection() {
  Prompts prompts;
  PromptClick click;
  click.status = ClickStatus::kRejected;
  prompts.lesions = {{.id = "L1", .clicks = {click, click}}, {.id = "L2", .clicks = {click}}};
  prompts.provenance = By("dinsd review", AnswerTo("abc"));
  prompts.provenance.operator_pseudonym = "reader-7";
  return prompts;
}

TEST(ProposalTest, AReviewSaysWhatItAnswers) {
  EXPECT_EQ(AnsweredProposal(By("dinsd review", AnswerTo("abc"))), "abc");
  EXPECT_EQ(AnsweredProposal(By("a viewer", AnswerTo("abc"))), "abc");
  EXPECT_EQ(AnsweredProposal(By("dinsd review", "")), "") << "the page's file, with its answer taken out";
  EXPECT_EQ(AnsweredProposal(By("a viewer", "nf_box.csv")), std::nullopt);
  EXPECT_EQ(AnsweredProposal(By("", "")), std::nullopt);
}

TEST(ProposalTest, OnlyAReviewOfWhichNothingIsLeftIsARejection) {
  EXPECT_TRUE(IsRejection(Rejection()));
  Prompts prompts = Rejection();
  prompts.lesions[1].clicks[0].status = ClickStatus::kVerified;
  EXPECT_FALSE(IsRejection(prompts));
  prompts = Rejection();
  prompts.lesions[0].clicks.clear();
  prompts.lesions[0].box = PromptBox{};
  EXPECT_FALSE(IsRejection(prompts)) << "a box alone was not rejected";
  prompts.lesions[0].box.reset();
  prompts.lesions[0].prior = PromptPrior{"1.2.3", 1, {}};
  EXPECT_FALSE(IsRejection(prompts)) << "nothing was proposed from it that could be rejected";
  prompts = Rejection();
  prompts.background = {PromptClick{}};
  EXPECT_FALSE(IsRejection(prompts));
  prompts = Rejection();
  prompts.provenance = By("a viewer", "");
  EXPECT_FALSE(IsRejection(prompts)) << "a person's own clicks";
  prompts = Rejection();
  prompts.lesions.clear();
  EXPECT_FALSE(IsRejection(prompts)) << "no tumour is marked: that is an answer";
}

TEST(ProposalTest, WhatClicksWereProposedFromIsRejectedWithThem) {
  Prompts prompts = Rejection();
  prompts.lesions[0].box = PromptBox{};
  prompts.lesions[1].prior = PromptPrior{"1.2.3", 1, {}};
  EXPECT_TRUE(IsRejection(prompts));
  EXPECT_FALSE(BoxThatCounts(prompts.lesions[0], prompts.provenance));
  EXPECT_TRUE(BoxThatCounts(prompts.lesions[0], By("a viewer", ""))) << "a person's own box";
  prompts.lesions[0].clicks[1].status = ClickStatus::kVerified;
  EXPECT_FALSE(IsRejected(prompts.lesions[0]));
  EXPECT_TRUE(BoxThatCounts(prompts.lesions[0], prompts.provenance));
}

TEST(ProposalTest, NothingIsSegmentedFromARejection) {
  try {
    RefuseRejection(Rejection(), "a.prompts.json");
    ADD_FAILURE();
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), "REVIEW_REJECTED");
    EXPECT_EQ(error.verdict(), InputVerdict::kNeedsPrompts);
    EXPECT_THAT(error.sentence(), testing::HasSubstr("reader-7 said on 2026-11-30"));
  }
}

std::string DigestOf(const Prompts& prompts) {
  const std::string text = PromptsToJson(prompts).dump(2);
  return ProposalDigest(std::as_bytes(std::span(text)));
}

TEST(ProposalTest, TheSameClicksProposedAgainAreTheSameProposal) {
  Prompts prompts = Rejection(), again = Rejection();
  again.provenance.created = "2026-12-01T10:00:00Z";
  again.provenance.tool_version = "9";
  EXPECT_EQ(DigestOf(again), DigestOf(prompts));
  again.lesions[0].clicks[0].p[2] = 0.5;
  EXPECT_NE(DigestOf(again), DigestOf(prompts));
  again = prompts;
  again.image.series_uid = "1.2";
  EXPECT_NE(DigestOf(again), DigestOf(prompts));
  EXPECT_THROW((void)ProposalDigest(std::as_bytes(std::span("no json"))), InputError);
}

TEST(ProposalTest, AMarkReadsBackAndOnlyADigestIsOne) {
  const std::string digest = std::string(60, '0') + "9abf";
  EXPECT_EQ(MarkIn(MarkInWords({digest, 2})).value().order, 2);
  EXPECT_EQ(MarkIn(MarkInWords({digest, 2})).value().proposal_sha256, digest);
  EXPECT_EQ(MarkIn(MarkInWords({digest, std::nullopt})).value().order, std::nullopt);
  EXPECT_EQ(MarkIn("dinsd proposal " + digest + " click two").value().order, std::nullopt);
  EXPECT_FALSE(MarkIn("left thigh").has_value());
  for (const std::string& other : {std::string("abc"), digest + "0", digest.substr(1), std::string(64, 'A'),
                                   std::string(64, 'g'), std::string(63, '0') + "/", std::string()})
    EXPECT_FALSE(MarkIn(MarkInWords({other, 2})).has_value()) << other;
}

}  // namespace
}  // namespace dinsd
