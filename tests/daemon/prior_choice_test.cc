#include "daemon/service/prior_choice.h"

#include <gmock/gmock.h>

namespace dinsd {
namespace {

using testing::HasSubstr;

Timepoint Of(std::int64_t job, std::int64_t revision, const std::string& date, const std::string& standing = "final") {
  return {JobId{job}, revision, "incoming", "digest", {"P", date, standing, "method"}};
}

std::int64_t Chosen(const std::vector<Timepoint>& timepoints, const std::string& date = "2026-06-01") {
  const PriorChoice choice = ChoosePrior(timepoints, JobId{99}, date);
  return choice.prior ? static_cast<std::int64_t>(choice.prior->job) * 100 + choice.prior->revision : 0;
}

TEST(ChoosePriorTest, TakesTheLastStudyBeforeByItsNewestFinalRevision) {
  EXPECT_EQ(Chosen({Of(1, 1, "2024-01-01"), Of(2, 1, "2025-01-01"), Of(2, 2, "2025-01-01"), Of(3, 1, "2023-01-01")}),
            202);
  EXPECT_EQ(Chosen({Of(2, 1, "2025-01-01"), Of(2, 2, "2025-01-01", "preliminary")}), 201);
}

TEST(ChoosePriorTest, NeverTakesALaterOneOneOfTheSameDayItselfOrAPreliminaryOne) {
  EXPECT_EQ(Chosen({Of(1, 1, "2026-06-01")}), 0);
  EXPECT_EQ(Chosen({Of(1, 1, "2026-07-01")}), 0);
  EXPECT_EQ(Chosen({Of(99, 1, "2025-06-01")}), 0);
  EXPECT_EQ(Chosen({Of(1, 1, "2025-06-01", "preliminary")}), 0);
  EXPECT_EQ(Chosen({Of(1, 1, "2025-06-01", "")}), 0);
  EXPECT_EQ(Chosen({Of(1, 1, "")}), 0) << "nobody knows when it was";
  EXPECT_THAT(ChoosePrior({}, JobId{99}, "2026-06-01").why_none, HasSubstr("no final result of this patient"));
}

TEST(ChoosePriorTest, TwoResultsOfTheSameDateAreNotChosenBetween) {
  const std::vector<Timepoint> two = {Of(1, 1, "2025-01-01"), Of(2, 1, "2025-01-01")};
  EXPECT_EQ(Chosen(two), 0);
  EXPECT_THAT(ChoosePrior(two, JobId{99}, "2026-06-01").why_none,
              HasSubstr("the jobs 1 and 2 both have final results"));
  EXPECT_EQ(Chosen({two[0], two[1], Of(3, 1, "2025-02-01")}), 301) << "of an older date they do not matter";
  EXPECT_EQ(Chosen({Of(3, 1, "2025-02-01"), two[0], two[1]}), 301);
}

}  // namespace
}  // namespace dinsd
