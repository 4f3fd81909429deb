// One patient with six timepoints: the report is right in every cell, as the phantom's truth has it.

#include "tests/pipeline/longitudinal/phantom_patient.h"

#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "pipeline/longitudinal/longitudinal_files.h"
#include "pipeline/longitudinal/longitudinal_words.h"
#include "tests/temp_folder.h"

namespace dinsd {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

class PhantomPatientTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = new TempFolder;
    patient = new PhantomPatient(folder->path());
    report = new LongitudinalReport(Make());
  }
  static void TearDownTestSuite() {
    delete report;
    delete patient;
    delete folder;
  }

  static LongitudinalOptions Options() {
    LongitudinalOptions options;
    options.compare.registration = QuickRegistration();
    options.compare.cache = {folder->path() / "cache", std::uint64_t{1} << 30U};
    options.created = "2026-02-03T04:05:06Z";
    options.software = "dinsd test";
    return options;
  }
  static LongitudinalReport Make() { return MakeLongitudinalReport(ReadPatientHistory(patient->results()), Options()); }

  // The track that has the lesion of that letter at a visit.
  static std::size_t TrackOf(char letter, int visit) {
    const int label = patient->Truth(letter, visit).label;
    for (std::size_t k = 0; k < report->tracks().size(); ++k) {
      const MeasuredLesion* lesion = CellLesion(*report, k, static_cast<std::size_t>(visit - 1));
      if (lesion != nullptr && lesion->lesion.label == label) return k;
    }
    ADD_FAILURE() << letter << " has no track at visit " << visit;
    return 0;
  }

  static const TrackCell& Cell(std::size_t track, int visit) {
    return report->tracks().at(track).cells.at(static_cast<std::size_t>(visit - 1));
  }
  static const CellVerdict& Verdict(std::size_t track, int visit) {
    return report->verdicts.at(track).at(static_cast<std::size_t>(visit - 1));
  }

  // By the rule, from the truth alone. Intervals are so narrow that 20 % is sure, but not between two methods.
  static ChangeClass Expected(const TrueLesion& then, const TrueLesion& now, bool is_mixed) {
    if (then.slices < 3 || now.slices < 3) return ChangeClass::kBelowMeasurable;
    const double change = static_cast<double>(now.voxels - then.voxels) / static_cast<double>(then.voxels);
    if (std::abs(change) < 0.2) return ChangeClass::kStable;
    if (is_mixed) return ChangeClass::kUncertain;
    return change > 0 ? ChangeClass::kIncrease : ChangeClass::kDecrease;
  }

  static void ExpectChange(const std::optional<ReferenceChange>& change, const TrueLesion& then, const TrueLesion& now,
                           const std::string& what) {
    ASSERT_TRUE(change.has_value()) << what;
    EXPECT_NEAR(change->reference_ml, static_cast<double>(then.voxels) * PhantomPatient::kVoxelMl, 1e-9) << what;
    EXPECT_NEAR(change->now_ml, static_cast<double>(now.voxels) * PhantomPatient::kVoxelMl, 1e-9) << what;
    EXPECT_NEAR(*change->change.percent,
                100.0 * static_cast<double>(now.voxels - then.voxels) / static_cast<double>(then.voxels), 1e-9)
        << what;
    EXPECT_EQ(change->change.change, Expected(then, now, !change->mismatch.empty())) << what;
  }

  static TrueLesion Sum(const TrueLesion& a, const TrueLesion& b) {
    return {a.voxels + b.voxels, std::max(a.slices, b.slices)};
  }

  static TempFolder* folder;
  static PhantomPatient* patient;
  static LongitudinalReport* report;
};

TempFolder* PhantomPatientTest::folder = nullptr;
PhantomPatient* PhantomPatientTest::patient = nullptr;
LongitudinalReport* PhantomPatientTest::report = nullptr;

TEST_F(PhantomPatientTest, HasItsTimepointsAndFiveLesions) {
  ASSERT_EQ(report->timepoints().size(), 6U);
  for (int visit = 1; visit <= 6; ++visit) {
    const PatientTimepoint& timepoint = report->timepoints()[static_cast<std::size_t>(visit - 1)];
    EXPECT_EQ(timepoint.study_date, patient->date(visit));
    EXPECT_EQ(timepoint.job, visit);
    EXPECT_EQ(timepoint.revision, visit == 2 || visit == 4 ? 2 : 1);
    EXPECT_TRUE(timepoint.is_final);
  }
  ASSERT_EQ(report->timepoints()[1].superseded.size(), 1U);
  EXPECT_EQ(report->timepoints()[1].superseded[0].standing, "preliminary");
  EXPECT_EQ(report->timepoints()[3].superseded[0].standing, "final");
  EXPECT_TRUE(report->history.left_out.empty());
  EXPECT_EQ(report->tracks().size(), 5U) << "A, B, C, D, E";
  for (const PairFinding& finding : report->followed.findings) EXPECT_TRUE(finding.is_compared) << finding.sentence;
}

