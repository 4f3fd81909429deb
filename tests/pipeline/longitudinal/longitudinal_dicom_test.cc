#include "pipeline/longitudinal/longitudinal_dicom.h"

#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcfilefo.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <sstream>

#include "pipeline/read/dicom_measurements.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/report/safe_text.h"
#include "pipeline/write/read_back_error.h"
#include "tests/pipeline/longitudinal/dicom_patient.h"

// The report over all timepoints as a structured report.

namespace dinsd {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

SrMeasurements Read(const LongitudinalReport& report) {
  return ReadMeasurements(std::as_bytes(std::span(report.dicom.bytes)), kLongitudinalDicom);
}

// By tracking UID and date.
std::map<std::pair<std::string, std::string>, SrGroup> GroupsOf(const LongitudinalReport& report) {
  std::map<std::pair<std::string, std::string>, SrGroup> groups;
  for (const SrGroup& group : Read(report).groups) groups[{group.tracking_uid, group.time_point->point}] = group;
  return groups;
}

std::string NumberIn(const SrGroup& group, const std::string& name) {
  for (const SrNumber& number : group.numbers) {
    if (number.concept_code == name) return number.text;
  }
  return "";
}

std::string WordIn(const SrGroup& group, const std::string& name) {
  std::string all;
  for (const SrWord& word : group.words) {
    if (word.concept_code != name) continue;
    all.append(all.empty() ? "" : " ").append(word.code).append(word.text);
  }
  return all;
}

// What stands between commas; one between quotes is no separator.
std::vector<std::string> CellsOf(const std::string& line) {
  std::vector<std::string> cells(1);
  bool is_quoted = false;
  for (const char c : line) {
    if (c == '"') is_quoted = !is_quoted;
    if (c == ',' && !is_quoted) cells.emplace_back();
    if (c != '"' && (c != ',' || is_quoted)) cells.back().push_back(c);
  }
  return cells;
}

// The rows of longitudinal.csv by column; no cell of these has a quote.
std::vector<std::map<std::string, std::string>> RowsOf(const LongitudinalReport& report) {
  std::istringstream lines(LongitudinalCsv(report));
  std::vector<std::string> columns;
  std::vector<std::map<std::string, std::string>> rows;
  for (std::string line; std::getline(lines, line);) {
    if (line.ends_with('\r')) line.pop_back();
    const std::vector<std::string> cells = CellsOf(line);
    if (columns.empty()) {
      columns = cells;
      continue;
    }
    EXPECT_EQ(cells.size(), columns.size()) << line;
    rows.emplace_back();
    for (std::size_t c = 0; c < cells.size(); ++c) rows.back()[columns[c]] = cells[c];
  }
  return rows;
}

// A spreadsheet would run what begins with a sign as a formula.
std::string Unquoted(const std::string& cell) {
  return cell.starts_with('\'') ? cell.substr(1) : cell;
}

void ExpectNumbers(const SrGroup& group, const std::map<std::string, std::string>& row) {
  for (const auto& [column, name] :
       std::vector<std::pair<std::string, std::string>>{{"volume_mL", "118565006"},
                                                        {"volume_low_mL", "VOLUMELOW90"},
                                                        {"volume_high_mL", "VOLUMEHIGH90"},
                                                        {"prior_mL", "PRIORVOLUME"},
                                                        {"d_pct_prior", "VOLUMECHANGE"},
                                                        {"d_pct_prior_low", "CHANGELOW95"},
                                                        {"d_pct_prior_high", "CHANGEHIGH95"},
                                                        {"baseline_mL", "BASELINEVOLUME"},
                                                        {"d_pct_baseline", "BASELINECHANGE"},
                                                        {"nadir_mL", "NADIRVOLUME"},
                                                        {"d_pct_nadir", "NADIRCHANGE"}}) {
    EXPECT_EQ(NumberIn(group, name), Unquoted(row.at(column)))
        << column << " of " << row.at("tracking_id") << " at " << row.at("study_date");
  }
}

std::string ClassWord(const std::string& code) {
  if (code == "15454001") return "increase";
  if (code == "19776001") return "decrease";
  std::string word = code;
  std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return std::tolower(c); });
  return word;
}

class LongitudinalDicomTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { patient = new DicomPatient(5); }
  static void TearDownTestSuite() { delete patient; }

  static DicomPatient* patient;
};

DicomPatient* LongitudinalDicomTest::patient = nullptr;

