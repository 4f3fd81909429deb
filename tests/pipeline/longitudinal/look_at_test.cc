#include <gmock/gmock.h>

#include <algorithm>

#include "pipeline/longitudinal/longitudinal.h"
#include "tests/pipeline/longitudinal/made_history.h"

namespace dinsd {
namespace {

using testing::HasSubstr;

LongitudinalReport Made(std::vector<PatientTimepoint> timepoints, FakeComparer compare) {
  LongitudinalReport report;
  report.history.timepoints = std::move(timepoints);
  report.followed = FollowLesions(report.timepoints(), compare.Comparer());
  TellFollowUps(report);
  report.verdicts = JudgeTracks(report.timepoints(), report.tracks());
  report.look_at = LookAtFirst(report);
  return report;
}

// Why a track is to be looked at; empty where it is not.
std::string WhyOf(const LongitudinalReport& report, std::size_t track) {
  const auto item = std::find_if(report.look_at.begin(), report.look_at.end(),
                                 [&](const LookAt& known) { return known.track == track; });
  return item == report.look_at.end() ? "" : item->why;
}

TEST(LookAtTest, WhatIsGoneAfterAGapIsListed) {
  FakeComparer compare;
  compare(0, 1).not_imaged = {1};
  const LongitudinalReport report = Made({MadeTimepoint("2020-01-01", {MadeLesion(1, 5)}),
                                          MadeTimepoint("2021-01-01", {}), MadeTimepoint("2022-01-01", {})},
                                         compare);
  EXPECT_THAT(WhyOf(report, 0), HasSubstr("not found, though its place is imaged"));
}

TEST(LookAtTest, WhatIsGoneAfterAPreliminaryTimepointIsListed) {
  const LongitudinalReport report = Made({MadeTimepoint("2020-01-01", {MadeLesion(1, 5)}),
                                          MadeTimepoint("2021-01-01", {}, false), MadeTimepoint("2022-01-01", {})},
                                         {});
  EXPECT_THAT(WhyOf(report, 0), HasSubstr("not found, though its place is imaged"));
}

TEST(LookAtTest, WhatWasGoneBeforeIsNotListedAgain) {
  const LongitudinalReport report = Made({MadeTimepoint("2020-01-01", {MadeLesion(1, 5)}),
                                          MadeTimepoint("2021-01-01", {}), MadeTimepoint("2022-01-01", {})},
                                         {});
  EXPECT_EQ(WhyOf(report, 0), "");
}

TEST(LookAtTest, WhatShrankBelowTheMeasurableIsListed) {
  const LongitudinalReport report = Made({MadeTimepoint("2020-01-01", {MadeLesion(1, 5, "1.2")}),
                                          MadeTimepoint("2021-01-01", {MadeLesion(1, 2, "1.2", 2)})},
                                         {});
  EXPECT_THAT(WhyOf(report, 0), HasSubstr("it was measurable"));
}

TEST(LookAtTest, ANewOneThatAPreliminaryResultShowsSaysSo) {
  const LongitudinalReport report =
      Made({MadeTimepoint("2020-01-01", {}), MadeTimepoint("2021-01-01", {MadeLesion(1, 5, "1.2")}, false),
            MadeTimepoint("2022-01-01", {MadeLesion(1, 6, "1.2")})},
           {});
  EXPECT_THAT(WhyOf(report, 0), HasSubstr("the preliminary result of 2021-01-01 shows it already"));
}

TEST(LookAtTest, AStableThatMayBeAnythingIsTheLast) {
  const auto at = [](const char* date, double sd) {
    return MadeTimepoint(date,
                         {MadeLesion(1, 5, "1.1", 5, sd), MadeLesion(2, 5, "1.2", 5, 0.02), MadeLesion(3, 5, "1.3")});
  };
  LongitudinalReport report = Made({at("2020-01-01", 0.5), at("2021-01-01", 0.5)}, {});
  EXPECT_EQ(report.verdicts[0][1].change, ChangeClass::kStable);
  EXPECT_THAT(WhyOf(report, 0), HasSubstr("does not exclude a change of 20 % or more"));
  EXPECT_EQ(WhyOf(report, 1), "") << "its interval is narrow";
  EXPECT_EQ(WhyOf(report, 2), "") << "all of weights without a calibration would stand here";
  EXPECT_THAT(report.verdicts[2][1].reason, HasSubstr("how sure is not known"));
  report = Made({at("2020-01-01", 0.5), MadeTimepoint("2021-01-01", {MadeLesion(1, 5, "1.1", 5, 0.5)})}, {});
  ASSERT_EQ(report.look_at.size(), 3U);
  EXPECT_EQ(report.look_at[2].track, 0U);
}

TEST(LookAtTest, WhatAnEarlierRevisionOfThePriorHadIsListedAndNotAsNew) {
  std::vector<MeasuredLesion> lesions = {MadeLesion(6, 3, "1.6")};
  lesions[0].flags = {kPriorRevised};
  const LongitudinalReport report = Made({MadeTimepoint("2020-01-01", {}), MadeTimepoint("2021-01-01", lesions)}, {});
  EXPECT_THAT(WhyOf(report, 0), HasSubstr("an earlier revision of the prior had it"));
  EXPECT_THAT(WhyOf(report, 0), testing::Not(HasSubstr("new")));
}

// An imported mask that was moved, and a study whose clicks were proposed from it: UIDs tell all lesions, so that this
// report registers nothing.
class ProposedFromAMovedMask : public testing::Test {
 protected:
  ProposedFromAMovedMask() {
    timepoints = {MadeTimepoint("2020-01-01", {MadeLesion(1, 5, "1.2")}),
                  MadeTimepoint("2021-01-01", {MadeLesion(1, 5, "1.2")})};
    timepoints[0].job = 7;
    timepoints[0].warnings = {"mask_off_edges: does this mask belong to these images?"};
    timepoints[1].job = 8;
    timepoints[1].followed = FollowedFrom{7, 1, "2020-01-01", {}, {}};
    timepoints[1].followed->flags = {"mask_off_edges", "lesions_not_found"};
    timepoints[1].followed->findings = "no edge; not bright";
  }