TEST_F(PhantomPatientTest, TheTwoHalvesOfAAreRightUntilTheyGrowTogether) {
  for (const char letter : {'A', 'B'}) {
    const std::size_t k = TrackOf(letter, 1);
    EXPECT_FALSE(Verdict(k, 1).change.has_value());
    for (int visit = 2; visit <= 3; ++visit) {
      const std::string what = std::string(1, letter) + " at visit " + std::to_string(visit);
      EXPECT_EQ(TrackOf(letter, visit), k) << what;
      ExpectChange(Verdict(k, visit).prior, patient->Truth(letter, visit - 1), patient->Truth(letter, visit), what);
      ExpectChange(Verdict(k, visit).baseline, patient->Truth(letter, 1), patient->Truth(letter, visit), what);
      EXPECT_EQ(Verdict(k, visit).change, Verdict(k, visit).prior->change.change) << what;
    }
  }
}

TEST_F(PhantomPatientTest, WhereTheyGrewTogetherTheirSumIsCompared) {
  const std::size_t whole = TrackOf('A', 4), a = TrackOf('A', 1), b = TrackOf('B', 1), part = whole == a ? b : a;
  ASSERT_TRUE(whole == a || whole == b);
  EXPECT_EQ(Cell(part, 4).presence, Presence::kMerged);
  EXPECT_EQ(Cell(part, 4).merged_into, whole);
  EXPECT_EQ(Cell(part, 6).presence, Presence::kMerged);
  EXPECT_FALSE(Verdict(part, 4).change.has_value());
  EXPECT_THAT(Verdict(whole, 4).flags, Contains("merged"));
  ExpectChange(Verdict(whole, 4).prior, Sum(patient->Truth('A', 3), patient->Truth('B', 3)), patient->Truth('A', 4),
               "the sum at visit 4");
  for (int visit = 4; visit <= 6; ++visit) {
    const std::string what = "visit " + std::to_string(visit);
    EXPECT_EQ(TrackOf('A', visit), whole) << what;
    ExpectChange(Verdict(whole, visit).baseline, Sum(patient->Truth('A', 1), patient->Truth('B', 1)),
                 patient->Truth('A', visit), what);
    if (visit > 4)
      ExpectChange(Verdict(whole, visit).prior, patient->Truth('A', visit - 1), patient->Truth('A', visit), what);
  }
}

TEST_F(PhantomPatientTest, TheNadirIsTheSmallestVolumeBefore) {
  const std::size_t whole = TrackOf('A', 6);
  int least = 1;
  std::int64_t voxels = 0;
  for (int visit = 1; visit <= 5; ++visit) {
    const std::int64_t sum = patient->Truth('A', visit).voxels + patient->Truth('B', visit).voxels;
    if (voxels != 0 && sum >= voxels) continue;
    voxels = sum;
    least = visit;
  }
  ASSERT_TRUE(Verdict(whole, 6).nadir.has_value());
  EXPECT_EQ(Verdict(whole, 6).nadir->reference, static_cast<std::size_t>(least - 1));
  EXPECT_NEAR(Verdict(whole, 6).nadir->reference_ml, static_cast<double>(voxels) * PhantomPatient::kVoxelMl, 1e-9);
}

TEST_F(PhantomPatientTest, OtherWeightsAreToldWhereverTheyAreCompared) {
  for (std::size_t k = 0; k < report->tracks().size(); ++k) {
    for (int visit = 2; visit <= 6; ++visit) {
      for (const std::optional<ReferenceChange>& change :
           {Verdict(k, visit).prior, Verdict(k, visit).baseline, Verdict(k, visit).nadir}) {
        if (!change) continue;
        const bool is_mixed = (visit == 3) != (change->reference == 2);
        EXPECT_EQ(change->mismatch, is_mixed ? "other weights" : "") << k << " at visit " << visit;
      }
    }
  }
}