TEST_F(LongitudinalDicomTest, EveryRowOfTheTableIsAGroupWithItsDigits) {
  const LongitudinalReport report = patient->Report();
  ASSERT_EQ(report.dicom.why_none, "");
  const auto groups = GroupsOf(report);
  const auto rows = RowsOf(report);
  ASSERT_THAT(rows, SizeIs(15));
  ASSERT_THAT(groups, SizeIs(18)) << "with three totals";
  for (const auto& row : rows) {
    const auto found = groups.find({row.at("tracking_uid"), row.at("study_date")});
    ASSERT_NE(found, groups.end()) << row.at("tracking_id");
    const SrGroup& group = found->second;
    EXPECT_EQ(group.tracking_id, row.at("tracking_id"));
    ExpectNumbers(group, row);
    EXPECT_EQ(ClassWord(WordIn(group, "CHANGECLASS")), row.at("class"));
    EXPECT_EQ(WordIn(group, "CHANGEREASON"), row.at("reason"));
    EXPECT_EQ(ClassWord(WordIn(group, "BASELINECLASS")), row.at("class_baseline"));
    EXPECT_EQ(ClassWord(WordIn(group, "NADIRCLASS")), row.at("class_nadir"));
    EXPECT_EQ(WordIn(group, "FLAG"), row.at("flags"));
    EXPECT_EQ(WordIn(group, "STANDING"), row.at("result") == "final" ? "FINAL" : "PRELIMINARY");
    EXPECT_EQ(WordIn(group, "PRESENCE"), "MEASURED");
    EXPECT_EQ(WordIn(group, "CONFIRMEDDATE"), row.at("confirmed_date"));
    const std::string confirmed = row.at("confirmed");
    EXPECT_EQ(WordIn(group, "CONFIRMED"), confirmed.empty() ? "" : confirmed == "y" ? "373066001" : "373067005");
  }
}

TEST_F(LongitudinalDicomTest, AConfirmedResponseIsToldWithTheDateOfItsSecondScan) {
  const auto groups = GroupsOf(patient->Report());
  const std::string uid = DicomPatient::TrackingUid(0);
  EXPECT_EQ(WordIn(groups.at({uid, DicomPatient::Date(1)}), "CONFIRMED"), "");
  EXPECT_EQ(WordIn(groups.at({uid, DicomPatient::Date(2)}), "CONFIRMED"), "373067005");
  const SrGroup& last = groups.at({uid, DicomPatient::Date(3)});
  EXPECT_EQ(WordIn(last, "CONFIRMED"), "373066001");
  EXPECT_EQ(WordIn(last, "CONFIRMEDDATE"), DicomPatient::Date(3));
  EXPECT_EQ(NumberIn(last, "118565006"), "6.0000");
  EXPECT_EQ(NumberIn(last, "BASELINECHANGE"), "-40.00");
  EXPECT_EQ(NumberIn(last, "VOLUMECHANGE"), "-14.29");
  EXPECT_EQ(WordIn(last, "BASELINEDATE"), DicomPatient::Date(1));
  EXPECT_EQ(WordIn(last, "NADIRDATE"), DicomPatient::Date(2));
}

TEST_F(LongitudinalDicomTest, IntervalsAreThoseOfTheJson) {
  const LongitudinalReport report = patient->Report();
  const auto groups = GroupsOf(report);
  const nlohmann::json json = LongitudinalJson(report);
  EXPECT_EQ(json.at("dicom").at("file"), kLongitudinalDicom);
  EXPECT_TRUE(json.at("dicom").at("reason").is_null());
  std::size_t intervals = 0;
  for (const nlohmann::json& lesion : json.at("lesions")) {
    for (const nlohmann::json& cell : lesion.at("cells")) {
      const SrGroup& group = groups.at({lesion.at("tracking_uid"), cell.at("study_date")});
      for (const auto& [key, name] : std::vector<std::pair<std::string, std::string>>{
               {"prior", "CHANGE"}, {"baseline", "BASELINE"}, {"nadir", "NADIR"}}) {
        const bool has_interval = cell.at(key).is_object() && cell.at(key).at("interval").is_object();
        const auto bound = [&](const char* of) {
          return has_interval ? FixedDigits(cell.at(key).at("interval").at(of).get<double>(), 2) : "";
        };
        EXPECT_EQ(NumberIn(group, name + "LOW95"), bound("low_pct"));
        EXPECT_EQ(NumberIn(group, name + "HIGH95"), bound("high_pct"));
        intervals += has_interval ? 1 : 0;
      }
    }
  }
  EXPECT_EQ(intervals, 24U) << "four lesions, two timepoints, three references";
}

