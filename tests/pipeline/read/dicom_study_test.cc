#include "pipeline/read/dicom_study.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/pipeline/read/dicom_maker.h"
#include "tests/pipeline/read/raw_dicom.h"

namespace dinsd {
namespace {

using testing::HasSubstr;

DicomStudy Inspect(const MadeStudy& study) {
  return InspectDicomStudy(study.files(), study.root(), {}, {});
}

std::string StudyCode(const MadeStudy& made) {
  const DicomStudy study = Inspect(made);
  return study.error ? study.error->code() : "fine";
}

// A study whose slice 3 is edited.
MadeStudy Edited(const DicomEdit& edit) {
  return MadeStudy(8, [&](DcmDataset& data, int k) {
    if (k == 3) edit(data);
  });
}

void ExpectQuarantine(const MadeStudy& made, const std::string& field) {
  const DicomStudy study = Inspect(made);
  ASSERT_TRUE(study.error) << field;
  EXPECT_EQ(study.error->code(), "IDENTITY_CONFLICT");
  EXPECT_EQ(study.error->verdict(), InputVerdict::kQuarantined);
  EXPECT_EQ(study.error->field(), field);
  for (const char* secret : {"P1", "P2", "DOE", "Doe", "ROE", "1990"}) {
    EXPECT_THAT(study.error->what(), testing::Not(HasSubstr(secret)));
  }
}

TEST(DicomStudy, OfTwoIdentitiesIsQuarantined) {
  ExpectQuarantine(Edited([](DcmDataset& d) { Put(d, DCM_PatientID, "P2"); }), "PatientID");
  ExpectQuarantine(Edited([](DcmDataset& d) { d.findAndDeleteElement(DCM_PatientID); }), "PatientID");
  ExpectQuarantine(Edited([](DcmDataset& d) { Put(d, DCM_IssuerOfPatientID, "other hospital"); }), "IssuerOfPatientID");
  ExpectQuarantine(Edited([](DcmDataset& d) { Put(d, DCM_PatientName, "Roe^Richard"); }), "PatientName");
  ExpectQuarantine(Edited([](DcmDataset& d) { Put(d, DCM_PatientBirthDate, "19900103"); }), "PatientBirthDate");
  ExpectQuarantine(Edited([](DcmDataset& d) { Put(d, DCM_StudyDate, "20240301"); }), "StudyDate");
  ExpectQuarantine(Edited([](DcmDataset& d) { Put(d, DCM_StudyInstanceUID, "1.2.4"); }), "StudyInstanceUID");
}

TEST(DicomStudy, NamesWrittenDifferentlyAreNoConflict) {
  EXPECT_EQ(StudyCode(Edited([](DcmDataset& d) { Put(d, DCM_PatientName, "DOE^JANE^^"); })), "fine");
  EXPECT_EQ(StudyCode(Edited([](DcmDataset& d) { d.findAndDeleteElement(DCM_PatientName); })), "fine");
  EXPECT_EQ(StudyCode(Edited([](DcmDataset& d) { d.findAndDeleteElement(DCM_PatientBirthDate); })), "fine");
}

TEST(DicomStudy, AnInstanceUidUsedAgainIsQuarantined) {
  MadeStudy other_pixels;
  other_pixels.Write("again.dcm", MakeSlice(7, [](DcmDataset& d) { Put(d, DCM_SOPInstanceUID, "1.2.3.4.1"); }));
  ExpectQuarantine(other_pixels, "SOPInstanceUID");
  MadeStudy other_series;
  other_series.Write("again.dcm", MakeSlice(0, [](DcmDataset& d) { Put(d, DCM_SeriesInstanceUID, "1.2.3.5"); }));
  ExpectQuarantine(other_series, "SOPInstanceUID");
}

TEST(DicomStudy, ObjectsThatAreNoImagesOfASeriesAreListed) {
  MadeStudy made;
  made.Write("rt.dcm", RawDicom::Part10("1.2.840.10008.1.2.1")
                           .Add(0x00080016, "UI", UID_RTStructureSetStorage)
                           .Add(0x00080018, "UI", "1.2.3.7.1")
                           .Add(0x00080060, "CS", "RTSTRUCT")
                           .Add(0x00100020, "LO", "P1")
                           .Add(0x0020000D, "UI", "1.2.3")
                           .Add(0x0020000E, "UI", "1.2.3.7")
                           .text());
  made.Write("study.json", "{}");
  made.Write("README", "plain text");
  const DicomStudy study = Inspect(made);
  EXPECT_FALSE(study.error);
  EXPECT_EQ(study.series.size(), 1);
  ASSERT_EQ(study.files.size(), 11);
  EXPECT_EQ(study.files[8].kind, DicomFileKind::kOtherObject);
  EXPECT_THAT(study.files[8].remark, HasSubstr("RTSTRUCT"));
  EXPECT_EQ(study.files[9].kind, DicomFileKind::kNotDicom);
  EXPECT_EQ(study.files[9].sha256.size(), 64);
  EXPECT_EQ(study.files[0].kind, DicomFileKind::kImage);
  EXPECT_EQ(study.files[0].pixel_sha256.size(), 64);
}

TEST(DicomStudy, AnotherPatientsReportAmongTheImagesIsQuarantined) {
  MadeStudy made;
  made.Write("sr.dcm", RawDicom::Part10("1.2.840.10008.1.2.1")
                           .Add(0x00080016, "UI", UID_BasicTextSRStorage)
                           .Add(0x00080018, "UI", "1.2.3.7.1")
                           .Add(0x00100020, "LO", "P2")
                           .Add(0x0020000D, "UI", "1.2.3")
                           .Add(0x0020000E, "UI", "1.2.3.7")
                           .text());
  ExpectQuarantine(made, "PatientID");
}

// In each of these files a slice may be lost, so the whole study is refused by the file's own error.
TEST(DicomStudy, ABrokenSliceStopsTheStudy) {
  const std::string slice = MakeSlice(7);
  const auto with = [](const std::string& file, const std::string& bytes) {
    MadeStudy made;
    made.Write(file, bytes);
    return StudyCode(made);
  };
  EXPECT_EQ(with("x.dcm", slice.substr(0, slice.size() - 1)), "LENGTH_OVERRUN");
  EXPECT_EQ(with("x", slice.substr(0, slice.size() - 100)), "LENGTH_OVERRUN");
  EXPECT_EQ(with("x.dcm", ""), "NOT_DICOM");
  EXPECT_EQ(with("x.IMA", "no image at all"), "NOT_DICOM");
  EXPECT_EQ(with("MR.1.2.840.5", std::string(1000, '\0')), "NOT_DICOM");
  EXPECT_EQ(with("empty", ""), "NOT_DICOM");
  EXPECT_EQ(with("x.dcm", MakeSlice(7, [](DcmDataset& d) { Put(d, DCM_SOPInstanceUID, "1.2.x"); })), "BAD_UID");
  EXPECT_EQ(with("x.dcm", MakeSlice(7, [](DcmDataset& d) { d.findAndDeleteElement(DCM_SeriesInstanceUID); })),
            "BAD_UID");
  EXPECT_EQ(with("x.dcm", MakeSlice(7, [](DcmDataset& d) { Put(d, DCM_PatientID, std::string(2000, 'A')); })),
            "LIMIT_EXCEEDED");
  EXPECT_EQ(with("notes.txt", std::string(1000, '\0')), "fine");
}

TEST(DicomStudy, ABrokenReportDoesNotStopTheStudy) {
  MadeStudy made;
  made.Write(
      "sr.dcm",
      RawDicom::Part10("1.2.840.10008.1.2.1").AddUids(UID_BasicTextSRStorage).Header(0x0040A730, "??", 0).text());
  const DicomStudy study = Inspect(made);
  EXPECT_FALSE(study.error);
  EXPECT_THAT(study.files.back().remark, HasSubstr("NONSTANDARD_VR"));
}

TEST(DicomStudy, FilesThatChangedAreNotDecoded) {
  MadeStudy made;
  const DicomStudy study = Inspect(made);
  EXPECT_NO_THROW((void)ReadDicomSeries(study.series.at(0), made.root(), {}));
  made.Write("slice5.dcm", MakeSlice(5, [](DcmDataset& d) { Put(d, DCM_StudyTime, "1200"); }));
  try {
    (void)ReadDicomSeries(study.series.at(0), made.root(), {});
    FAIL();
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), "INPUT_CHANGED");
    EXPECT_EQ(error.file(), "slice5.dcm");
  }
}

TEST(DicomStudy, MayBeEmpty) {
  DicomStudy study = InspectDicomStudy({}, "/", {}, {});
  EXPECT_TRUE(study.series.empty());
  ChooseSeries(study, "", {});
  EXPECT_EQ(study.choice_error.value().code(), "SERIES_NOT_FOUND");
}

}  // namespace
}  // namespace dinsd
