#include "pipeline/followup/proposal_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "pipeline/followup/timepoint.h"
#include "pipeline/prompt/proposal.h"
#include "pipeline/read/input_error.h"
#include "pipeline/report/method.h"
#include "pipeline/report/report_json.h"
#include "pipeline/write/result_folder.h"
#include "tests/pipeline/segment/test_study.h"

// A preliminary result is written, a person reviews it, and the final one keeps what the registration had said.

namespace dinsd {
namespace {

using testing::ElementsAre;

ReportContext ContextOf(int revision) {
  return {.job_id = "17", .revision = revision, .created = "2026-01-02T03:04:05Z", .software = "test 1"};
}

class ProposalFileTest : public testing::Test {
 protected:
  ProposalFileTest() {
    study.Bar({10, 2, 10}, {16, 6, 16}).Bar({30, 3, 40}, {34, 5, 44});
    study.Lesion({Plus({12, 3, 12})}).Lesion({Plus({32, 4, 42})});
    request = study.Request();
  }

  StudyResult Segment() {
    LoadedModel model = FakeModel();
    return SegmentStudy(request, model, {});
  }

  ResultPlace Write(StudyResult& result, const std::string& name, int revision) {
    const std::filesystem::path place = folder.path() / name;
    std::filesystem::create_directory(place);
    const StagedResult staged = WriteResultFolder(place, result, result.volume, ContextOf(revision), "key");
    return {place, staged.result_sha256, {}, {}};
  }

  /// As if the clicks had been proposed from another study.
  StudyResult Proposed() {
    StudyResult result = Segment();
    for (PromptLesion& lesion : result.prompts.prompts.lesions) {
      for (std::size_t n = 0; n < lesion.clicks.size(); ++n) lesion.clicks[n].order = static_cast<int>(n);
    }
    FollowUp& prior = result.follow_up.emplace();
    prior.study_date = "2023-01-02";
    prior.job = 12;
    prior.revision = 1;
    prior.result_sha256 = std::string(64, 'a');
    prior.weights_sha256 = std::string(64, 'b');
    prior.method = std::string(64, 'c');
    prior.options_sha256 = std::string(64, 'e');
    prior.software = "dinsd 0.0.1";
    prior.registration = {0.1, 0.9, {1.5}, {"reg_folding"}, {"it folds"}, 12};
    prior.lesions = {{{.id = "L1",
                       .label = 3,
                       .volume_ml = 2,
                       .slices_spanned = 4,
                       .change_log_sd = 0.125,
                       .objects = {{"1.2", "1.2.3", "1.2.4", "1.2.3.5", 6}}},
                      true,
                      {{{1, 2, 3}, 4.5, std::nullopt, {"click_not_similar"}}},
                      {"thin", "click_not_similar"}},
                     {{.id = "far", .label = 4, .volume_ml = 1, .slices_spanned = 3, .change_log_sd = 0.25},
                      false,
                      {},
                      {"not_imaged"}}};
    prior.prior_mask = result.mask;
    return result;
  }

  /// What a person makes of it: the first click is moved, the second wrong.
  PairedPrompts ReviewOf(const Proposal& proposal) const {
    PairedPrompts reviewed{proposal.prompts, "image.nii.gz.prompts.json", std::string(64, 'd'), {}};
    PromptProvenance& by = reviewed.prompts.provenance;
    by.operator_pseudonym = "reader-7";
    by.imported_from = AnswerTo(proposal.sha256);
    for (PromptLesion& lesion : reviewed.prompts.lesions) lesion.clicks.at(0).status = ClickStatus::kVerified;
    reviewed.prompts.lesions[0].clicks[0].p[0] += 1.5;
    reviewed.prompts.lesions[1].clicks[0].status = ClickStatus::kRejected;
    return reviewed;
  }

  static std::string CodeOf(const ReviewedResult& results) {
    try {
      (void)ReadProposal(results, {});
    } catch (const InputError& error) {
      EXPECT_EQ(error.verdict(), InputVerdict::kNeedsPrompts);
      return error.code();
    }
    return "";
  }