TEST_F(LongitudinalDicomTest, TotalsAreOneGroupATimepoint) {
  const LongitudinalReport report = patient->Report();
  std::vector<SrGroup> totals;
  for (const SrGroup& group : Read(report).groups) {
    if (group.tracking_id == kSrTotalId) totals.push_back(group);
  }
  ASSERT_THAT(totals, SizeIs(3));
  for (std::size_t t = 0; t < 3; ++t) {
    EXPECT_EQ(totals[t].tracking_uid, totals[0].tracking_uid);
    EXPECT_EQ(totals[t].time_point,
              (SrTimePoint{DicomPatient::Date(static_cast<int>(t) + 1), DicomPatient::StudyUid(static_cast<int>(t) + 1),
                           static_cast<int>(t) + 1}));
    EXPECT_EQ(totals[t].numbers.at(0).text, FixedDigits(report.totals[t].total_ml, 4));
    EXPECT_EQ(totals[t].numbers.at(0).derivation, "255619001");
    EXPECT_EQ(NumberIn(totals[t], "LESIONS"), "5");
    EXPECT_EQ(NumberIn(totals[t], "MATCHEDPRIOR"), t == 0 ? "" : FixedDigits(report.totals[t - 1].total_ml, 4));
    EXPECT_EQ(NumberIn(totals[t], "MATCHEDVOLUME"), t == 0 ? "" : FixedDigits(report.totals[t].total_ml, 4));
  }
}

TEST_F(LongitudinalDicomTest, TheSameReportHasTheSameBytesAndAnotherOneOtherUids) {
  LongitudinalReport report = patient->Report();
  EXPECT_EQ(report.dicom.bytes, patient->Report().dicom.bytes);
  const SrMeasurements first = Read(report);
  report.history.timepoints[0].lesions[0].lesion.volume_ml += 0.001;
  report.dicom = MakeLongitudinalDicom(report, {});
  const SrMeasurements second = Read(report);
  EXPECT_NE(first.sop_instance_uid, second.sop_instance_uid);
  EXPECT_NE(first.series_uid, second.series_uid);
  EXPECT_EQ(first.study_uid, second.study_uid);
}

std::string TextOf(DcmItem& item, const DcmTagKey& key) {
  OFString text;
  (void)item.findAndGetOFStringArray(key, text);
  return text.c_str();
}

// The Study Instance UIDs of an evidence sequence.
std::vector<std::string> StudiesIn(DcmDataset& data, const DcmTagKey& key) {
  std::vector<std::string> studies;
  DcmSequenceOfItems* sequence = nullptr;
  if (data.findAndGetSequence(key, sequence).bad() || sequence == nullptr) return studies;
  for (unsigned long n = 0; n < sequence->card(); ++n)
    studies.push_back(TextOf(*sequence->getItem(n), DCM_StudyInstanceUID));
  return studies;
}

TEST_F(LongitudinalDicomTest, ItBelongsToTheNewestStudyAndNamesTheObjectsOfAll) {
  const LongitudinalReport report = patient->Report();
  const TempFolder folder;
  folder.Write("report.dcm", report.dicom.bytes);
  DcmFileFormat file, own;
  ASSERT_TRUE(file.loadFile((folder.path() / "report.dcm").c_str()).good());
  ASSERT_TRUE(own.loadFile((patient->results().back().result / "dicom/sr.dcm").c_str()).good());
  DcmDataset &data = *file.getDataset(), &sr = *own.getDataset();
  for (const DcmTagKey& key : {DCM_PatientID, DCM_PatientName, DCM_PatientBirthDate, DCM_PatientSex, DCM_PatientWeight,
                               DCM_StudyInstanceUID, DCM_StudyDate, DCM_StudyTime, DCM_StudyID, DCM_AccessionNumber}) {
    EXPECT_EQ(TextOf(data, key), TextOf(sr, key)) << DcmTag(key).getTagName();
  }
  EXPECT_EQ(TextOf(data, DCM_StudyInstanceUID), DicomPatient::StudyUid(3));
  EXPECT_NE(TextOf(data, DCM_SeriesInstanceUID), TextOf(sr, DCM_SeriesInstanceUID));
  EXPECT_NE(TextOf(data, DCM_SeriesNumber), TextOf(sr, DCM_SeriesNumber));
  EXPECT_EQ(TextOf(data, DCM_SeriesDescription), "All timepoints by dinsd (research use only)");
  EXPECT_EQ(TextOf(data, DCM_ContentDate), "20260203");
  EXPECT_THAT(StudiesIn(data, DCM_CurrentRequestedProcedureEvidenceSequence), ElementsAre(DicomPatient::StudyUid(3)));
  EXPECT_THAT(StudiesIn(data, DCM_PertinentOtherEvidenceSequence),
              testing::UnorderedElementsAre(DicomPatient::StudyUid(1), DicomPatient::StudyUid(2)));
  for (const auto& [key, group] : GroupsOf(report)) {
    if (group.tracking_id == kSrTotalId) continue;
    ASSERT_THAT(group.segments, SizeIs(1)) << group.tracking_id;
    EXPECT_EQ(group.finding, "404029005");
    EXPECT_EQ(group.numbers.at(0).sources.at(0).segment, group.segments[0].number);
  }
}

