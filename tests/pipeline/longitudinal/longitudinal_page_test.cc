#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "pipeline/longitudinal/longitudinal_files.h"
#include "pipeline/longitudinal/longitudinal_sections.h"
#include "pipeline/longitudinal/longitudinal_words.h"
#include "pipeline/longitudinal/volume_plot.h"
#include "tests/pipeline/longitudinal/made_history.h"
#include "tests/temp_folder.h"

namespace dinsd {
namespace {

using testing::HasSubstr;
using testing::Not;

// A report without images over these timepoints.
LongitudinalReport Made(std::vector<PatientTimepoint> timepoints, const ChangeRules& rules = {}) {
  FakeComparer compare;
  LongitudinalReport report;
  report.rules = rules;
  report.history.patient = "<b>P1";
  report.history.timepoints = std::move(timepoints);
  report.followed = FollowLesions(report.timepoints(), compare.Comparer());
  TellFollowUps(report);
  report.verdicts = JudgeTracks(report.timepoints(), report.tracks(), rules);
  report.totals = TotalsOverTime(report);
  report.parts = BurdenParts(report);
  report.images_gone.assign(report.timepoints().size(), "images gone");
  report.look_at = LookAtFirst(report);
  return report;
}

LongitudinalPictures NoPictures(const LongitudinalReport& report) {
  return {{}, std::vector<std::vector<Html>>(report.tracks().size()), 0};
}

// So many lesions that double from one year to the next, with an interval that says it is real.
LongitudinalReport Doubling(int lesions) {
  std::vector<MeasuredLesion> then, now;
  for (int n = 1; n <= lesions; ++n) {
    const auto label = static_cast<std::uint16_t>(n);
    const std::string uid = "1.2." + std::to_string(n);
    then.push_back(MadeLesion(label, n, uid, 5, 0.02));
    now.push_back(MadeLesion(label, 2 * n, uid, 5, 0.02));
  }
  return Made({MadeTimepoint("2020-01-01", then), MadeTimepoint("2021-01-01", now)});
}

TEST(LongitudinalPageTest, EscapesWhatComesFromInputsAndNeedsNoScript) {
  LongitudinalReport report = Doubling(1);
  report.followed.tracks[0].id = "<i>L1";
  const std::string page = LongitudinalHtml(report, NoPictures(report));
  EXPECT_THAT(page, HasSubstr("&lt;b&gt;P1"));
  EXPECT_THAT(page, Not(HasSubstr("<b>P1")));
  EXPECT_THAT(page, Not(HasSubstr("<i>L1")));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
}

TEST(LongitudinalPageTest, TheFirstScreenHoldsTheMostUrgentAndCountsTheRest) {
  const LongitudinalReport report = Doubling(30);
  EXPECT_EQ(report.look_at.size(), 30U);
  EXPECT_EQ(report.look_at[0].what, "No. 30, L30") << "the largest change first";
  EXPECT_THAT(report.look_at[0].why, HasSubstr("progression: +100 %"));
  const std::string page = LongitudinalHtml(report, NoPictures(report));
  EXPECT_THAT(page, HasSubstr("and 21 more below"));
  EXPECT_THAT(page, HasSubstr("All that is to be looked at"));
  EXPECT_THAT(LongitudinalHtml(Doubling(3), NoPictures(Doubling(3))), Not(HasSubstr("more below")));
}

TEST(LongitudinalPageTest, APreliminaryTimepointIsMarkedEverywhere) {
  const LongitudinalReport report = Made({MadeTimepoint("2020-01-01", {MadeLesion(1, 2, "1.2")}),
                                          MadeTimepoint("2021-01-01", {MadeLesion(1, 9, "1.2")}, false)});
  EXPECT_EQ(report.Latest(), 0U);
  EXPECT_THAT(report.look_at.at(0).why, HasSubstr("PRELIMINARY"));
  const std::string page = LongitudinalHtml(report, NoPictures(report));
  EXPECT_THAT(page, HasSubstr("PRELIMINARY"));
  EXPECT_THAT(page, HasSubstr("point hollow"));
}

TEST(LongitudinalPageTest, TotalsOfPreliminaryResultsAloneAreMarkedInEveryForm) {
  const LongitudinalReport report = Made({MadeTimepoint("2020-01-01", {MadeLesion(1, 2, "1.2")}, false)});
  const std::string page = LongitudinalHtml(report, NoPictures(report));
  EXPECT_THAT(page, HasSubstr("Totals of 2020-01-01 <span class=\"flag\">PRELIMINARY</span>"));
  EXPECT_THAT(page, HasSubstr("Lesions by change since <span class=\"flag\">PRELIMINARY</span>"));
  EXPECT_THAT(page, Not(HasSubstr("the first final timepoint")));
  EXPECT_EQ(LongitudinalJson(report).at("timepoints").at(0).at("totals").at("preliminary"), true);
  EXPECT_THAT(LongitudinalCsv(report), HasSubstr(",preliminary,"));
  const LongitudinalReport final_one = Made({MadeTimepoint("2020-01-01", {MadeLesion(1, 2, "1.2")})});
  EXPECT_THAT(LongitudinalHtml(final_one, NoPictures(final_one)), Not(HasSubstr("PRELIMINARY")));
  EXPECT_EQ(LongitudinalJson(final_one).at("timepoints").at(0).at("totals").at("preliminary"), false);
}

// 3 and 7 mL of what was one of 10 mL: its band would say that each of them shrank.
TEST(LongitudinalPageTest, ThePlotOfAPartHasNoBandOfTheWhole) {
  LongitudinalReport report = Doubling(1);
  EXPECT_THAT(TrackPlot(report, 0).page(), HasSubstr("class=\"band\""));
  report.verdicts[0][1].baseline->is_sum = true;
  EXPECT_THAT(TrackPlot(report, 0).page(), Not(HasSubstr("class=\"band\"")));
}

TEST(LongitudinalPageTest, ANamedBaselineIsMarkedInItsCell) {
  const LongitudinalReport report = Made({MadeTimepoint("2020-01-01", {MadeLesion(1, 4, "1.2", 5, 0.02)}),
                                          MadeTimepoint("2021-01-01", {MadeLesion(1, 7, "1.2", 5, 0.02)}),
                                          MadeTimepoint("2022-01-01", {MadeLesion(1, 7, "1.2", 5, 0.02)})},
                                         {.baseline_date = "2020-06-01"});
  EXPECT_EQ(ClassWords(report, 0, 0), "before the baseline");
  EXPECT_EQ(ClassWords(report, 0, 1), "increase") << "against the prior, as its percent is";
  EXPECT_THAT(ClassChip(report, 0, 1).page(), HasSubstr(">baseline</span> <span class=\"chip increase\">"));
  EXPECT_THAT(ClassChip(report, 0, 0).page(), Not(HasSubstr(">baseline<")));
  EXPECT_THAT(ClassChip(report, 0, 2).page(), Not(HasSubstr("baseline")));
  const LongitudinalReport first = Doubling(1);
  EXPECT_EQ(ClassWords(first, 0, 0), "baseline");
  EXPECT_THAT(ClassChip(first, 0, 1).page(), Not(HasSubstr("baseline")));
}

TEST(LongitudinalPageTest, APercentAndItsClassAgree) {
  const LongitudinalReport report = Made({MadeTimepoint("2020-01-01", {MadeLesion(1, 100, "1.2", 5, 0.05)}),
                                          MadeTimepoint("2021-01-01", {MadeLesion(1, 80.04, "1.2", 5, 0.05)})});
  EXPECT_EQ(ClassWords(report, 0, 1), "stable");
  EXPECT_THAT(ChangeWords(report, *report.verdicts[0][1].prior), HasSubstr("\xE2\x88\x92"
                                                                           "19.96 % since"));
  const std::string page = LongitudinalHtml(report, NoPictures(report));
  EXPECT_THAT(page, HasSubstr("does not exclude a change of 20 % or more"));
  EXPECT_THAT(page, HasSubstr("<strong>stable</strong>: by less, as measured"));
  EXPECT_THAT(LongitudinalCsv(report), HasSubstr("does not exclude a change of 20 % or more"));
}

TEST(LongitudinalPageTest, WhatTheTableCountsAndTheListDoesNotIsSaid) {
  const LongitudinalReport report =
      Made({MadeTimepoint("2020-01-01", {MadeLesion(1, 5)}), MadeTimepoint("2021-01-01", {MadeLesion(2, 5)}),
            MadeTimepoint("2022-01-01", {})});
  ASSERT_EQ(report.verdicts[0][2].change, ChangeClass::kNotFound);
  ASSERT_EQ(report.verdicts[1][2].change, ChangeClass::kNotFound);
  EXPECT_THAT(LongitudinalHtml(report, NoPictures(report)),
              HasSubstr("as they were gone or outside before: 1 not_found."));
  EXPECT_THAT(LongitudinalHtml(Doubling(1), NoPictures(Doubling(1))), Not(HasSubstr("gone or outside before")));
}

TEST(LongitudinalPageTest, AnImportHasNoDigestOfWeightsAndItsWarningsStandInTheNotes) {
  PatientTimepoint imported = MadeTimepoint("2020-01-01", {MadeLesion(1, 5, "1.2")});
  imported.method = {"imported: not stated", "", "", "dinsd 0.1.0", "mask"};
  imported.warnings = {"mask_off_edges: look"};
  const LongitudinalReport report = Made({imported, MadeTimepoint("2021-01-01", {MadeLesion(1, 5, "1.2")})});
  const std::string page = LongitudinalHtml(report, NoPictures(report));
  EXPECT_THAT(page, HasSubstr("<td>imported: not stated; dinsd 0.1.0; than the latest: a mask of others</td>"));
  const std::string notes = "<td>images gone; mask_off_edges: look</td>";
  EXPECT_THAT(page, HasSubstr(notes));
  EXPECT_EQ(LongitudinalJson(report).at("timepoints").at(0).at("warnings"), nlohmann::json({"mask_off_edges: look"}));
}

class LongitudinalPlaceTest : public testing::Test {
 protected:
  void Write(const std::string& out, const std::string& stamp = "") const {
    WriteLongitudinal(out, report_, NoPictures(report_), stamp);
  }
  [[nodiscard]] bool Has(const std::string& file) const { return std::filesystem::exists(folder_.path() / file); }

