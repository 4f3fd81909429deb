#include <gmock/gmock.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "pipeline/report/follow_up_rows.h"
#include "pipeline/report/method.h"
#include "pipeline/report/report.h"
#include "pipeline/report/report_facts.h"
#include "tests/pipeline/report/sample_result.h"

namespace dinsd {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// Two lesions that were followed, one that was not imaged, one whose place is imaged but that got no click.
StudyResult Followed() {
  StudyResult result = SampleResult(2);
  result.study.identity.study_date = "2026-03-04";
  result.is_preliminary = true;
  FollowUp& prior = result.follow_up.emplace();
  prior.study_date = "2025-03-04";
  prior.job = 12;
  prior.revision = 2;
  prior.weights_sha256 = result.weights_sha256;
  prior.registration.flags = {"reg_folding"};
  for (const LesionResult& lesion : result.lesions) {
    FollowedLesion followed;
    followed.prior.id = lesion.id;
    followed.prior.label = lesion.label;
    followed.prior.volume_ml = lesion.volume_ml / 1.5;
    followed.prior.slices_spanned = 5;
    followed.clicks = {{{1, 2, 3}, 4.5, 0.875, {}}};
    prior.lesions.push_back(followed);
  }
  FollowedLesion outside;
  outside.prior = {.id = "outside", .volume_ml = 3, .slices_spanned = 4};
  outside.is_imaged = false;
  outside.flags = {"not_imaged"};
  prior.lesions.push_back(outside);
  return result;
}

TEST(FollowUpRowsTest, EachLesionOfThePriorHasItsRowWithTheChange) {
  const StudyResult result = Followed();
  const std::vector<FollowUpRow> rows = FollowUpRows(result);
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].today, &result.lesions[0]);
  EXPECT_NEAR(rows[0].change.percent.value(), 50, 1e-9);
  EXPECT_EQ(rows[0].change.change, ChangeClass::kUncertain) << "nobody knows its interval";
  EXPECT_NEAR(rows[0].change.percent_per_month.value(), 50 / (365 / (365.25 / 12)), 1e-9);
  EXPECT_EQ(rows[2].today, nullptr);
  EXPECT_EQ(rows[2].change.change, ChangeClass::kNotImaged);
  EXPECT_TRUE(FollowUpRows(SampleResult(1)).empty());
}

TEST(FollowUpRowsTest, OnlyAStudyWithoutAPriorIsASingleTimepoint) {
  EXPECT_THAT(ReportHtml(SampleResult(1), {}), HasSubstr("A single timepoint, such as this one"));
  EXPECT_THAT(ReportHtml(Followed(), {}), Not(HasSubstr("A single timepoint, such as this one")));
}

TEST(FollowUpRowsTest, AChangeIsRealWhereItsIntervalExcludesZero) {
  StudyResult result = Followed();
  for (std::size_t k = 0; k < 2; ++k) {
    result.follow_up->lesions[k].prior.change_log_sd = 0.1;
    result.lesions[k].interval = VolumeInterval{.change_log_sd = k == 0 ? 0.1 : 0.3};
  }
  std::vector<FollowUpRow> rows = FollowUpRows(result);
  EXPECT_EQ(rows[0].change.change, ChangeClass::kIncrease);
  EXPECT_NEAR(rows[0].interval->low, 100 * (1.5 * std::exp(-1.96 * 0.1 * std::sqrt(2)) - 1), 0.01);
  EXPECT_EQ(rows[1].change.change, ChangeClass::kUncertain);
  EXPECT_THAT(rows[1].change.reason, HasSubstr("does not exclude 0"));
  EXPECT_FALSE(rows[2].interval);
  const nlohmann::json json = ReportJson(result, {}).at("follow_up").at("lesions");
  EXPECT_EQ(json.at(0).at("class"), "increase");
  EXPECT_NEAR(json.at(0).at("d_pct_prior_interval").at("low_pct").get<double>(), rows[0].interval->low, 1e-9);
  EXPECT_TRUE(json.at(2).at("d_pct_prior_interval").is_null());
  EXPECT_EQ(ReportJson(result, {}).at("state"), "preliminary") << "nobody has looked at the clicks";
  result.follow_up->weights_sha256 = std::string(64, 'd');
  rows = FollowUpRows(result);
  EXPECT_FALSE(rows[0].interval) << "what two networks differ by is in neither's calibration";
  EXPECT_EQ(rows[0].change.change, ChangeClass::kUncertain);
  EXPECT_THAT(rows[0].change.reason, HasSubstr("other weights"));
}