  static std::string WhyOfStudy(const LongitudinalReport& report, const std::string& what) {
    std::string all;
    for (const LookAt& item : report.look_at) {
      if (item.what == what) all += item.why + "|";
    }
    return all;
  }

  std::vector<PatientTimepoint> timepoints;
};

TEST_F(ProposedFromAMovedMask, BothAreListed) {
  const LongitudinalReport report = Made(timepoints, {});
  EXPECT_EQ(WhyOfStudy(report, "2021-01-01 beside 2020-01-01"),
            "look at the registration: mask_off_edges, lesions_not_found: no edge; not bright|");
  EXPECT_EQ(WhyOfStudy(report, "Study of 2020-01-01"), "mask_off_edges: does this mask belong to these images?|");
  ASSERT_EQ(report.followed.findings.size(), 1U);
  EXPECT_TRUE(report.followed.findings[0].is_compared);
}

TEST_F(ProposedFromAMovedMask, APriorThatIsNoTimepointHereIsNamedByItsJob) {
  timepoints.erase(timepoints.begin());
  EXPECT_THAT(WhyOfStudy(Made(timepoints, {}), "Study of 2021-01-01"),
              HasSubstr("against its prior, job 7: mask_off_edges, lesions_not_found"));
}

TEST_F(ProposedFromAMovedMask, WhatTheReportFoundItselfIsToldOnce) {
  timepoints[1].lesions[0].lesion.tracking_uid.clear();
  FakeComparer compare;
  compare(0, 1).matches.pairs = {{1, 1, 0.9, 1}};
  compare(0, 1).findings = {"lesions_not_found: not bright", "mask_off_edges: no edge"};
  EXPECT_EQ(Made(timepoints, compare).followed.findings.size(), 2U);
  compare(0, 1).findings.pop_back();
  EXPECT_EQ(Made(timepoints, compare).followed.findings.size(), 2U) << "one of this report, one of the follow-up";
}

}  // namespace
}  // namespace dinsd