// "NUM 118565006" of each content item of the first measurement group that has as many as `least`.
std::vector<std::string> ItemsOf(DcmItem& item, std::size_t least) {
  DcmSequenceOfItems* content = nullptr;
  if (item.findAndGetSequence(DCM_ContentSequence, content).bad() || content == nullptr) return {};
  std::vector<std::string> names;
  for (unsigned long n = 0; n < content->card(); ++n) {
    DcmItem& child = *content->getItem(n);
    if (const std::vector<std::string> found = ItemsOf(child, least); !found.empty()) return found;
    DcmItem* code = nullptr;
    (void)child.findAndGetSequenceItem(DCM_ConceptNameCodeSequence, code, 0);
    names.push_back(TextOf(child, DCM_ValueType) + " " + (code == nullptr ? "" : TextOf(*code, DCM_CodeValue)));
  }
  return !names.empty() && names[0] == "TEXT 112039" && names.size() >= least ? names : std::vector<std::string>();
}

// The rows of TID 1501: what names the lesion, the timepoint (TID 1502), measurements, evaluations.
TEST_F(LongitudinalDicomTest, TheItemsOfAGroupStandInTheOrderOfTheirTemplates) {
  const TempFolder folder;
  folder.Write("report.dcm", patient->Report().dicom.bytes);
  DcmFileFormat file;
  ASSERT_TRUE(file.loadFile((folder.path() / "report.dcm").c_str()).good());
  EXPECT_THAT(ItemsOf(*file.getDataset(), 20),
              ElementsAre("TEXT 112039", "UIDREF 112040", "CODE 121071", "TEXT 126070", "TEXT C2348792", "NUM 126073",
                          "CODE 363698007", "NUM 118565006", "NUM VOLUMELOW90", "NUM VOLUMEHIGH90", "NUM PRIORVOLUME",
                          "NUM VOLUMECHANGE", "NUM CHANGELOW95", "NUM CHANGEHIGH95", "NUM BASELINEVOLUME",
                          "NUM BASELINECHANGE", "NUM BASELINELOW95", "NUM BASELINEHIGH95", "NUM NADIRVOLUME",
                          "NUM NADIRCHANGE", "NUM NADIRLOW95", "NUM NADIRHIGH95", "CODE LESIONTYPE", "CODE STANDING",
                          "CODE PRESENCE", "CODE CHANGECLASS", "TEXT PRIORDATE", "CODE BASELINECLASS",
                          "TEXT BASELINEDATE", "CODE NADIRCLASS", "TEXT NADIRDATE", "CODE CONFIRMED"));
}

TEST_F(LongitudinalDicomTest, EveryCodeAndNumberFitsItsElement) {
  for (const SrLesion& lesion : patient->Report().dicom.content.lesions) {
    for (const SrFigure& figure : lesion.comparison.figures) {
      EXPECT_TRUE(IsHoldable(figure.what)) << figure.what.meaning;
      EXPECT_LE(figure.digits.size(), 16U);
    }
    for (const SrEvaluation& evaluation : lesion.comparison.evaluations) {
      EXPECT_TRUE(IsHoldable(evaluation.what)) << evaluation.what.meaning;
      EXPECT_TRUE(!evaluation.code || IsHoldable(*evaluation.code));
    }
  }
}