  TempFolder folder_;
  LongitudinalReport report_ = Doubling(1);
};

TEST_F(LongitudinalPlaceTest, ASlashBehindTheNameIsTheSamePlace) {
  const std::string out = folder_.path() / "report";
  Write(out + "/", "first");
  EXPECT_EQ(StampOf(out), "first");
  Write(out + "/", "second");
  EXPECT_EQ(StampOf(out), "second");
  std::size_t entries = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder_.path())) ++entries;
  EXPECT_EQ(entries, 1U) << "nothing is left beside it";
}

TEST_F(LongitudinalPlaceTest, WhatOthersPutThereIsNamedAndStays) {
  const std::string out = folder_.path() / "report";
  Write(out);
  std::ofstream(out + "/notes.txt") << "mine";
  try {
    Write(out);
    ADD_FAILURE() << "it was replaced";
  } catch (const ReportPlaceError& error) {
    EXPECT_THAT(error.what(), HasSubstr("'notes.txt'"));
  }
  EXPECT_TRUE(Has("report/notes.txt"));
  EXPECT_FALSE(RemoveLongitudinal(out)) << "the folder stays";
  EXPECT_TRUE(Has("report/notes.txt"));
  EXPECT_FALSE(Has("report/longitudinal.html"));
}

TEST_F(LongitudinalPlaceTest, OnlyWhatBearsAStampIsReplacedOrRemoved) {
  const std::string out = folder_.path() / "report";
  Write(out);
  std::filesystem::remove(out + "/stamp.txt");
  EXPECT_THROW(Write(out), ReportPlaceError);
  EXPECT_FALSE(RemoveLongitudinal(out));
  EXPECT_TRUE(Has("report/longitudinal.html"));
  std::filesystem::create_directory(folder_.path() / "empty");
  Write(folder_.path() / "empty");
  EXPECT_TRUE(RemoveLongitudinal(folder_.path() / "empty"));
  EXPECT_FALSE(Has("empty"));
}