TEST_F(PhantomPatientTest, WhatVanishesAndWhatIsNotImagedAreTwoThings) {
  const std::size_t c = TrackOf('C', 1), d = TrackOf('D', 2);
  EXPECT_EQ(TrackOf('C', 2), c);
  EXPECT_EQ(Verdict(c, 2).change, ChangeClass::kBelowMeasurable) << "one slice";
  EXPECT_EQ(Verdict(c, 3).change, ChangeClass::kNotFound);
  EXPECT_EQ(Verdict(c, 4).change, ChangeClass::kNotFound);
  EXPECT_EQ(Verdict(c, 5).change, ChangeClass::kNotImaged);
  EXPECT_EQ(Verdict(c, 6).change, ChangeClass::kNotFound);
  EXPECT_EQ(Cell(d, 1).presence, Presence::kBefore);
  EXPECT_EQ(Verdict(d, 2).change, ChangeClass::kNew);
  EXPECT_EQ(TrackOf('D', 3), d);
  EXPECT_EQ(TrackOf('D', 4), d);
  ExpectChange(Verdict(d, 3).prior, patient->Truth('D', 2), patient->Truth('D', 3), "D at visit 3");
  ExpectChange(Verdict(d, 4).prior, patient->Truth('D', 3), patient->Truth('D', 4), "D at visit 4");
  EXPECT_EQ(Verdict(d, 5).change, ChangeClass::kNotImaged);
  EXPECT_EQ(Verdict(d, 6).change, ChangeClass::kNotFound);
  const std::size_t e = TrackOf('E', 6);
  EXPECT_EQ(Cell(e, 5).presence, Presence::kBefore);
  EXPECT_EQ(Verdict(e, 6).change, ChangeClass::kNew) << "its place was imaged at visit 4";
}

TEST_F(PhantomPatientTest, TotalsAndMatchedSumsDiffer) {
  for (int visit = 1; visit <= 6; ++visit) {
    std::int64_t voxels = 0;
    for (const char letter : {'A', 'B', 'C', 'D', 'E'}) voxels += patient->Truth(letter, visit).voxels;
    const TimepointTotals& totals = report->totals[static_cast<std::size_t>(visit - 1)];
    EXPECT_NEAR(totals.total_ml, static_cast<double>(voxels) * PhantomPatient::kVoxelMl, 1e-9) << visit;
  }
  const std::optional<MatchedSum>& at_six = report->totals[5].matched;
  ASSERT_TRUE(at_six.has_value());
  EXPECT_NEAR(at_six->prior_ml, static_cast<double>(patient->Truth('A', 5).voxels) * PhantomPatient::kVoxelMl, 1e-9);
  EXPECT_NEAR(at_six->now_ml, static_cast<double>(patient->Truth('A', 6).voxels) * PhantomPatient::kVoxelMl, 1e-9)
      << "without E, which is new";
  EXPECT_FALSE(report->totals[0].matched.has_value());
}

TEST_F(PhantomPatientTest, IsWrittenWholeReplacedAndSaysTheSameInEveryForm) {
  StudyShelf shelf(report->timepoints(), {});
  const LongitudinalPictures pictures = DrawLongitudinal(*report, shelf);
  const std::filesystem::path out = folder->path() / "out";
  WriteLongitudinal(out, *report, pictures, "stamp 1");
  WriteLongitudinal(out, *report, pictures, "stamp 2");
  EXPECT_EQ(StampOf(out), "stamp 2");
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder->path())) {
    files += entry.path().filename().string().find("staging") != std::string::npos ? 1 : 0;
  }
  EXPECT_EQ(files, 0U) << "nothing is left beside it";
  EXPECT_THROW(WriteLongitudinal(folder->path() / "results", *report, pictures), std::runtime_error);

  const nlohmann::json json = nlohmann::json::parse(std::ifstream(out / "longitudinal.json"));
  EXPECT_EQ(json.at("schema"), kLongitudinalSchema);
  EXPECT_EQ(json.at("lesions").size(), 5U);
  EXPECT_EQ(json.at("timepoints").at(1).at("superseded").at(0).at("standing"), "preliminary");
  std::ifstream csv(out / "longitudinal.csv");
  std::string line;
  std::size_t rows = 0;
  while (std::getline(csv, line)) ++rows;
  std::size_t cells = 0;
  for (const LesionTrack& track : report->tracks()) cells += 6 - track.first;
  EXPECT_EQ(rows, cells + 1);
  std::stringstream page;
  page << std::ifstream(out / "longitudinal.html").rdbuf();
  EXPECT_THAT(page.str(), HasSubstr("PHANTOM-small-3"));
  EXPECT_THAT(page.str(), HasSubstr("Look at first"));
  EXPECT_THAT(page.str(), Not(HasSubstr("<script")));
}

