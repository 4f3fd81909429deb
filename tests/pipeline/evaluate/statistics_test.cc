#include "pipeline/evaluate/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "pipeline/evaluate/click_curve.h"
#include "pipeline/evaluate/paired_tests.h"

// Constants marked "scipy" were computed with scipy 1.17.1 and numpy 2.2.6.

namespace dinsd {
namespace {

using Values = std::vector<double>;

TEST(Statistics, OfFewNumbers) {
  const Values values = {0.1, 0.4, 0.35, 0.8, 0.95};
  EXPECT_DOUBLE_EQ(Mean(values), 0.52);
  EXPECT_DOUBLE_EQ(*StandardDeviation(values), 0.34749100707788105);  // numpy.std(ddof=1)
  EXPECT_DOUBLE_EQ(Median(values), 0.4);
  EXPECT_DOUBLE_EQ(Median(Values{1, 4, 2, 3}), 2.5);
  EXPECT_NEAR(Quantile(Values{0.1, 0.35, 0.4, 0.8, 0.95}, 0.3), 0.36, 1e-15);  // numpy.percentile(30)
  EXPECT_EQ(StandardDeviation(Values{1}), std::nullopt);
  EXPECT_THROW((void)Mean(Values{}), std::invalid_argument);
}

TEST(Bootstrap, IsTheSameForTheSameSeedAndAnotherForAnother) {
  const Values values = {1.1, 2.03, 3.007, 4.0001, 4.9, 6.21, 7.777};
  const auto interval = BootstrapMean(values, {});
  ASSERT_TRUE(interval);
  EXPECT_EQ(BootstrapMean(values, {}), interval);
  EXPECT_NE(BootstrapMean(values, {.seed = 2}), interval);
  EXPECT_LT(interval->low, Mean(values));
  EXPECT_GT(interval->high, Mean(values));
}

TEST(Bootstrap, ComesNearTheNormalIntervalOfManyValues) {
  Values values;
  for (int i = 0; i < 400; ++i) values.push_back(std::fmod(i * 0.618033988749895, 1.0));  // uniform in [0, 1)
  const auto interval = BootstrapMean(values, {});
  const double half_width = 1.96 * *StandardDeviation(values) / 20;
  EXPECT_NEAR(interval->low, Mean(values) - half_width, 0.003);
  EXPECT_NEAR(interval->high, Mean(values) + half_width, 0.003);
}

TEST(Bootstrap, OfOneValueHasNoInterval) {
  EXPECT_EQ(BootstrapMean(Values{1}, {}), std::nullopt);
  EXPECT_THROW((void)BootstrapMean(Values{1, 2}, {.resamples = 0}), std::invalid_argument);
}

TEST(Summary, LeavesOutWhatIsNotThere) {
  EXPECT_FALSE(Summarise(Values{}, {}));
  const auto one = Summarise(Values{0.5}, {});
  EXPECT_EQ(one->count, 1);
  EXPECT_EQ(one->mean, 0.5);
  EXPECT_FALSE(one->sd);
}

TEST(Wilcoxon, EqualsScipyWithoutTies) {
  // scipy.stats.wilcoxon(method="exact"): statistic 3 (the smaller rank sum), p 0.00244140625
  const WilcoxonResult result = WilcoxonSignedRank(Values{3.0, -1.5, 7.25, 11, 2, 5, -1, 16, 13, 6, 8, 9});
  EXPECT_EQ(result.pairs, 12);
  EXPECT_EQ(result.positive_rank, 78 - 3);
  EXPECT_DOUBLE_EQ(result.p, 0.00244140625);
  EXPECT_TRUE(result.is_exact);
}

TEST(Wilcoxon, EqualsScipysPermutationTestWithTies) {
  // scipy.stats.wilcoxon(method=PermutationMethod(n_resamples=inf)), zeros left out: p 0.0703125
  const WilcoxonResult result = WilcoxonSignedRank(Values{1, 2, 2, -1, 3, 3, -3, 4, 0, 5, 1});
  EXPECT_EQ(result.pairs, 10);
  EXPECT_EQ(result.positive_rank, 46);
  EXPECT_DOUBLE_EQ(result.p, 0.0703125);
}

TEST(Wilcoxon, EqualsScipysNormalApproximationWithTies) {
  Values differences;
  for (int k = 1; k <= 60; ++k) differences.push_back(((k * 37) % 61 - 25) / 10.0);
  // scipy.stats.wilcoxon(method="approx", correction=False)
  const WilcoxonResult result = WilcoxonSignedRank(differences);
  EXPECT_FALSE(result.is_exact);
  EXPECT_EQ(result.pairs, 59);
  EXPECT_EQ(result.positive_rank, 1182);
  EXPECT_NEAR(result.p, 0.024965220366753117, 1e-12);
}

TEST(Wilcoxon, SaysNothingWhereNothingDiffers) {
  const WilcoxonResult result = WilcoxonSignedRank(Values{0, 0, 0});
  EXPECT_EQ(result.pairs, 0);
  EXPECT_EQ(result.p, 1);
  EXPECT_THROW((void)WilcoxonSignedRank(Values{std::nan("")}), std::invalid_argument);
}

TEST(Holm, AdjustsStepByStep) {
  // By hand: sorted 0.01, 0.02, 0.03, 0.5 times 4, 3, 2, 1, never falling.
  const Values adjusted = HolmAdjusted(Values{0.03, 0.01, 0.5, 0.02});
  EXPECT_DOUBLE_EQ(adjusted[0], 0.06);
  EXPECT_DOUBLE_EQ(adjusted[1], 0.04);
  EXPECT_DOUBLE_EQ(adjusted[2], 0.5);
  EXPECT_DOUBLE_EQ(adjusted[3], 0.06);
  EXPECT_EQ(HolmAdjusted(Values{0.9, 0.8})[0], 1);
  EXPECT_TRUE(HolmAdjusted(Values{}).empty());
}

TEST(ClicksToTarget, IsTheFirstClickThatReachesIt) {
  EXPECT_EQ(FindClicksToTarget(Values{0.5, 0.8, 0.7, 0.9}, 0.8), (ClicksToTarget{2, true}));
  EXPECT_EQ(FindClicksToTarget(Values{0.5, 0.7}, 0.8), (ClicksToTarget{2, false}));
}

TEST(AreaUnderDice, IsTheMeanHeightOfTheCurve) {
  EXPECT_DOUBLE_EQ(AreaUnderDice(Values{0.5, 0.7, 0.9}), 0.7);
  EXPECT_DOUBLE_EQ(AreaUnderDice(Values{0, 1, 1}), 0.75);
  EXPECT_DOUBLE_EQ(AreaUnderDice(Values{0.6}), 0.6);
  EXPECT_THROW((void)AreaUnderDice(Values{}), std::invalid_argument);
}

TEST(Survival, EqualsScipysKaplanMeier) {
  // scipy.stats.ecdf(CensoredData.right_censored(...)).sf: 0.9 at 2, 0.8 at 3, 0.6 at 5, 0.48 at 8, 0.36 at 10
  const std::vector<ClicksToTarget> interactions = {{3, true},   {5, true},   {5, true}, {8, true},  {10, false},
                                                    {10, false}, {10, false}, {2, true}, {7, false}, {10, true}};
  const ClickSurvival survival = EstimateSurvival(interactions, 10);
  const auto short_after = [&](int clicks) {
    return survival.steps[static_cast<std::size_t>(clicks - 1)].short_of_target;
  };
  EXPECT_DOUBLE_EQ(short_after(1), 1);
  EXPECT_DOUBLE_EQ(short_after(2), 0.9);
  EXPECT_DOUBLE_EQ(short_after(3), 0.8);
  EXPECT_DOUBLE_EQ(short_after(5), 0.6);
  EXPECT_DOUBLE_EQ(short_after(7), 0.6);
  EXPECT_DOUBLE_EQ(short_after(8), 0.48);
  EXPECT_NEAR(short_after(10), 0.36, 1e-15);
  EXPECT_EQ(survival.median, 8);
  EXPECT_EQ(survival.reached, 6);
  // Area: two clicks at 1, one at 0.9, two at 0.8, three at 0.6, two at 0.48.
  EXPECT_NEAR(survival.restricted_mean, 2 + 0.9 + 1.6 + 1.8 + 0.96, 1e-12);
}

TEST(Survival, CountsWhatWasNotReachedAsTheBudget) {
  const std::vector<ClicksToTarget> interactions = {{1, true}, {3, true}, {4, false}, {4, false}};
  const ClickSurvival survival = EstimateSurvival(interactions, 4);
  EXPECT_DOUBLE_EQ(survival.restricted_mean, (1 + 3 + 4 + 4) / 4.0);
  EXPECT_EQ(survival.median, 3);
}

TEST(Survival, HasNoMedianWhereMostNeverReachTheTarget) {
  const std::vector<ClicksToTarget> interactions = {{1, true}, {4, false}, {4, false}};
  EXPECT_EQ(EstimateSurvival(interactions, 4).median, std::nullopt);
  EXPECT_THROW((void)EstimateSurvival(interactions, 3), std::invalid_argument);
}

}  // namespace
}  // namespace dinsd
