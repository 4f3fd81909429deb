#include "daemon/service/prior_choice.h"

#include <gmock/gmock.h>

#include "tests/daemon/service_fixture.h"

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

/// Results of which some have the object that clicks name, or its like.
class FindPriorWithTest : public ServiceContextTest {
 protected:
  void Has(JobId job, std::int64_t revision, const std::string& object) const {
    Write(job, revision, "provenance.json", {{"objects", {object}}});
  }
  [[nodiscard]] PriorChoice Find(const std::vector<std::string>& objects) {
    return FindPriorWith(context_, JobId{99}, "incoming", {"P", "2026-06-01", ""}, objects);
  }
};

TEST_F(FindPriorWithTest, AnObjectOfASupersededRevisionMeansTheNewestOne) {
  const JobId job = Published("a", "2025-01-01");
  Has(job, 1, "1.2.1");
  Revise(job, "2025-01-01");
  Has(job, 2, "1.2.2");
  const PriorChoice choice = Find({"1.2.1"});
  ASSERT_TRUE(choice.prior.has_value());
  EXPECT_EQ(choice.prior->job, job);
  EXPECT_EQ(choice.prior->revision, 2) << "what was superseded is measured no more";
  EXPECT_FALSE(Find({"1.2.3"}).prior.has_value());
  EXPECT_THAT(Find({"1.2.3"}).why_none, HasSubstr("no final result of this patient"));
}

TEST_F(FindPriorWithTest, APreliminaryRevisionNeitherCountsNorSupersedes) {
  const JobId job = Published("a", "2025-01-01");
  Has(job, 1, "1.2.1");
  Revise(job, "2025-01-01", "preliminary");
  Has(job, 2, "1.2.2");
  EXPECT_EQ(Find({"1.2.1"}).prior.value().revision, 1);
  EXPECT_FALSE(Find({"1.2.2"}).prior.has_value());
}

TEST_F(FindPriorWithTest, OfTwoJobsOfOneDateNeitherIsGuessed) {
  const JobId one = Published("a", "2025-01-01"), other = Published("b", "2025-01-01");
  const JobId older = Published("c", "2024-01-01"), later = Published("d", "2025-02-01");
  Has(one, 1, "1.2.1");
  Has(other, 1, "1.2.2");
  Has(older, 1, "1.2.3");
  EXPECT_EQ(Find({"1.2.1"}).prior.value().job, one) << "the object tells which";
  EXPECT_EQ(Find({"1.2.1", "1.2.3"}).prior.value().job, one) << "the last one";
  const PriorChoice both = Find({"1.2.1", "1.2.2"});
  EXPECT_FALSE(both.prior.has_value());
  EXPECT_THAT(both.why_none, HasSubstr("is not guessed"));
  Has(later, 1, "1.2.2");
  EXPECT_EQ(Find({"1.2.1", "1.2.2"}).prior.value().job, later) << "of an older date they do not matter";
}

}  // namespace
}  // namespace dinsd