// Both lesions grew by half, and their intervals say so; what is cut off by an image's border says nothing of it.
TEST(FollowUpRowsTest, ALesionAtTheBorderOfEitherImageHasNoChangeThatIsSure) {
  StudyResult result = Followed();
  for (std::size_t k = 0; k < 2; ++k) {
    result.follow_up->lesions[k].prior.change_log_sd = 0.1;
    result.lesions[k].interval = VolumeInterval{.change_log_sd = 0.1};
    ASSERT_EQ(FollowUpRows(result)[k].change.change, ChangeClass::kIncrease);
  }
  result.lesions[0].flags = {"touches_border"};
  result.follow_up->lesions[1].flags = {"prior_touches_border"};
  std::vector<FollowUpRow> rows = FollowUpRows(result);
  for (std::size_t k = 0; k < 2; ++k) {
    EXPECT_FALSE(rows[k].interval.has_value());
    EXPECT_EQ(rows[k].change.change, ChangeClass::kUncertain);
  }
  EXPECT_THAT(rows[0].change.reason, HasSubstr("reaches the border of today's image"));
  EXPECT_THAT(rows[1].change.reason, HasSubstr("reaches the border of the prior's image"));
  EXPECT_THAT(FlagsOf(result, 1), Contains("prior_touches_border"));
  EXPECT_FALSE(MeaningOf("prior_touches_border").meaning.empty());

  for (FollowedLesion& lesion : result.follow_up->lesions) lesion.prior.volume_ml *= 1.5;  // as large as today
  rows = FollowUpRows(result);
  EXPECT_EQ(rows[0].change.change, ChangeClass::kUncertain) << "stable would be said of what was imaged alone";
  EXPECT_THAT(rows[0].change.reason, HasSubstr("border"));
  result.lesions[0].flags.clear();
  EXPECT_EQ(FollowUpRows(result)[0].change.change, ChangeClass::kStable);
  result.follow_up->lesions[0].flags = {"partly_imaged"};
  EXPECT_EQ(FollowUpRows(result)[0].change.change, ChangeClass::kUncertain);
}

TEST(FollowUpRowsTest, TheReasonSaysWhichVolumeHasNoInterval) {
  StudyResult result = Followed();
  result.lesions[0].no_interval = "uncalibrated: just so";
  result.lesions[1].interval = VolumeInterval{.change_log_sd = 0.1};
  EXPECT_THAT(FollowUpRows(result)[0].change.reason, HasSubstr("today's volume has none (uncalibrated: just so)"));
  EXPECT_THAT(FollowUpRows(result)[1].change.reason, HasSubstr("the prior's volume has none"));
}

TEST(FollowUpReportTest, AStableThatIsNotSureSaysSoInEveryForm) {
  StudyResult result = Followed();
  for (std::size_t k = 0; k < 2; ++k)
    result.follow_up->lesions[k].prior.volume_ml = result.lesions[k].volume_ml / 0.8004;
  result.follow_up->lesions[0].prior.change_log_sd = 0.5;
  result.lesions[0].interval = VolumeInterval{.change_log_sd = 0.5};
  const std::vector<FollowUpRow> rows = FollowUpRows(result);
  EXPECT_EQ(rows[0].change.change, ChangeClass::kStable);
  EXPECT_THAT(rows[0].change.reason, HasSubstr("does not exclude a change of 20 % or more"));
  EXPECT_EQ(rows[1].change.change, ChangeClass::kStable);
  EXPECT_THAT(rows[1].change.reason, HasSubstr("how sure is not known: the change has no interval"));
  const std::string page = ReportHtml(result, {});
  EXPECT_THAT(page, HasSubstr(rows[0].change.reason));
  EXPECT_THAT(page, HasSubstr("(\xE2\x88\x92"
                              "19.96 %)"))
      << "20 % would be no stable";
  EXPECT_EQ(ReportJson(result, {}).at("follow_up").at("lesions").at(1).at("reason"), rows[1].change.reason);
}

TEST(FollowUpReportTest, ClicksAreSaidToComeFromTheRevisionThatTheyWereProposedFrom) {
  StudyResult result = Followed();
  EXPECT_TRUE(ReportJson(result, {}).at("follow_up").at("proposed_from_revision").is_null());
  EXPECT_THAT(ReportHtml(result, {}), Not(HasSubstr("was revised since")));
  result.follow_up->proposed_from = 1;
  const std::string page = ReportHtml(result, {});
  EXPECT_THAT(page, HasSubstr("proposed inside the lesions of job 12, revision 1,"));
  EXPECT_THAT(page, HasSubstr("the volumes then are those of its revision 2"));
  EXPECT_EQ(ReportJson(result, {}).at("follow_up").at("proposed_from_revision"), 1);
}

