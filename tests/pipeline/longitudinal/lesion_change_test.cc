#include "pipeline/longitudinal/lesion_change.h"

#include <gmock/gmock.h>

#include "pipeline/longitudinal/confirmed_response.h"
#include "tests/pipeline/longitudinal/made_history.h"

namespace dinsd {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

constexpr double kSure = 0.02;  // of the logarithm: 20 % is far beyond 0

/// One lesion, known by its UID, with a volume at each date.
struct History {
  std::vector<PatientTimepoint> timepoints;
  LesionTracks tracks;
  std::vector<std::vector<CellVerdict>> verdicts;

  explicit History(const std::vector<std::pair<std::string, double>>& volumes, double log_sd = kSure) {
    for (const auto& [date, ml] : volumes)
      timepoints.push_back(MadeTimepoint(date, {MadeLesion(1, ml, "1.2", 5, log_sd)}));
    Judge();
  }

  void Judge(const ChangeRules& rules = {}, FakeComparer compare = {}) {
    tracks = FollowLesions(timepoints, compare.Comparer());
    verdicts = JudgeTracks(timepoints, tracks.tracks, rules);
  }

  [[nodiscard]] const CellVerdict& At(std::size_t t, std::size_t k = 0) const { return verdicts.at(k).at(t); }
};

TEST(LesionChangeTest, PriorBaselineAndNadirAreThreeReferences) {
  const History history({{"2020-01-01", 10}, {"2021-01-01", 5}, {"2022-01-01", 8}, {"2023-01-01", 9}});
  const CellVerdict& last = history.At(3);
  ASSERT_TRUE(last.prior && last.baseline && last.nadir);
  EXPECT_EQ(last.prior->reference, 2U);
  EXPECT_NEAR(*last.prior->change.percent, 12.5, 1e-9);
  EXPECT_EQ(last.change, ChangeClass::kStable);
  EXPECT_EQ(last.baseline->reference, 0U);
  EXPECT_NEAR(*last.baseline->change.percent, -10, 1e-9);
  EXPECT_EQ(last.nadir->reference, 1U);
  EXPECT_NEAR(*last.nadir->change.percent, 80, 1e-9);
  EXPECT_EQ(last.nadir->change.change, ChangeClass::kIncrease) << "progression";
  EXPECT_FALSE(history.At(0).change.has_value());
  EXPECT_FALSE(history.At(0).prior.has_value());
}

TEST(LesionChangeTest, IsOnlyCalledRealWhereItsIntervalExcludesZero) {
  EXPECT_EQ(History({{"2020-01-01", 10}, {"2021-01-01", 13}}, 0.05).At(1).change, ChangeClass::kIncrease);
  const History unsure({{"2020-01-01", 10}, {"2021-01-01", 13}}, 0.2);
  EXPECT_EQ(unsure.At(1).change, ChangeClass::kUncertain);
  EXPECT_THAT(unsure.At(1).reason, HasSubstr("does not exclude 0"));
  const History unknown({{"2020-01-01", 10}, {"2021-01-01", 13}}, -1);
  EXPECT_EQ(unknown.At(1).change, ChangeClass::kUncertain);
  EXPECT_EQ(unknown.At(1).reason, "made without one");
}

TEST(LesionChangeTest, BetweenTwoMethodsNoChangeIsReal) {
  History history({{"2020-01-01", 10}, {"2021-01-01", 20}, {"2022-01-01", 21}});
  history.timepoints[1].method.weights_sha256 = "other";
  history.Judge();
  EXPECT_EQ(history.At(1).change, ChangeClass::kUncertain);
  EXPECT_THAT(history.At(1).reason, HasSubstr("different methods (other weights)"));
  EXPECT_THAT(history.At(1).flags, Contains("model_mismatch"));
  EXPECT_EQ(history.At(2).change, ChangeClass::kStable);
  EXPECT_THAT(history.At(2).flags, Contains("model_mismatch")) << "its prior";
  EXPECT_TRUE(history.At(2).baseline->mismatch.empty());
  EXPECT_EQ(history.At(2).baseline->change.change, ChangeClass::kIncrease);
}

TEST(LesionChangeTest, AMaskOfOthersIsAMethodOfItsOwn) {
  History history({{"2020-01-01", 10}, {"2021-01-01", 20}, {"2022-01-01", 30}});
  history.timepoints[0].method.imported_sha256 = "mask 1";
  history.timepoints[1].method.imported_sha256 = "mask 2";
  history.Judge();
  EXPECT_EQ(history.At(1).change, ChangeClass::kUncertain);
  EXPECT_EQ(history.At(1).prior->mismatch, "a mask of others");
  EXPECT_EQ(history.At(2).prior->mismatch, "a mask of others");
}

TEST(LesionChangeTest, NeitherIsOneWithoutAPersonOrAtTheEndOfAnImage) {
  History history({{"2020-01-01", 10}, {"2021-01-01", 20}});
  history.timepoints[1].is_final = false;
  history.Judge();
  EXPECT_EQ(history.At(1).change, ChangeClass::kUncertain);
  EXPECT_THAT(history.At(1).reason, HasSubstr("no person has verified"));
  history.timepoints[1].is_final = true;
  history.timepoints[0].lesions[0].flags = {"touches_border"};
  history.Judge();
  EXPECT_THAT(history.At(1).reason, HasSubstr("reaches the end of an image"));
}

TEST(LesionChangeTest, APreliminaryTimepointIsNoReference) {
  History history({{"2020-01-01", 10}, {"2021-01-01", 1}, {"2022-01-01", 10}});
  history.timepoints[1].is_final = false;
  history.Judge();
  EXPECT_EQ(history.At(2).prior->reference, 0U);
  EXPECT_EQ(history.At(2).nadir->reference, 0U);
}

TEST(LesionChangeTest, MergedLesionsAreComparedAsSums) {
  FakeComparer compare;
  compare(0, 1).matches = {{{1, 1, 0.9, 1}}, {{1, {1, 2}}}, {}, {}, {}};
  compare(1, 2).matches.pairs = {{1, 1, 0.9, 1}};
  History history({});
  history.timepoints = {MadeTimepoint("2020-01-01", {MadeLesion(1, 2, "", 5, kSure), MadeLesion(2, 3, "", 5, kSure)}),
                        MadeTimepoint("2021-01-01", {MadeLesion(1, 10, "", 5, kSure)}),
                        MadeTimepoint("2022-01-01", {MadeLesion(1, 11, "", 5, kSure)})};
  history.Judge({}, compare);
  const CellVerdict& merged = history.At(1);
  EXPECT_EQ(merged.prior->reference_ml, 5);
  EXPECT_NEAR(*merged.prior->change.percent, 100, 1e-9);
  EXPECT_TRUE(merged.prior->is_sum);
  EXPECT_THAT(merged.flags, Contains("merged"));
  EXPECT_FALSE(history.At(1, 1).change.has_value()) << "it is part of the other";
  const CellVerdict& later = history.At(2);
  EXPECT_EQ(later.prior->reference_ml, 10);
  EXPECT_FALSE(later.prior->is_sum);
  EXPECT_EQ(later.baseline->reference_ml, 5) << "of both parents";
}

TEST(LesionChangeTest, SplitLesionsAreComparedAsSums) {
  FakeComparer compare;
  compare(0, 1).matches = {{{1, 1, 0.9, 1}}, {}, {{1, {1, 2}}}, {}, {}};
  History history({});
  history.timepoints = {
      MadeTimepoint("2020-01-01", {MadeLesion(1, 5, "", 5, kSure)}),
      MadeTimepoint("2021-01-01", {MadeLesion(1, 3, "", 5, kSure), MadeLesion(2, 2.5, "", 5, kSure)})};
  history.Judge({}, compare);
  for (const std::size_t k : {0U, 1U}) {
    EXPECT_EQ(history.At(1, k).prior->now_ml, 5.5);
    EXPECT_EQ(history.At(1, k).prior->reference_ml, 5);
    EXPECT_EQ(history.At(1, k).change, ChangeClass::kStable);
    EXPECT_THAT(history.At(1, k).flags, Contains("split"));
  }
}

// The whole was 10 mL, fell into 3 and 7, and is 12 mL by now.
TEST(LesionChangeTest, APartIsNoNadirOfTheWhole) {
  FakeComparer compare;
  compare(0, 1).matches = {{{1, 1, 0.9, 1}}, {}, {{1, {1, 2}}}, {}, {}};
  compare(1, 2).matches.pairs = {{1, 1, 0.9, 1}, {2, 2, 0.9, 1}};
  History history({});
  history.timepoints = {MadeTimepoint("2020-01-01", {MadeLesion(1, 10, "", 5, kSure)}),
                        MadeTimepoint("2021-01-01", {MadeLesion(1, 3, "", 5, kSure), MadeLesion(2, 7, "", 5, kSure)}),
                        MadeTimepoint("2022-01-01", {MadeLesion(1, 4, "", 5, kSure), MadeLesion(2, 8, "", 5, kSure)})};
  history.Judge({}, compare);
  for (const std::size_t k : {0U, 1U}) {
    const CellVerdict& last = history.At(2, k);
    ASSERT_TRUE(last.baseline && last.nadir) << k;
    for (const std::optional<ReferenceChange>& change : {last.baseline, last.nadir}) {
      EXPECT_EQ(change->reference_ml, 10) << k;
      EXPECT_EQ(change->now_ml, 12) << k;
      EXPECT_TRUE(change->is_sum) << k;
    }
    EXPECT_FALSE(last.prior->is_sum) << "since the timepoint before each part is by itself";
  }
  EXPECT_EQ(history.At(2, 0).prior->reference_ml, 3);
}

// Where one part is not known now, neither the whole nor a part is set beside the other.
TEST(LesionChangeTest, AWholeIsNoBaselineOfAPart) {
  FakeComparer compare;
  compare(0, 1).matches = {{{1, 1, 0.9, 1}}, {}, {{1, {1, 2}}}, {}, {}};
  compare(1, 2).matches.pairs = {{1, 1, 0.9, 1}};
  compare(1, 2).not_imaged = {2};
  History history({});
  history.timepoints = {MadeTimepoint("2020-01-01", {MadeLesion(1, 10, "", 5, kSure)}),
                        MadeTimepoint("2021-01-01", {MadeLesion(1, 3, "", 5, kSure), MadeLesion(2, 7, "", 5, kSure)}),
                        MadeTimepoint("2022-01-01", {MadeLesion(1, 4, "", 5, kSure)})};
  history.Judge({}, compare);
  EXPECT_EQ(history.At(2).prior->reference_ml, 3);
  EXPECT_FALSE(history.At(2).baseline.has_value());
  EXPECT_FALSE(history.At(2).nadir.has_value());
}

// The second image shows the place of 1 alone; 2 comes at the third and grows together with 1 at the fourth.
TEST(LesionChangeTest, WhatAnImageDoesNotShowIsNoZeroInASum) {
  FakeComparer compare;
  compare(1, 2).matches.pairs = {{1, 1, 0.9, 1}};
  compare(0, 1).matches.pairs = {{1, 1, 0.9, 1}};
  compare(0, 2).was_imaged = {2};
  compare(2, 3).matches = {{{1, 1, 0.9, 1}}, {{1, {1, 2}}}, {}, {}, {}};
  History history({});
  history.timepoints = {MadeTimepoint("2020-01-01", {MadeLesion(1, 5, "", 5, kSure)}),
                        MadeTimepoint("2021-01-01", {MadeLesion(1, 4, "", 5, kSure)}),
                        MadeTimepoint("2022-01-01", {MadeLesion(1, 5, "", 5, kSure), MadeLesion(2, 2, "", 5, kSure)}),
                        MadeTimepoint("2023-01-01", {MadeLesion(1, 9, "", 5, kSure)})};
  history.Judge({}, compare);
  EXPECT_EQ(history.At(2, 1).change, ChangeClass::kNew) << "its place was imaged at the first";
  const CellVerdict& last = history.At(3);
  EXPECT_EQ(last.baseline->reference, 0U);
  EXPECT_EQ(last.baseline->reference_ml, 5);
  EXPECT_EQ(last.nadir->reference, 0U) << "not the second, of which half is not known";
  EXPECT_EQ(last.prior->reference_ml, 7);
}

TEST(LesionChangeTest, WhatOnlyAPreliminaryResultShowsIsNewAndSaysSo) {
  History history({});
  history.timepoints = {MadeTimepoint("2020-01-01", {}),
                        MadeTimepoint("2021-01-01", {MadeLesion(1, 5, "1.2", 5, kSure)}, false),
                        MadeTimepoint("2022-01-01", {MadeLesion(1, 6, "1.2", 5, kSure)}),
                        MadeTimepoint("2023-01-01", {MadeLesion(1, 7, "1.2", 5, kSure)})};
  history.Judge();
  EXPECT_EQ(history.At(1).change, ChangeClass::kNew);
  EXPECT_EQ(history.At(1).reason, "");
  EXPECT_EQ(history.At(2).change, ChangeClass::kNew) << "no final result before has it";
  EXPECT_EQ(history.At(2).reason, "the preliminary result of 2021-01-01 shows it already");
  EXPECT_FALSE(history.At(2).is_reappeared) << "it was not gone in between";
  EXPECT_EQ(history.At(3).prior->reference, 2U);
}

TEST(LesionChangeTest, FlagsOfAResultsOwnPriorAreNotThoseOfThisComparison) {
  History history({{"2020-01-01", 10}, {"2021-01-01", 11}});
  history.timepoints[1].lesions[0].flags = {"touches_border", "volume_ratio", "model_mismatch"};
  history.Judge();
  EXPECT_THAT(history.At(1).flags, testing::ElementsAre("touches_border"));
}

TEST(LesionChangeTest, KnowsWhatShrankBelowTheMeasurable) {
  History history({{"2020-01-01", 10}, {"2021-01-01", 2}, {"2022-01-01", 3}});
  history.timepoints[1].lesions[0].lesion.slices_spanned = 2;
  history.Judge();
  EXPECT_EQ(history.At(1).change, ChangeClass::kBelowMeasurable);
  EXPECT_TRUE(history.At(1).prior->has_shrunk_below);
  EXPECT_EQ(history.At(2).change, ChangeClass::kBelowMeasurable);
  EXPECT_FALSE(history.At(2).prior->has_shrunk_below) << "it was below it before";
}

TEST(LesionChangeTest, WhatWasNotImagedIsNoReferenceAndWhatComesBackIsUncertain) {
  FakeComparer compare;
  compare(0, 1).not_imaged = {1};
  History history({});
  history.timepoints = {MadeTimepoint("2020-01-01", {MadeLesion(1, 5, "1.2", 5, kSure)}),
                        MadeTimepoint("2021-01-01", {}),
                        MadeTimepoint("2022-01-01", {MadeLesion(1, 10, "1.2", 5, kSure)})};
  history.Judge({}, compare);
  EXPECT_EQ(history.At(1).change, ChangeClass::kNotImaged);
  EXPECT_FALSE(history.At(2).prior.has_value());
  EXPECT_FALSE(history.At(2).change.has_value());
  EXPECT_EQ(history.At(2).baseline->change.change, ChangeClass::kIncrease);
  history.Judge();  // now its place is imaged and empty
  EXPECT_EQ(history.At(1).change, ChangeClass::kNotFound);
  EXPECT_EQ(history.At(2).change, ChangeClass::kUncertain);
  EXPECT_THAT(history.At(2).flags, Contains("reappeared"));
  EXPECT_FALSE(history.At(2).prior.has_value()) << "nothing is divided by 0";
  EXPECT_EQ(history.At(2).nadir->reference_ml, 5);
}

TEST(LesionChangeTest, NewBelowMeasurableAndOddOnesAreNamed) {
  History history({{"2020-01-01", 10}, {"2021-01-01", 31}});
  EXPECT_THAT(history.At(1).flags, Contains("volume_ratio"));
  history.timepoints[0].lesions[0].lesion.slices_spanned = 2;
  history.timepoints[0].lesions[0].lesion.laterality = "L";
  history.timepoints[1].lesions[0].lesion.laterality = "R";
  history.timepoints[1].lesions.push_back(MadeLesion(2, 1));
  history.Judge();
  EXPECT_EQ(history.At(1).change, ChangeClass::kBelowMeasurable);
  EXPECT_THAT(history.At(1).flags, Contains("laterality_differs"));
  EXPECT_EQ(history.At(1, 1).change, ChangeClass::kNew);
  EXPECT_FALSE(history.At(1, 1).prior.has_value());
}

TEST(LesionChangeTest, ABaselineCanBeNamed) {
  History history({{"2020-01-01", 10}, {"2021-01-01", 20}, {"2022-01-01", 21}});
  history.Judge({.baseline_date = "2020-06-01"});
  EXPECT_EQ(history.At(2).baseline->reference, 1U);
  EXPECT_EQ(history.At(2).nadir->reference, 1U);
  EXPECT_FALSE(history.At(1).baseline.has_value());
  EXPECT_TRUE(history.At(1).prior.has_value());
}

TEST(LesionChangeTest, ANamedBaselineMustHaveATimepoint) {
  History history({{"2020-01-01", 10}, {"2021-01-01", 20}});
  EXPECT_NO_THROW(CheckBaseline(history.timepoints, ""));
  EXPECT_NO_THROW(CheckBaseline(history.timepoints, "2021-01-01"));
  history.timepoints[1].is_final = false;
  try {
    CheckBaseline(history.timepoints, "2021-01-01");
    ADD_FAILURE() << "it is preliminary";
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), "NO_BASELINE");
    EXPECT_EQ(error.field(), "baseline");
    EXPECT_THAT(error.what(), HasSubstr("on or after 2021-01-01; the last final one is of 2020-01-01"));
  }
}

