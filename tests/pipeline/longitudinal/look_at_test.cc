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

}  // namespace
}  // namespace dinsd