TEST(FollowUpRowsTest, OddRatiosAndOtherWeightsAreFlagged) {
  StudyResult result = Followed();
  result.follow_up->lesions[0].prior.volume_ml = result.lesions[0].volume_ml / 3.1;
  EXPECT_THAT(FollowUpRows(result)[0].flags, ElementsAre("volume_ratio"));
  EXPECT_THAT(FlagsOf(result, 0), Contains("volume_ratio"));
  result.follow_up->lesions[0].prior.volume_ml = result.lesions[0].volume_ml * 3.1;
  result.follow_up->weights_sha256 = std::string(64, 'd');
  EXPECT_THAT(FollowUpRows(result)[0].flags, ElementsAre("volume_ratio", "model_mismatch"));
  EXPECT_THAT(FollowUpRows(result)[1].flags, ElementsAre("model_mismatch"));
}

TEST(FollowUpRowsTest, OtherOptionsAreAnotherMethodToo) {
  StudyResult result = Followed();
  const auto method = [&] {
    return MethodDigest(result.weights_sha256, OptionsDigest(result.options), ThisSoftware());
  };
  result.follow_up->method = method();
  EXPECT_THAT(FollowUpRows(result)[1].flags, Not(Contains("model_mismatch")));
  result.options.threshold = 0.4;
  EXPECT_THAT(FollowUpRows(result)[1].flags, Contains("model_mismatch"));
  result.follow_up->method = MethodDigest(result.weights_sha256, OptionsDigest(result.options), "dinsd 0.0.1");
  EXPECT_THAT(FollowUpRows(result)[1].flags, Contains("model_mismatch"));
}

TEST(FollowUpRowsTest, TheDifferenceOfTheMethodsIsToldInWords) {
  StudyResult result = Followed();
  FollowUp& prior = *result.follow_up;
  prior.options_sha256 = OptionsDigest(result.options);
  prior.software = ThisSoftware();
  const auto words = [&] {
    prior.method = MethodDigest(prior.weights_sha256, prior.options_sha256, prior.software);
    return MethodDifference(result);
  };
  EXPECT_EQ(words(), "");
  EXPECT_TRUE(ReportJson(result, {}).at("follow_up").at("model_mismatch").is_null());
  prior.software = "dinsd 0.0.1";
  EXPECT_EQ(words(), "the prior was measured with another version of the program");
  EXPECT_THAT(ReportHtml(result, {}), HasSubstr("The prior was measured with another version of the program: a part"));
  prior.options_sha256 = std::string(64, 'e');
  EXPECT_EQ(words(), "the prior was measured with other options and another version of the program");
  EXPECT_EQ(ReportJson(result, {}).at("follow_up").at("model_mismatch"), words());
  prior.weights_sha256 = std::string(64, 'd');
  EXPECT_EQ(words(), "the prior was measured with other weights, other options and another version of the program");
  EXPECT_THAT(FollowUpRows(result)[0].change.reason, HasSubstr("other weights, other options and another version"));
  prior.method = std::string(kImportedMethod) + " " + std::string(64, 'f');
  EXPECT_EQ(MethodDifference(result), "the prior's outlines were made by others");
  prior = *Followed().follow_up;
  prior.method = MethodDigest(prior.weights_sha256, std::string(64, 'e'), ThisSoftware());
  EXPECT_THAT(MethodDifference(result), HasSubstr("other options or another version")) << "it does not say which";
}

TEST(FollowUpRowsTest, AThinLesionsChangeHasNoInterval) {
  StudyResult result = Followed();
  result.manifest.interval.emplace().least_slices = 3;
  result.follow_up->lesions[0].prior.change_log_sd = 0.1;
  result.lesions[0].interval = VolumeInterval{.low_ml = 1, .high_ml = 2};
  const FollowUpRow row = FollowUpRows(result)[0];
  EXPECT_FALSE(row.interval);
  EXPECT_EQ(row.change.change, ChangeClass::kUncertain);
  EXPECT_THAT(row.change.reason, HasSubstr("calibrated on lesions that span 3 slices or more"));
}

// The same result once a person has looked: the second lesion's click is wrong.
StudyResult Reviewed() {
  StudyResult result = Followed();
  result.is_preliminary = false;
  result.lesions[1].voxels = 0;
  result.lesions[1].volume_ml = 0;
  ReviewRecord& review = result.review.emplace();
  review.who = "reader-7";
  review.when = "2026-03-09T08:00:00Z";
  review.revision = 1;
  review.lesions = {
      {result.lesions[0].id,
       false,
       {{ClickDecision::kMoved, Polarity::kPositive, {{1, 2, 3}}, {{1, 2, 9}}, 6}},
       {"laterality R (was L)"}},
      {result.lesions[1].id, false, {{ClickDecision::kRejected, Polarity::kPositive, {{1, 2, 3}}, {}, 0}}}};
  return result;
}

