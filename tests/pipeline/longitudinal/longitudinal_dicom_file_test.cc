#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcfilefo.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "pipeline/read/file_bytes.h"
#include "pipeline/write/read_back_error.h"
#include "tests/pipeline/longitudinal/read_longitudinal.h"

// longitudinal.dcm as an object: whose it is, where it lies, and that others find no fault with it.

namespace dinsd {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

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