// Where the images are gone, tracks go by tracking UIDs alone, and the report says so.
TEST_F(PhantomPatientTest, WithoutImagesItGoesByTrackingUidsAlone) {
  std::vector<ResultOfJob> results = patient->results();
  for (ResultOfJob& result : results) result.images = folder->path() / "gone";
  const LongitudinalReport gone = MakeLongitudinalReport(ReadPatientHistory(results), Options());
  ASSERT_EQ(gone.timepoints().size(), 6U);
  for (const std::string& why : gone.images_gone) EXPECT_THAT(why, HasSubstr("images gone"));
  ASSERT_FALSE(gone.followed.findings.empty());
  for (const PairFinding& finding : gone.followed.findings) EXPECT_FALSE(finding.is_compared);
  for (std::size_t k = 0; k < gone.tracks().size(); ++k) {
    for (std::size_t t = 1; t < 6; ++t) {
      const std::optional<ChangeClass>& change = gone.verdicts[k][t].change;
      EXPECT_TRUE(change != ChangeClass::kNew && change != ChangeClass::kNotFound && change != ChangeClass::kNotImaged);
    }
  }
  const auto track_of = [&](char letter, std::size_t visit) {
    std::size_t k = 0;
    for (; k < gone.tracks().size(); ++k) {
      const MeasuredLesion* lesion = CellLesion(gone, k, visit - 1);
      if (lesion != nullptr && lesion->lesion.label == patient->Truth(letter, static_cast<int>(visit)).label) break;
    }
    EXPECT_LT(k, gone.tracks().size()) << letter << " has no track at visit " << visit;
    return k;
  };
  for (const char letter : {'A', 'B', 'C'}) {  // visit 2 has the UIDs of visit 1, visit 3 has its own
    const std::size_t k = track_of(letter, 1);
    EXPECT_EQ(track_of(letter, 2), k) << letter;
    EXPECT_NE(gone.tracks().at(k).cells.at(2).presence, Presence::kMeasured) << letter;
    EXPECT_FALSE(gone.verdicts.at(k).at(2).change.has_value()) << letter << ": nobody can say";
    ExpectChange(gone.verdicts.at(k).at(1).prior, patient->Truth(letter, 1), patient->Truth(letter, 2),
                 std::string(1, letter) + " at visit 2");
  }
  const std::size_t last = track_of('A', 5);
  EXPECT_EQ(track_of('A', 6), last) << "visit 6 has A's UID of visit 5";
  EXPECT_NE(last, track_of('A', 1)) << "the same name is no link";
  ExpectChange(gone.verdicts.at(last).at(5).prior, patient->Truth('A', 5), patient->Truth('A', 6), "A at visit 6");
  StudyShelf shelf(gone.timepoints(), {});
  EXPECT_FALSE(DrawLongitudinal(gone, shelf).whole_body.empty()) << "outlines alone";
}

// Lesions of one tracking UID need no images; D has none, and what a mirrored study says of it is told, not believed.
TEST_F(PhantomPatientTest, AMirroredStudyIsToldAndNotCompared) {
  TempFolder other;
  const PhantomPatient mirrored(other.path(), 2, 2);
  const LongitudinalReport made = MakeLongitudinalReport(ReadPatientHistory(mirrored.results()), Options());
  const auto is_told = [](const PairFinding& finding) {
    return !finding.is_compared && finding.sentence.find("mirrored") != std::string::npos;
  };
  EXPECT_TRUE(std::any_of(made.followed.findings.begin(), made.followed.findings.end(), is_told));
  for (const std::vector<CellVerdict>& cells : made.verdicts) EXPECT_NE(cells.at(1).change, ChangeClass::kNew);
}

TEST_F(PhantomPatientTest, AStudyWhoseImagesNameAnotherPatientByNowIsLeftOut) {
  TempFolder other;
  std::filesystem::copy(patient->Study(3), other.path() / "study", std::filesystem::copy_options::recursive);
  nlohmann::json manifest = nlohmann::json::parse(std::ifstream(other.path() / "study/study.json"));
  manifest["patient"] = "SOMEBODY";
  std::ofstream(other.path() / "study/study.json") << manifest;
  std::vector<ResultOfJob> results = patient->results();
  for (ResultOfJob& result : results) {
    if (result.job == 3) result.images = other.path() / "study";
  }
  std::erase_if(results, [](const ResultOfJob& result) { return result.job > 3; });
  const LongitudinalReport rest = MakeLongitudinalReport(ReadPatientHistory(results), Options());
  EXPECT_EQ(rest.timepoints().size(), 2U);
  ASSERT_EQ(rest.history.left_out.size(), 1U);
  EXPECT_THAT(rest.history.left_out[0].reason, HasSubstr("another patient"));
  EXPECT_EQ(rest.look_at.at(0).what, "Job 3, " + patient->date(3));
}

}  // namespace
}  // namespace dinsd