TEST_F(LongitudinalDicomTest, ALesionThatIsNotFoundHasNoVolumeAndNoFinding) {
  PatientHistory history = ReadPatientHistory(patient->results());
  std::erase_if(history.timepoints[2].lesions, [](const MeasuredLesion& lesion) { return lesion.lesion.id == "L1"; });
  const LongitudinalReport report = DicomPatient::Report(std::move(history));
  const SrGroup group = GroupsOf(report).at({DicomPatient::TrackingUid(0), DicomPatient::Date(3)});
  EXPECT_THAT(group.numbers, IsEmpty());
  EXPECT_EQ(group.finding, "");
  EXPECT_EQ(group.site, "816094009") << "that of the visit before";
  EXPECT_EQ(WordIn(group, "PRESENCE"), "NOT_FOUND");
  EXPECT_EQ(WordIn(group, "CHANGECLASS"), "NOT_FOUND");
}

TEST_F(LongitudinalDicomTest, ALesionWithoutATrackingHasOneOfItsOwn) {
  PatientHistory history = ReadPatientHistory(patient->results());
  for (PatientTimepoint& timepoint : history.timepoints) {
    for (MeasuredLesion& lesion : timepoint.lesions) lesion.lesion.tracking_uid.clear();
  }
  const LongitudinalReport report = DicomPatient::Report(std::move(history));
  std::set<std::string> uids;
  for (const SrGroup& group : Read(report).groups) uids.insert(group.tracking_uid);
  EXPECT_EQ(uids.size(), report.tracks().size() + 1);
  EXPECT_FALSE(uids.contains(""));
}

TEST_F(LongitudinalDicomTest, ThoughTheImagesAreGoneItIsThere) {
  std::vector<ResultOfJob> results = patient->results();
  for (ResultOfJob& result : results) result.images = "/gone";
  const LongitudinalReport report = DicomPatient::Report(ReadPatientHistory(results));
  EXPECT_EQ(report.dicom.bytes, patient->Report().dicom.bytes);
}

// As the program makes it, with images that are read and no lesion left to be looked for.
TEST_F(LongitudinalDicomTest, TheWholeReportHasIt) {
  LongitudinalOptions options;
  options.created = "2026-02-03T04:05:06Z";
  options.software = "dinsd test";
  EXPECT_EQ(MakeLongitudinalReport(ReadPatientHistory(patient->results()), options).dicom.bytes,
            patient->Report().dicom.bytes);
  options.dicom.sr = false;
  const LongitudinalReport without = MakeLongitudinalReport(ReadPatientHistory(patient->results()), options);
  EXPECT_EQ(without.dicom.bytes, "");
  EXPECT_EQ(without.dicom.why_none, "structured reports are not wanted");
}

TEST_F(LongitudinalDicomTest, ItIsWrittenReplacedAndRemovedWithTheOthers) {
  const TempFolder folder;
  const fs::path out = folder.path() / "report";
  const LongitudinalReport report = patient->Report();
  const LongitudinalPictures pictures{{}, std::vector<std::vector<Html>>(report.tracks().size()), 0};
  WriteLongitudinal(out, report, pictures, "first");
  EXPECT_EQ(ReadText(out / kLongitudinalDicom), report.dicom.bytes);
  EXPECT_THAT(StrangersIn(out), IsEmpty());
  WriteLongitudinal(out, report, pictures, "second");
  EXPECT_EQ(StampOf(out), "second");
  EXPECT_TRUE(RemoveLongitudinal(out));
  EXPECT_FALSE(fs::exists(out));
}

TEST_F(LongitudinalDicomTest, WhatDoesNotReadBackIsRefused) {
  const LongitudinalReport report = patient->Report();
  const TempFolder folder;
  folder.Write(kLongitudinalDicom, report.dicom.bytes);
  EXPECT_NO_THROW(CheckLongitudinalDicom(folder.path(), report.dicom));
  using Edit = std::function<void(LongitudinalDicom&)>;
  for (const Edit& edit :
       std::vector<Edit>{[](LongitudinalDicom& d) { d.content.lesions[1].comparison.figures[0].digits = "7.0001"; },
                         [](LongitudinalDicom& d) { d.content.lesions[1].comparison.figures[0].sources.clear(); },
                         [](LongitudinalDicom& d) { d.content.lesions[2].comparison.evaluations.pop_back(); },
                         [](LongitudinalDicom& d) { d.content.lesions[2].time_point->order = 2; },
                         [](LongitudinalDicom& d) { d.content.lesions[2].time_point->study_id = "1.2.3.2"; },
                         [](LongitudinalDicom& d) { d.content.lesions[2].time_point.reset(); },
                         [](LongitudinalDicom& d) { d.content.lesions.back().comparison.figures[0].is_total = false; },
                         [](LongitudinalDicom& d) { d.content.lesions.pop_back(); },
                         [](LongitudinalDicom& d) { d.content.has_total = true; },
                         [](LongitudinalDicom& d) { d.is_preliminary = true; },
                         [](LongitudinalDicom& d) { d.bytes.back() = static_cast<char>(d.bytes.back() + 1); }}) {
    LongitudinalDicom other = report.dicom;
    edit(other);
    EXPECT_THROW(CheckLongitudinalDicom(folder.path(), other), ReadBackError);
  }
}

