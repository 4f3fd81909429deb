#include "pipeline/write/result_seg.h"

#include <gtest/gtest.h>

namespace dinsd {
namespace {

StudyResult Result() {
  StudyResult result;
  result.weights_name = "small";
  result.weights_sha256 = std::string(64, 'a');
  result.prompts.prompts.lesions = {
      {.id = "L1"},
      {.id = "arm", .tracking_uid = "1.2.9", .laterality = "R", .site = PromptCode{"53120007", "SCT", "Upper limb"}}};
  result.lesions = {{.id = "L1", .label = 1}, {.id = "arm", .label = 2}};
  result.prompts.prompts.provenance.source = "human";
  return result;
}

TEST(ResultSeg, TakesNamesTrackingSiteAndSideFromThePrompts) {
  const std::vector<SegLesion> lesions = SegLesionsOf(Result());
  ASSERT_EQ(lesions.size(), 2U);
  EXPECT_EQ(lesions[0].id, "L1");
  EXPECT_FALSE(lesions[0].site);
  EXPECT_EQ(lesions[1].label, 2);
  EXPECT_EQ(lesions[1].tracking_uid, "1.2.9");
  EXPECT_EQ(lesions[1].site->value, "53120007");
  EXPECT_EQ(lesions[1].laterality, "R");
}

TEST(ResultSeg, ClicksOfAPersonAreSemiautomatic) {
  StudyResult result = Result();
  const ReportContext context{.created = "2026-01-02T03:04:05Z", .software = "dinsd 0.1.0"};
  const SegFacts facts = SegFactsOf(result, context, "key");
  EXPECT_EQ(facts.type, SegAlgorithmType::kSemiautomatic);
  EXPECT_EQ(facts.created, context.created);
  EXPECT_EQ(facts.weights_sha256, result.weights_sha256);
  for (const char* source : {"simulated", "propagated"}) {
    result.prompts.prompts.provenance.source = source;
    EXPECT_EQ(SegFactsOf(result, context, "key").type, SegAlgorithmType::kAutomatic);
  }
}

}  // namespace
}  // namespace dinsd