TEST(FollowUpRowsTest, ALesionWhoseClicksWereRejectedSaysSo) {
  const std::vector<FollowUpRow> rows = FollowUpRows(Reviewed());
  EXPECT_EQ(rows[1].change.change, ChangeClass::kNotFound);
  EXPECT_EQ(rows[1].change.reason, "a person rejected every click that was proposed for it");
  EXPECT_THAT(rows[0].change.reason, Not(HasSubstr("no person")));
}

TEST(FollowUpReportTest, AReviewIsInPageAndJson) {
  const nlohmann::json review = ReportJson(Reviewed(), {}).at("review");
  EXPECT_EQ(review.at("operator"), "reader-7");
  EXPECT_EQ(review.at("clicks").at("moved"), 1);
  EXPECT_EQ(review.at("lesions").at(0).at("decisions").at(0).at("moved_mm"), 6);
  EXPECT_EQ(review.at("lesions").at(0).at("changes"), nlohmann::json({"laterality R (was L)"}));
  EXPECT_TRUE(review.at("lesions").at(1).at("changes").empty());
  EXPECT_TRUE(review.at("lesions").at(1).at("decisions").at(0).at("lps_mm").is_null());
  EXPECT_EQ(ProvenanceJson(Reviewed(), {}).at("review"), review);
  const std::string page = ReportHtml(Reviewed(), {});
  EXPECT_THAT(page, HasSubstr("reader-7 looked at every one of them (revision 1) on 2026-03-09"));
  EXPECT_THAT(page, HasSubstr("1 click moved (by up to 6.0 mm)"));
  EXPECT_THAT(page, Not(HasSubstr("No person has looked")));
  EXPECT_THAT(ReportHtml(Followed(), {}), HasSubstr("No person has looked"));
}

TEST(FollowUpRowsTest, DaysAreCountedByTheCalendar) {
  EXPECT_EQ(DaysBetween("2024-02-28", "2024-03-01"), 2);
  EXPECT_EQ(DaysBetween("2023-12-31", "2025-01-01"), 367);
  EXPECT_FALSE(DaysBetween("", "2024-03-01").has_value());
  EXPECT_FALSE(DaysBetween("2023-02-29", "2024-03-01").has_value());
  EXPECT_FALSE(DaysBetween("2023-2-28", "2024-03-01").has_value());
}

TEST(FollowUpReportTest, JsonHasPriorRegistrationAndClicks) {
  const nlohmann::json report = ReportJson(Followed(), {});
  const nlohmann::json& follow_up = report.at("follow_up");
  EXPECT_EQ(follow_up.at("prior_job"), 12);
  EXPECT_EQ(follow_up.at("interval_days"), 365);
  EXPECT_EQ(follow_up.at("registration").at("flags"), nlohmann::json({"reg_folding"}));
  EXPECT_EQ(follow_up.at("lesions").at(0).at("clicks").at(0).at("similarity"), 0.875);
  EXPECT_TRUE(follow_up.at("lesions").at(2).at("volume_ml").is_null()) << "not known, never 0";
  EXPECT_EQ(follow_up.at("lesions").at(2).at("class"), "not_imaged");
  EXPECT_FALSE(ReportJson(SampleResult(1), {}).contains("follow_up"));
}

TEST(FollowUpReportTest, TheTableHasTheChangeOfEachLesionAndIsEmptyWithoutAPrior) {
  const StudyResult result = Followed();
  const std::string csv = LesionsCsv(result);
  EXPECT_THAT(csv, HasSubstr(",prior_mL,d_abs_prior,d_pct_prior,interval_days,mL_per_month,pct_per_month,class\r\n"));
  EXPECT_THAT(csv, HasSubstr(",50.00,365,"));
  EXPECT_THAT(csv, HasSubstr(",uncertain\r\n"));
  EXPECT_THAT(LesionsCsv(SampleResult(1)), HasSubstr(",,,,,,,\r\n"));
}

TEST(FollowUpReportTest, ThePageShowsThenAndNowAndEscapes) {
  StudyResult result = Followed();
  result.follow_up->lesions[2].prior.id = "<b>outside";
  const std::string page = ReportHtml(result, {});
  EXPECT_THAT(page, HasSubstr("Followed from the study of 2025-03-04"));
  EXPECT_THAT(page, HasSubstr("job 12, revision 2"));
  EXPECT_THAT(page, HasSubstr("(+50 %)"));
  EXPECT_THAT(page, HasSubstr("&lt;b&gt;outside"));
  EXPECT_THAT(page, Not(HasSubstr("<b>outside")));
  EXPECT_THAT(ReportHtml(SampleResult(1), {}), Not(HasSubstr("Followed from")));
}

}  // namespace
}  // namespace dinsd