TEST(LongitudinalDicomOfOthers, WithoutDicomThereIsNoFileAndAReason) {
  const LongitudinalReport report = DicomPatient::Report(
      {"P1",
       "",
       {MadeTimepoint("2020-01-01", {MadeLesion(1, 2, "1.2")}), MadeTimepoint("2021-01-01", {MadeLesion(1, 2, "1.2")})},
       {}});
  EXPECT_EQ(report.dicom.why_none, "the study of the newest timepoint is no DICOM");
  const TempFolder folder;
  const fs::path out = folder.path() / "report";
  WriteLongitudinal(out, report, {{}, std::vector<std::vector<Html>>(1), 0});
  EXPECT_TRUE(fs::exists(out / "longitudinal.html"));
  EXPECT_FALSE(fs::exists(out / kLongitudinalDicom));
  const nlohmann::json json = nlohmann::json::parse(ReadText(out / "longitudinal.json"));
  EXPECT_TRUE(json.at("dicom").at("file").is_null());
  EXPECT_EQ(json.at("dicom").at("reason"), report.dicom.why_none);
}

TEST(LongitudinalDicomOfOthers, AResultWithoutDicomObjectsGivesNone) {
  const DicomPatient patient(2, {.seg = false, .sr = false, .rtstruct = false});
  const LongitudinalReport report = patient.Report();
  EXPECT_EQ(report.dicom.bytes, "");
  EXPECT_THAT(report.dicom.why_none, HasSubstr("has no DICOM object"));
}

TEST(LongitudinalDicomOfOthers, AnyObjectOfTheNewestResultSaysWhoseItIs) {
  const DicomPatient patient(2, {.sr = false});
  EXPECT_EQ(Read(patient.Report()).study_uid, DicomPatient::StudyUid(3));
}

TEST(LongitudinalDicomOfOthers, APreliminaryNewestTimepointMakesItPreliminary) {
  const DicomPatient patient(2, {}, true);
  const LongitudinalReport report = patient.Report();
  EXPECT_EQ(Read(report).preliminary, "PRELIMINARY");
  const SrGroup group = GroupsOf(report).at({DicomPatient::TrackingUid(0), DicomPatient::Date(3)});
  EXPECT_EQ(WordIn(group, "STANDING"), "PRELIMINARY");
  EXPECT_EQ(WordIn(group, "CONFIRMED"), "373067005") << "a scan that nobody verified confirms nothing";
}

class LongitudinalDicomValidity : public testing::TestWithParam<int> {};

TEST_P(LongitudinalDicomValidity, HasNoErrorsAndIsReadByDsrdump) {
  if (!HasValidators()) GTEST_SKIP() << kNoValidators;
  const DicomPatient patient(GetParam());
  const LongitudinalReport report = patient.Report();
  const TempFolder folder;
  folder.Write("report.dcm", report.dicom.bytes);
  const fs::path file = folder.path() / "report.dcm";
  ExpectValid({file, patient.results().back().result / "dicom/sr.dcm"}, patient.images(3), {"slice0.dcm"});
  if (std::system("command -v dsrdump > /dev/null") != 0) return;
  const std::string dump = OutputOf("dsrdump +Pc '" + file.string() + "' 2>&1");
  EXPECT_THAT(dump, HasSubstr("<has obs context TEXT:(C2348792,UMLS,\"Time Point\")=\"2025-02-03\">"));
  EXPECT_THAT(dump, testing::Not(HasSubstr("E: ")));
}

INSTANTIATE_TEST_SUITE_P(Lesions, LongitudinalDicomValidity, testing::Values(0, 1, 17, 120));

}  // namespace
}  // namespace dinsd