  TestStudy study;
  StudyRequest request;
  TempFolder folder;
};

TEST_F(ProposalFileTest, ReadsBackWhatWasProposedAndFrom) {
  StudyResult proposed = Proposed();
  const Proposal read = ReadProposal({Write(proposed, "r1", 1), std::nullopt}, {});
  EXPECT_EQ(PromptsToJson(read.prompts), PromptsToJson(proposed.prompts.prompts));
  EXPECT_EQ(read.revision, 1);
  StudyResult again = Segment();
  again.follow_up = read.follow_up;
  EXPECT_EQ(read.follow_up.value().lesions.at(0).prior.change_log_sd, 0.125);
  EXPECT_EQ(read.follow_up.value().lesions.at(0).prior.objects, proposed.follow_up->lesions[0].prior.objects);
  EXPECT_EQ(read.follow_up.value().options_sha256, std::string(64, 'e'));
  EXPECT_EQ(read.follow_up.value().software, "dinsd 0.0.1");
  EXPECT_EQ(ReportJson(again, ContextOf(1)).at("follow_up"), ReportJson(proposed, ContextOf(1)).at("follow_up"));
  EXPECT_EQ(read.follow_up.value().prior_mask.labels, proposed.mask.labels);
}

TEST_F(ProposalFileTest, TheFinalResultKeepsItAndSaysWhoDecidedWhat) {
  StudyResult proposed = Proposed();
  const ResultPlace place = Write(proposed, "r1", 1);
  request.prompts = ReviewOf(ReadProposal({place, std::nullopt}, {}));
  request.reviewed = ReviewedResult{place, std::nullopt};
  StudyResult reviewed = Segment();
  EXPECT_FALSE(reviewed.is_preliminary);
  ASSERT_TRUE(reviewed.review.has_value());
  EXPECT_EQ(reviewed.review->who, "reader-7");
  EXPECT_EQ(reviewed.review->revision, 1);
  EXPECT_EQ(reviewed.review->lesions.at(0).clicks.at(0).decision, ClickDecision::kMoved);
  EXPECT_NEAR(reviewed.review->lesions[0].clicks[0].moved_mm, 1.5, 1e-9);
  EXPECT_EQ(reviewed.review->lesions.at(1).clicks.at(0).decision, ClickDecision::kRejected);
  (void)Write(reviewed, "r2", 2);
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "r2/prior_mask.nii.gz"));
  EXPECT_EQ(ReportJson(reviewed, ContextOf(2)).at("follow_up").at("registration").at("findings"),
            nlohmann::json({"it folds"}));
}

TEST_F(ProposalFileTest, NothingIsSegmentedFromARejection) {
  StudyResult proposed = Proposed();
  const ResultPlace place = Write(proposed, "r1", 1);
  request.prompts = ReviewOf(ReadProposal({place, std::nullopt}, {}));
  request.prompts->prompts.lesions[0].clicks[0].status = ClickStatus::kRejected;
  request.reviewed = ReviewedResult{place, std::nullopt};
  EXPECT_THROW((void)Segment(), InputError);
}

TEST_F(ProposalFileTest, APriorThatWasMeasuredAgainSinceCountsAsItIsNow) {
  StudyResult proposed = Proposed(), prior = Segment();
  const ResultPlace now = Write(prior, "prior", 5);
  std::ifstream report(now.result / "report.json");
  PriorLesion& same = proposed.follow_up->lesions[0].prior;
  same.tracking_uid = LesionsOfReport(nlohmann::json::parse(report)).at(0).tracking_uid;
  ASSERT_FALSE(same.tracking_uid.empty());
  same.id = "as it was called";
  const ResultPlace place = Write(proposed, "r1", 1);
  const FollowUp follow_up = ReadProposal({place, now}, {}).follow_up.value();
  EXPECT_EQ(follow_up.revision, 5);
  EXPECT_EQ(follow_up.result_sha256, now.result_sha256);
  EXPECT_EQ(follow_up.weights_sha256, prior.weights_sha256);
  EXPECT_EQ(follow_up.options_sha256, OptionsDigest(prior.options));
  EXPECT_EQ(follow_up.software, ContextOf(5).software);
  EXPECT_EQ(follow_up.lesions[0].prior.volume_ml, prior.lesions[0].volume_ml);
  EXPECT_THAT(follow_up.lesions[0].flags, ElementsAre("thin", "click_not_similar"));
  EXPECT_FALSE(follow_up.lesions[0].prior.change_log_sd) << "it was not run again for one";
  EXPECT_EQ(follow_up.lesions[1].prior.volume_ml, 1) << "it has no such lesion any more";
  EXPECT_FALSE(follow_up.lesions[1].prior.change_log_sd) << "that was of another method";
  EXPECT_THAT(follow_up.lesions[1].flags, ElementsAre("not_imaged", "prior_revised"));
}

TEST_F(ProposalFileTest, AnAlteredResultIsRefused) {
  StudyResult proposed = Proposed();
  const ResultPlace place = Write(proposed, "r1", 1);
  ResultPlace other = place;
  other.result_sha256 = std::string(64, 'e');
  EXPECT_EQ(CodeOf({other, std::nullopt}), "PROPOSAL_RESULT");
  EXPECT_EQ(CodeOf({place, other}), "PROPOSAL_RESULT");
  EXPECT_EQ(CodeOf({place, std::nullopt}), "");
  std::ofstream(place.result / "prompts.json", std::ios::app) << " ";
  EXPECT_EQ(CodeOf({place, std::nullopt}), "PROPOSAL_RESULT");
  std::filesystem::remove_all(place.result);
  EXPECT_EQ(CodeOf({place, std::nullopt}), "PROPOSAL_RESULT");
}

}  // namespace
}  // namespace dinsd
