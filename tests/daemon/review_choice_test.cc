#include "daemon/service/review_choice.h"

#include <gmock/gmock.h>

#include <span>

#include "pipeline/prompt/proposal.h"
#include "tests/daemon/service_fixture.h"

namespace dinsd {
namespace {

using nlohmann::json;

/// A study whose clicks were proposed from the older one of two earlier studies, and all rejected.
class RejectedTest : public ServiceContextTest {
 protected:
  [[nodiscard]] ReviewChoice Choose(const json& lesion, const std::string& who = "reader-7") {
    const JobId older = Published("older", "2025-01-01");
    Published("newer", "2025-06-01");
    const JobId today = Published("today", "2026-01-01", "preliminary");
    const json prompts = {{"lesions", {lesion}}};
    Write(today, 1, "prompts.json", prompts);
    Write(today, 1, "report.json",
          {{"state", "preliminary"},
           {"follow_up",
            {{"prior_job", static_cast<std::int64_t>(older)}, {"prior_revision", 1}, {"prior_method", "method"}}}});
    const std::string text = prompts.dump();
    ReaderAnswer answer;
    answer.study.emplace();
    answer.review =
        ReviewAnswer{ProposalDigest(std::as_bytes(std::span(text))), true, who, "2026-01-02T10:00:00Z", "another leg"};
    return ChooseReviewed(context_, today, "incoming", {"P", "2026-01-01", ""}, answer);
  }
};

TEST_F(RejectedTest, FromAnotherPriorClicksAreProposedAfresh) {
  const ReviewChoice choice = Choose({{"id", "L1"}, {"clicks", json::array()}});
  EXPECT_FALSE(choice.refusal.has_value());
  EXPECT_FALSE(choice.proposal.has_value());
}

TEST_F(RejectedTest, NobodyRejectsNothing) {
  const ReviewChoice choice = Choose({{"id", "L1"}, {"clicks", json::array()}}, " ");
  ASSERT_TRUE(choice.refusal.has_value());
  EXPECT_EQ(choice.refusal->code, "REVIEW_NOBODY");
  EXPECT_EQ(choice.refusal->field, "/provenance/operator");
}

TEST_F(RejectedTest, NotWhereAPersonHadNamedThePrior) {
  const ReviewChoice choice = Choose({{"id", "L1"}, {"prior", {{"sopInstanceUID", "1.2.3"}}}});
  ASSERT_TRUE(choice.refusal.has_value()) << "the study would be followed from one that nobody named";
  EXPECT_EQ(choice.refusal->code, "REVIEW_REJECTED");
  EXPECT_THAT(choice.refusal->sentence, testing::HasSubstr("another leg"));
}

}  // namespace
}  // namespace dinsd
