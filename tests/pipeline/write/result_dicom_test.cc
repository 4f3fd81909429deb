#include "pipeline/write/result_dicom.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "pipeline/read/dicom_measurements.h"
#include "pipeline/read/dicom_seg.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/report/pictures.h"
#include "pipeline/write/check_result_dicom.h"
#include "pipeline/write/dicom_capture.h"
#include "pipeline/write/dicom_rtstruct.h"
#include "pipeline/write/dicom_sr.h"
#include "pipeline/write/read_back_error.h"
#include "pipeline/write/result_folder.h"
#include "pipeline/write/result_seg.h"
#include "tests/pipeline/write/made_follow_up.h"
#include "tests/pipeline/write/made_result.h"
#include "tests/pipeline/write/valid_objects.h"
#include "tests/temp_folder.h"

namespace dinsd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const ReportContext kContext{.job_id = "17", .created = "2026-01-02T03:04:05Z", .software = "dinsd test"};

std::string Content(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> Write(MadeResult& made, const std::filesystem::path& folder,
                               const DicomOutputOptions& options = {}, const std::string& key = "key") {
  return WriteResultDicom(folder, made.Output(options).value(), kContext, key, made.result);
}

SrMeasurements SrIn(const std::filesystem::path& folder) {
  return ReadMeasurements(ReadFileBytes(folder, "dicom/sr.dcm", 1 << 30), "sr.dcm");
}

TEST(ResultDicom, IsPartOfTheResultAndOfItsDigests) {
  MadeResult made(3);
  const TempFolder folder;
  const std::optional<DicomOutput> dicom = made.Output();
  const StagedResult staged =
      WriteResultFolder(folder.path(), made.result, made.result.volume, kContext, "key", &*dicom);
  const auto json = nlohmann::json::parse(Content(folder.path() / "result.json"));
  for (const char* name : {"dicom/seg.dcm", "dicom/rtstruct.dcm", "dicom/sr.dcm"}) {
    EXPECT_EQ(json.at("files").at(name).at("sha256"), staged.sha256_by_file.at(name));
    EXPECT_EQ(json.at("files").at(name).at("bytes"), std::filesystem::file_size(folder.path() / name));
  }
  EXPECT_EQ(json.at("files").size(), 10U);
  EXPECT_EQ(VerifyResultFolder(folder.path(), "key"), staged.result_sha256);
  std::string bytes = Content(folder.path() / "dicom/sr.dcm");
  bytes[bytes.size() / 2] ^= 1;
  std::ofstream(folder.path() / "dicom/sr.dcm", std::ios::binary) << bytes;
  EXPECT_EQ(VerifyResultFolder(folder.path(), "key"), "");
}

TEST(ResultDicom, WhatIsSwitchedOffIsNotThere) {
  MadeResult made(2);
  const TempFolder folder;
  EXPECT_THAT(Write(made, folder.path(), {.seg = false, .rtstruct = false}), ElementsAre("dicom/sr.dcm"));
  for (const SrGroup& group : SrIn(folder.path()).groups) EXPECT_THAT(group.segments, IsEmpty());
  EXPECT_FALSE(made.Output({.seg = false, .sr = false, .rtstruct = false}).has_value());
  made.result.image.format = ImageFormat::kNifti;
  EXPECT_FALSE(made.Output().has_value());
  EXPECT_THAT(made.result.warnings, IsEmpty());
}

TEST(ResultDicom, TheReportHasEveryLesionUnderTheTrackingOfItsSegment) {
  MadeResult made(5, true);
  const TempFolder folder;
  EXPECT_THAT(Write(made, folder.path()), ElementsAre("dicom/rtstruct.dcm", "dicom/seg.dcm", "dicom/sr.dcm"));
  const DicomSeg seg = ReadDicomSeg(ReadFileBytes(folder.path(), "dicom/seg.dcm", 1 << 30), "seg.dcm");
  const SrMeasurements sr = SrIn(folder.path());
  ASSERT_EQ(sr.groups.size(), 7U) << "six lesions and the total";
  for (std::size_t n = 0; n < 5; ++n) {
    EXPECT_EQ(sr.groups[n].tracking_id, seg.segments[n].tracking_id);
    EXPECT_EQ(sr.groups[n].tracking_uid, seg.segments[n].tracking_uid);
    EXPECT_THAT(sr.groups[n].segments, ElementsAre(SrSegment{seg.sop_instance_uid, static_cast<int>(n + 1)}));
    EXPECT_EQ(sr.groups[n].finding, "404029005");
    ASSERT_EQ(sr.groups[n].numbers.size(), 1U);
    EXPECT_EQ(sr.groups[n].numbers[0].value, made.result.lesions[n].volume_ml);
    EXPECT_EQ(sr.groups[n].numbers[0].unit, "mL");
  }
  EXPECT_EQ(sr.groups[0].site, "816094009") << "the newer code of the chest";
  EXPECT_EQ(sr.groups[0].laterality, "7771000");
  EXPECT_EQ(sr.groups[3].laterality, "24028007");
  EXPECT_EQ(sr.groups[5].laterality, "24028007") << "a side without a site";
  EXPECT_THAT(sr.groups[5].segments, IsEmpty()) << "nothing was found of it";
  EXPECT_EQ(sr.groups[5].numbers[0].value, 0);
  EXPECT_EQ(sr.groups[6].tracking_id, kSrTotalId);
  EXPECT_EQ(sr.groups[6].numbers[0].value, made.result.total_ml);
  EXPECT_EQ(sr.groups[6].numbers[0].derivation, "255619001");
  EXPECT_EQ(sr.completion, "COMPLETE");
  EXPECT_EQ(sr.verification, "UNVERIFIED");
  EXPECT_EQ(sr.preliminary, "FINAL");
}

std::string TextIn(const std::filesystem::path& file, const DcmTagKey& key) {
  DcmFileFormat format;
  OFString text;
  if (format.loadFile(file.c_str()).bad() || format.getDataset()->findAndGetOFString(key, text).bad()) return "none";
  return text.c_str();
}

// A flag of DICOM in the report; the others have none, and say it where their readers list them.
TEST(ResultDicom, AProposedClickMakesEveryObjectPreliminary) {
  MadeResult made(1);
  const TempFolder verified, proposed;
  (void)Write(made, verified.path(), {.secondary_capture = true});
  made.result.is_preliminary = true;
  (void)Write(made, proposed.path(), {.secondary_capture = true});
  EXPECT_EQ(SrIn(proposed.path()).preliminary, "PRELIMINARY");
  for (const char* name : {"dicom/seg.dcm", "dicom/rtstruct.dcm", "dicom/sr.dcm", "dicom/sc.dcm"}) {
    EXPECT_THAT(TextIn(proposed.path() / name, DCM_SeriesDescription), HasSubstr("Preliminary ")) << name;
    EXPECT_THAT(TextIn(verified.path() / name, DCM_SeriesDescription), Not(HasSubstr("reliminary"))) << name;
  }
  EXPECT_EQ(TextIn(proposed.path() / "dicom/seg.dcm", DCM_ContentLabel), "PRELIMINARY");
  EXPECT_EQ(TextIn(proposed.path() / "dicom/seg.dcm", DCM_ContentDescription), "Preliminary lesions");
  EXPECT_EQ(TextIn(verified.path() / "dicom/seg.dcm", DCM_ContentDescription), "Lesions");
  EXPECT_EQ(TextIn(proposed.path() / "dicom/rtstruct.dcm", DCM_StructureSetLabel), "PRELIMINARY");
  EXPECT_EQ(TextIn(verified.path() / "dicom/rtstruct.dcm", DCM_StructureSetLabel), "dinsd");
}

TEST(ResultDicom, OfAnEmptyMaskThereIsTheReportAlone) {
  MadeResult made(0, true);
  const TempFolder folder;
  EXPECT_THAT(Write(made, folder.path()), ElementsAre("dicom/sr.dcm"));
  EXPECT_EQ(SrIn(folder.path()).groups.at(1).numbers.at(0).value, 0);
}

TEST(ResultDicom, ManyLesionsAreDividedAndTheReportKnowsWhere) {
  MadeResult made(7);
  const TempFolder folder;
  EXPECT_THAT(
      Write(made, folder.path(), {.max_segments = 3}),
      ElementsAre("dicom/rtstruct.dcm", "dicom/seg-1.dcm", "dicom/seg-2.dcm", "dicom/seg-3.dcm", "dicom/sr.dcm"));
  std::map<std::string, DicomSeg> by_uid;
  for (const char* name : {"dicom/seg-1.dcm", "dicom/seg-2.dcm", "dicom/seg-3.dcm"}) {
    DicomSeg seg = ReadDicomSeg(ReadFileBytes(folder.path(), name, 1 << 30), name);
    const std::string uid = seg.sop_instance_uid;
    by_uid[uid] = std::move(seg);
  }
  ASSERT_EQ(by_uid.size(), 3U);
  const SrMeasurements sr = SrIn(folder.path());
  for (std::size_t n = 0; n < 7; ++n) {
    ASSERT_EQ(sr.groups[n].segments.size(), 1U);
    const SrSegment& segment = sr.groups[n].segments[0];
    EXPECT_EQ(
        by_uid.at(segment.sop_instance_uid).segments.at(static_cast<std::size_t>(segment.number) - 1).tracking_uid,
        sr.groups[n].tracking_uid);
  }
}

TEST(ResultDicom, TheSameResultHasTheSameBytesAndAnotherOtherUids) {
  MadeResult made(3);
  const TempFolder first, second, other, recoded;
  const std::vector<std::string> names = Write(made, first.path());
  (void)Write(made, second.path());
  for (const std::string& name : names) EXPECT_EQ(Content(first.path() / name), Content(second.path() / name)) << name;
  (void)Write(made, recoded.path(), {.codes = {.finding = {"108369006", "SCT", "Neoplasm"}}});
  made.result.mask.labels.back() = 3;
  ++made.result.lesions[2].voxels;
  (void)Write(made, other.path());
  const auto uid = [](const TempFolder& folder) { return SrIn(folder.path()).sop_instance_uid; };
  EXPECT_NE(uid(first), uid(other));
  EXPECT_NE(uid(first), uid(recoded));
}

TEST(ResultDicom, WhereNoneCanBeTheReportSaysWhy) {
  MadeResult nowhere(1, false, [](DcmDataset& data, int) { delete data.remove(DCM_FrameOfReferenceUID); });
  EXPECT_FALSE(nowhere.Output().has_value());
  EXPECT_THAT(nowhere.result.warnings, ElementsAre(HasSubstr("FrameOfReferenceUID")));
  MadeResult between(1);
  between.result.image.interpolate_slices = true;
  EXPECT_FALSE(between.Output().has_value());
  EXPECT_THAT(between.result.warnings, ElementsAre(HasSubstr("interpolated")));
}

// Files of another result in the place of this one's.
class CheckResultDicomTest : public testing::Test {
 protected:
  CheckResultDicomTest() : made(4), other(4) {
    series = made.Output()->series;
    facts = SegFactsOf(made.result, kContext, "key");
    files.series = {{series[0].series_uid, {}, "rtstruct.dcm"}};
    files.sr = "sr.dcm";
    PutSeg(made.result.mask, SegLesionsOf(made.result));
    PutRtStruct(made.result.mask);
    PutSr(made.result);
  }

  void Check() { CheckResultDicom(folder.path(), files, series, made.result, options); }

  void PutSeg(const LabelMap& mask, const std::vector<SegLesion>& lesions) {
    std::filesystem::remove(folder.path() / "seg.dcm");
    files.series[0].segs = WriteDicomSegs(folder.path(), "seg", mask, lesions, series[0], facts);
  }

  void PutRtStruct(const LabelMap& mask) {
    Put(files.series[0].rtstruct, MaskToRtStruct(mask, series[0], {.key = "key", .created = kContext.created}));
  }

  void PutSr(const StudyResult& result) {
    const std::vector<SegLesion> lesions = TrackedLesionsOf(result, series[0], options.replaced_sites);
    SrContent content = SrContentOf(result, lesions, files.series, options);
    if (edit_sr) edit_sr(content);
    Put(files.sr, MeasurementsToSr(content, series, facts, options.codes));
  }

  void Put(const std::string& name, const std::string& bytes) {
    std::ofstream(folder.path() / name, std::ios::binary | std::ios::trunc) << bytes;
  }

  MadeResult made, other;
  DicomOutputOptions options;
  std::vector<SourceSeries> series;
  SegFacts facts;
  DicomFiles files;
  std::function<void(SrContent&)> edit_sr;
  TempFolder folder;
};

TEST_F(CheckResultDicomTest, PassesWhatWasWritten) {
  EXPECT_NO_THROW(Check());
}

TEST_F(CheckResultDicomTest, NoticesASegmentationOfOneOtherVoxel) {
  LabelMap mask = made.result.mask;
  mask.labels.back() = 2;
  PutSeg(mask, SegLesionsOf(made.result));
  EXPECT_THROW(Check(), ReadBackError);
}

TEST_F(CheckResultDicomTest, NoticesASegmentationOfOtherTracking) {
  std::vector<SegLesion> lesions = SegLesionsOf(made.result);
  lesions[2].tracking_uid = "1.2.3.4.5";
  PutSeg(made.result.mask, lesions);
  EXPECT_THROW(Check(), ReadBackError);
}

TEST_F(CheckResultDicomTest, NoticesContoursThatAreOnePixelOff) {
  LabelMap moved = made.result.mask;
  std::rotate(moved.labels.begin(), moved.labels.end() - 1, moved.labels.end());
  PutRtStruct(moved);
  EXPECT_THROW(Check(), ReadBackError);
}

TEST_F(CheckResultDicomTest, NoticesEveryOtherNumberAndReference) {
  const std::vector<std::function<void(SrContent&)>> edits = {
      [](SrContent& sr) { *sr.lesions[1].volume_ml *= 1 + 1e-15; },
      [](SrContent& sr) { std::swap(sr.lesions[1].volume_ml, sr.lesions[2].volume_ml); },
      [](SrContent& sr) { sr.total_ml += 0.001; },
      [](SrContent& sr) { sr.lesions[1].segments[0].number = 1; },
      [](SrContent& sr) { sr.lesions[1].segments[0].sop_instance_uid = "1.2.3.4.5"; },
      [](SrContent& sr) { sr.lesions[1].segments.push_back(sr.lesions[0].segments[0]); },
      [](SrContent& sr) { sr.lesions[1].lesion.tracking_uid = "1.2.3.4.5"; },
      [](SrContent& sr) { sr.lesions.pop_back(); },
      [](SrContent& sr) { sr.lesions.push_back(sr.lesions.back()); }};
  for (std::size_t n = 0; n < edits.size(); ++n) {
    edit_sr = edits[n];
    PutSr(made.result);
    EXPECT_THROW(Check(), ReadBackError) << n;
  }
  edit_sr = nullptr;
  facts.is_preliminary = true;
  PutSr(made.result);
  EXPECT_THROW(Check(), ReadBackError);
}

TEST_F(CheckResultDicomTest, NoticesWhateverElseIsSaidOfTheChange) {
  AddFollowUp(made.result);
  PutSr(made.result);
  EXPECT_NO_THROW(Check());
  const std::vector<std::function<void(SrContent&)>> edits = {
      [](SrContent& sr) { sr.lesions[0].comparison.figures[3].digits = "50.01"; },
      [](SrContent& sr) { sr.lesions[0].comparison.figures[3].digits = "50"; },
      [](SrContent& sr) { sr.lesions[0].comparison.figures[3].unit = sr.lesions[0].comparison.figures[0].unit; },
      [](SrContent& sr) { std::swap(sr.lesions[0].comparison.figures[0], sr.lesions[0].comparison.figures[2]); },
      [](SrContent& sr) { sr.lesions[0].comparison.figures.pop_back(); },
      [](SrContent& sr) { sr.lesions[2].comparison.figures = sr.lesions[0].comparison.figures; },
      [](SrContent& sr) { std::swap(sr.lesions[0].comparison, sr.lesions[3].comparison); },
      [](SrContent& sr) {
        sr.lesions[0].comparison.evaluations[0].code = DicomCode{"STABLE", "99DINSD", "Stable"};
      },
      [](SrContent& sr) { sr.lesions[0].comparison.evaluations.back().text = "2025-03-05"; },
      [](SrContent& sr) { sr.lesions[0].comparison.evaluations.pop_back(); },
      [](SrContent& sr) { sr.lesions[0].kind.reset(); },
      [](SrContent& sr) { sr.lesions.back().volume_ml = 0; },
      [](SrContent& sr) { sr.lesions.back().comparison.evaluations[0].code->value = "NOT_FOUND"; },
      [](SrContent& sr) { sr.lesions.pop_back(); }};
  for (std::size_t n = 0; n < edits.size(); ++n) {
    edit_sr = edits[n];
    PutSr(made.result);
    EXPECT_THROW(Check(), ReadBackError) << n;
  }
}

TEST_F(CheckResultDicomTest, NoticesAFileThatIsNotThereOrCut) {
  Put(files.sr, Content(folder.path() / "sr.dcm").substr(0, 5000));
  EXPECT_THROW(Check(), ReadBackError);
  std::filesystem::remove(folder.path() / "sr.dcm");
  EXPECT_THROW(Check(), ReadBackError);
}

TEST(DicomCapture, HoldsThePictureOfTheReport) {
  MadeResult made(3);
  const TempFolder folder;
  const std::vector<std::string> names = Write(made, folder.path(), {.secondary_capture = true});
  EXPECT_THAT(names, testing::Contains("dicom/sc.dcm"));
  const Picture picture = PictureOfCapture(ReadFileBytes(folder.path(), "dicom/sc.dcm", 1 << 30), "sc.dcm");
  const SliceView view(made.result.volume.grid);
  EXPECT_EQ(picture.width, view.size().x);
  EXPECT_EQ(picture.height, view.size().y);
  EXPECT_EQ(picture.samples, ProjectionPicture(made.result, view).samples);
  std::size_t coloured = 0;
  for (std::size_t at = 0; at < picture.samples.size(); at += 3) {
    if (picture.samples[at] != picture.samples[at + 1] || picture.samples[at] != picture.samples[at + 2]) ++coloured;
  }
  std::set<std::size_t> seen;  // pixels under which a lesion lies: each is small enough to be all outline
  const std::size_t plane = static_cast<std::size_t>(view.size().x * view.size().y);
  for (std::size_t at = 0; at < made.result.mask.labels.size(); ++at) {
    if (made.result.mask.labels[at] != 0) seen.insert(at % plane);
  }
  EXPECT_EQ(coloured, seen.size());
}

TEST_F(CheckResultDicomTest, NoticesAPictureOfAnotherPixel) {
  const SliceView view(made.result.volume.grid);
  Picture picture = ProjectionPicture(made.result, view);
  files.capture = "sc.dcm";
  Put(files.capture, PictureToCapture(picture, view, series, facts));
  EXPECT_NO_THROW(Check());
  picture.samples[100] ^= 1;
  Put(files.capture, PictureToCapture(picture, view, series, facts));
  EXPECT_THROW(Check(), ReadBackError);
}

class ResultDicomValidity : public testing::TestWithParam<int> {};

TEST_P(ResultDicomValidity, HasNoErrorsAndFitsItsStudy) {
  if (!HasValidators()) GTEST_SKIP() << kNoValidators;
  MadeResult made(GetParam(), true, PutStudyOfAValidSeries);
  const TempFolder folder;
  std::vector<std::filesystem::path> objects;
  for (const std::string& name : Write(made, folder.path(), {.secondary_capture = true}))
    objects.push_back(folder.path() / name);
  ExpectValid(objects, made.root(), made.result.image.files);
}

INSTANTIATE_TEST_SUITE_P(Lesions, ResultDicomValidity, testing::Values(1, 17, 300));

}  // namespace
}  // namespace dinsd