TEST(LongitudinalFilesTest, WhatIsNotKnownIsEmptyAndNull) {
  const LongitudinalReport report =
      Made({MadeTimepoint("2020-01-01", {MadeLesion(1, 2, "1.2")}), MadeTimepoint("2021-01-01", {})});
  const std::string csv = LongitudinalCsv(report);
  const std::size_t second = csv.find("2021-01-01");
  ASSERT_NE(second, std::string::npos);
  EXPECT_THAT(csv.substr(second), HasSubstr("not_found"));
  const nlohmann::json json = LongitudinalJson(report);
  const nlohmann::json& cell = json.at("lesions").at(0).at("cells").at(1);
  EXPECT_TRUE(cell.at("lesion").is_null());
  EXPECT_TRUE(cell.at("prior").is_null());
  EXPECT_EQ(cell.at("class"), "not_found");
  EXPECT_TRUE(json.at("lesions").at(0).at("cells").at(0).at("lesion").at("interval").is_null());
  EXPECT_TRUE(json.at("timepoints").at(0).at("weight_kg").is_null());
}

TEST(LongitudinalFilesTest, EveryRowHasAllColumns) {
  const std::string csv = LongitudinalCsv(Doubling(3));
  std::size_t columns = 0, begin = 0, rows = 0;
  for (std::size_t end = csv.find("\r\n"); end != std::string::npos; end = csv.find("\r\n", begin)) {
    const std::string line = csv.substr(begin, end - begin);
    const auto commas = static_cast<std::size_t>(std::count(line.begin(), line.end(), ','));
    if (rows == 0) columns = commas;
    EXPECT_EQ(commas, columns);
    ++rows;
    begin = end + 2;
  }
  EXPECT_EQ(rows, 7U);
  EXPECT_THAT(csv, HasSubstr("d_pct_prior,"));
  EXPECT_THAT(csv, HasSubstr(",100.00,"));
}

TEST(VolumePlotTest, DrawsPointsIntervalsBandAndGaps) {
  const std::string svg = VolumePlot({{0, "2020-01-01", 4, 3, 5, true, ""},
                                      {200, "2020-07-19", 5, {}, {}, false, ""},
                                      {400, "2021-02-04", {}, {}, {}, true, "not found"}},
                                     {.band_around = 4}, "a <plot>")
                              .page();
  EXPECT_THAT(svg, HasSubstr("class=\"whisker\""));
  EXPECT_THAT(svg, HasSubstr("class=\"band\""));
  EXPECT_THAT(svg, HasSubstr("point hollow"));
  EXPECT_THAT(svg, HasSubstr("not found"));
  EXPECT_THAT(svg, HasSubstr("a &lt;plot&gt;"));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
}

}  // namespace
}  // namespace dinsd