TEST(LesionChangeTest, WhatAnEarlierRevisionOfThePriorHadHasNoClassAndSaysWhy) {
  History history({{"2020-01-01", 10}, {"2021-01-01", 10}});
  history.timepoints[1].lesions.push_back(MadeLesion(6, 3, "1.6", 5, kSure));
  history.Judge();
  EXPECT_EQ(history.At(1, 1).change, ChangeClass::kNew);
  history.timepoints[1].lesions[1].flags = {kPriorRevised};
  history.Judge();
  EXPECT_FALSE(history.At(1, 1).change.has_value());
  EXPECT_THAT(history.At(1, 1).reason, HasSubstr("an earlier revision of the prior had it"));
  EXPECT_THAT(history.At(1, 1).flags, Contains(kPriorRevised));
}

TEST(ConfirmedResponseTest, NeedsTwoScansThreeMonthsApart) {
  const History history(
      {{"2020-01-31", 10}, {"2020-06-30", 7}, {"2020-09-29", 7}, {"2020-09-30", 7}, {"2021-01-01", 9}});
  EXPECT_EQ(history.At(1).confirmed_on, "");
  EXPECT_EQ(history.At(2).confirmed_on, "") << "a day short";
  EXPECT_EQ(history.At(3).confirmed_on, "2020-09-30");
  EXPECT_EQ(history.At(4).confirmed_on, "") << "it holds no more";
}

TEST(ConfirmedResponseTest, IsBrokenByAScanWithoutIt) {
  History history({{"2020-01-01", 10}, {"2020-06-01", 7}, {"2020-12-01", 9.9}, {"2021-02-01", 7}});
  EXPECT_EQ(history.At(3).confirmed_on, "");
  History unsure({{"2020-01-01", 10}, {"2020-06-01", 7}, {"2020-12-01", 7}}, -1);
  EXPECT_EQ(unsure.At(2).confirmed_on, "") << "no decrease of these is sure";
}

TEST(ConfirmedResponseTest, MonthsGoByTheCalendar) {
  EXPECT_EQ(MonthsLater("2023-11-30", 3), "2024-02-29");
  EXPECT_EQ(MonthsLater("2024-01-15", 12), "2025-01-15");
  EXPECT_EQ(MonthsLater("", 3), "");
}

}  // namespace
}  // namespace dinsd
