#include "pipeline/read/study.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "pipeline/read/study_json.h"
#include "tests/pipeline/read/dicom_maker.h"
#include "tests/pipeline/read/study_files.h"
#include "tests/test_data.h"
#include "tests/unprivileged.h"

namespace dinsd {
namespace {

using nlohmann::json;

TEST(StudyFiles, AreAllButHiddenOnesAndLinks) {
  const TempFolder folder;
  for (const char* name : {"b.nii", "a/c.dcm", ".hidden", ".git/x"}) folder.Write(name, "x");
  std::filesystem::create_symlink("b.nii", folder.path() / "link.nii");
  std::filesystem::create_directory_symlink("/", folder.path() / "root");
  EXPECT_THAT(ListStudyFiles(folder.path()), testing::ElementsAre("a/c.dcm", "b.nii"));
}

TEST(Study, OfOneFileChoosesIt) {
  const TempFolder folder;
  folder.Write("a.nii", kImage);
  folder.Write("a.nii.prompts.json", "{}");
  folder.Write("points.mrk.json", "{}");
  folder.Write("notes.txt", "hello");
  const InspectedStudy study = Inspect(folder);
  const StudyImage& image = ChosenImage(study);
  EXPECT_EQ(image.format, ImageFormat::kNifti);
  EXPECT_THAT(image.files, testing::ElementsAre("a.nii"));
  EXPECT_THAT(image.file_sha256, testing::ElementsAre(DigestOf(kImage)));
  EXPECT_EQ(image.grid.size, (std::array<std::int64_t, 3>{4, 5, 7}));
  EXPECT_FALSE(image.reason.empty());
  EXPECT_THAT(study.prompt_files, testing::ElementsAre("a.nii.prompts.json", "points.mrk.json"));
  EXPECT_THAT(study.other_files, testing::ElementsAre("notes.txt"));
  EXPECT_TRUE(study.identity.patient.empty());
  EXPECT_FALSE(study.has_manifest);
  ASSERT_EQ(study.digests.size(), 1U);
  EXPECT_EQ(study.digests[0].sha256, DigestOf(kImage));
  EXPECT_EQ(ReadStudyImage(folder.path(), image, {}).voxels[5], 5);
}

TEST(Study, OfTwoFilesNeedsOneThatIsWanted) {
  const TempFolder folder;
  folder.Write("image.nii", kImage);
  folder.Write("truth.nii", kOther);
  EXPECT_EQ(ChoiceError(Inspect(folder)), "SERIES_AMBIGUOUS");
  EXPECT_THAT(ChosenImage(Inspect(folder, DigestOf(kOther))).files, testing::ElementsAre("truth.nii"));
  EXPECT_EQ(ChoiceError(Inspect(folder, std::string(64, '0'))), "SERIES_NOT_FOUND");
}

TEST(Study, OfTwoEqualFilesIsAmbiguousEvenWhereOneIsWanted) {
  const TempFolder folder;
  folder.Write("a.nii", kImage);
  folder.Write("b.nii", kImage);
  EXPECT_EQ(ChoiceError(Inspect(folder, DigestOf(kImage))), "SERIES_AMBIGUOUS");
}

TEST(Study, TakesTheOnlyFileThatCanBeRead) {
  const TempFolder folder;
  folder.Write("a.nii", kBroken);
  EXPECT_EQ(ChoiceError(Inspect(folder)), "NIFTI_TRUNCATED");
  folder.Write("b.nii", kImage);
  const InspectedStudy study = Inspect(folder);
  EXPECT_THAT(ChosenImage(study).files, testing::ElementsAre("b.nii"));
  EXPECT_EQ(study.images[0].error->code(), "NIFTI_TRUNCATED");
  folder.Write("b.nii", kBroken);
  EXPECT_EQ(ChoiceError(Inspect(folder)), "SERIES_NOT_FOUND");
}

TEST(Study, WithoutAnImageSaysSo) {
  const TempFolder folder;
  folder.Write("notes.txt", "hello");
  EXPECT_EQ(ChoiceError(Inspect(folder)), "SERIES_NOT_FOUND");
  EXPECT_EQ(ChoiceError(InspectedStudy{}), "SERIES_NOT_FOUND");
}

TEST(Study, SeesAtOnceThatAFileIsCutOff) {
  const TempFolder folder;
  const std::vector<std::byte> gzip = NiftiBytes().Gzip();
  const std::string whole(reinterpret_cast<const char*>(gzip.data()), gzip.size());
  folder.Write("a.nii.gz", whole);
  EXPECT_EQ(ChoiceError(Inspect(folder)), "");
  for (const std::size_t left : {std::size_t{0}, whole.size() / 2, whole.size() - 1}) {
    folder.Write("a.nii.gz", whole.substr(0, left));
    EXPECT_EQ(ChoiceError(Inspect(folder)), "NIFTI_TRUNCATED") << left << " of " << whole.size() << " bytes";
  }
}

TEST(Study, NamesNoFileOutsideItsFolder) {
  const TempFolder folder;
  folder.Write("secret", "hello");
  json manifest = Manifest("a.nii", kImage);
  manifest["files"].push_back({{"name", "../secret"}, {"size", 5}, {"sha256", DigestOf("hello")}});
  folder.Write("study/study.json", manifest.dump());
  folder.Write("study/a.nii", kImage);
  const auto root = folder.path() / "study";
  EXPECT_THAT([&] { (void)InspectStudy(root, "s", ListStudyFiles(root), {}); },
              testing::Throws<InputError>(testing::Property(&InputError::code, "MANIFEST_SCHEMA")));
}

TEST(StudyImageFile, MustStayAsItWasInspected) {
  const TempFolder folder;
  folder.Write("a.nii", kImage);
  const InspectedStudy study = Inspect(folder);
  folder.Write("a.nii", kOther);
  EXPECT_THAT([&] { (void)ReadStudyImage(folder.path(), ChosenImage(study), {}); },
              testing::Throws<InputError>(testing::Property(&InputError::code, "INPUT_CHANGED")));
}

// A real MR series with an RTSTRUCT and a licence beside it, and loose images that do not mix with DICOM.
TEST(Study, OfARealDicomFolderIsReadAsOneSeries) {
  DINSD_REQUIRE_DATA("dicom/sts_008");
  const TempFolder folder;
  std::filesystem::copy(*TestData() / "dicom/sts_008", folder.path(), std::filesystem::copy_options::recursive);
  folder.Write("other.nii", kImage);
  const InspectedStudy study = Inspect(folder);
  ASSERT_EQ(study.images.size(), 1U);
  const StudyImage& image = ChosenImage(study);
  EXPECT_EQ(image.format, ImageFormat::kDicomSeries);
  EXPECT_EQ(image.files.size(), static_cast<std::size_t>(image.grid.size[2]));
  EXPECT_EQ(study.digests.size(), image.files.size());
  EXPECT_THAT(study.other_files, testing::IsSupersetOf({"LICENSE.md", "other.nii"}));
  EXPECT_FALSE(study.identity.study_uid.empty());
  const InspectedStudy sent = StudyFromJson(StudyToJson(study));
  const Volume volume = ReadStudyImage(folder.path(), ChosenImage(sent), {});
  EXPECT_EQ(volume.voxels.size(), volume.grid.SizeZyx().VoxelCount());
  EXPECT_EQ(volume.grid, image.grid);
}

TempFolder& AddSlices(TempFolder& folder) {
  for (int k = 0; k < 8; ++k) folder.Write("slice" + std::to_string(k) + ".dcm", MakeSlice(k));
  return folder;
}

TEST(Study, OfDicomTakesFromStudyJsonWhatItsHeadersLack) {
  TempFolder folder;
  AddSlices(folder);
  json manifest = Manifest("x", kImage);
  manifest["files"] = json::array();
  manifest["studyDate"] = "2024-02-03";
  manifest["sizeM"] = 1.7;
  folder.Write("study.json", manifest.dump());
  folder.Write("a.nii", kImage);
  const InspectedStudy study = Inspect(folder);
  EXPECT_EQ(ChosenImage(study).series_uid, "1.2.3.4");
  EXPECT_EQ(study.identity.study_uid, "1.2.3");
  EXPECT_EQ(study.identity.patient, "P-17") << "the pseudonym, not the PatientID";
  EXPECT_EQ(study.identity.weight_kg, 71.5);
  EXPECT_EQ(study.identity.size_m, 1.7);
  EXPECT_EQ(study.identity.age_years, 34);
  EXPECT_THAT(study.other_files, testing::ElementsAre("a.nii"));
  EXPECT_EQ(study.digests.size(), 9U);
}

TEST(Study, OfDicomWithADateThatCannotBeHasNoDateAndSaysSo) {
  const std::int64_t now = *ParseDateTime("2024-03-01T12:00:00Z") / 1'000'000;
  const auto inspect = [&](const std::string& date) {
    const MadeStudy made(8, [&](DcmDataset& data, int) { Put(data, DCM_StudyDate, date); });
    return InspectStudy(made.root(), "study", ListStudyFiles(made.root()), {}, now);
  };
  EXPECT_EQ(inspect("20240302").identity.study_date, "2024-03-02");
  EXPECT_THAT(ChosenImage(inspect("20240302")).notes, testing::IsEmpty());
  EXPECT_THAT(ChosenImage(inspect("")).notes, testing::IsEmpty());
  for (const auto& [date, why] : {std::pair("29990101", "lies in the future: today is 2024-03-01"),
                                  {"18000101", "lies before 1900-01-01"},
                                  {"20240231", "is no date"},
                                  {"2024", "is no date"}}) {
    const InspectedStudy study = inspect(date);
    EXPECT_EQ(study.identity.study_date, "") << date;
    EXPECT_THAT(ChosenImage(study).notes,
                testing::ElementsAre(std::string("date_warning: StudyDate ") + why + ": it is not used"));
  }
}

// A size in centimetres is a common slip. The message of a reader holds what a person can have.
TEST(Study, OfDicomWithMeasuresThatNobodyHasTakesNoneAndSaysSo) {
  const MadeStudy made(8, [](DcmDataset& data, int) {
    Put(data, DCM_PatientAge, "999Y");
    Put(data, DCM_PatientSize, "175");
    Put(data, DCM_PatientWeight, "70");
  });
  const InspectedStudy study = InspectStudy(made.root(), "study", ListStudyFiles(made.root()), {});
  EXPECT_EQ(study.identity.age_years, std::nullopt);
  EXPECT_EQ(study.identity.size_m, std::nullopt);
  EXPECT_EQ(study.identity.weight_kg, 70);
  EXPECT_THAT(ChosenImage(study).notes,
              testing::ElementsAre("measure_warning: PatientSize is more than 10 m: it is not used",
                                   "measure_warning: PatientAge is more than 150 years: it is not used"));
  EXPECT_EQ(StudyFromJson(StudyToJson(study)).identity.weight_kg, 70);
}

TEST(Study, OfDicomWithABlankPatientIdHasNoPatientAndALineBreakIsShown) {
  const auto patient_of = [&](const std::string& id) {
    const MadeStudy made(8, [&](DcmDataset& data, int) {
      Put(data, DCM_SpecificCharacterSet, "ISO_IR 192");
      Put(data, DCM_PatientID, id);
    });
    return InspectStudy(made.root(), "study", ListStudyFiles(made.root()), {}).identity.patient;
  };
  for (const char* blank : {"", " ", "    ", "\u00A0", "\u200B\u3000", " \uFEFF "}) EXPECT_EQ(patient_of(blank), "");
  EXPECT_EQ(patient_of("P\u200B1"), "P\u200B1") << "of another program: not refused";
  EXPECT_EQ(patient_of("P1\nP2,x"), "P1\\x0aP2,x");
}

TEST(Study, OfDicomWhosePatientIdIsBlankToTheEyeSaysSo) {
  const auto notes_of = [](const std::string& id) {
    const MadeStudy made(8, [&](DcmDataset& data, int) {
      Put(data, DCM_SpecificCharacterSet, "ISO_IR 100");
      Put(data, DCM_PatientID, id);
    });
    return ChosenImage(InspectStudy(made.root(), "study", ListStudyFiles(made.root()), {})).notes;
  };
  EXPECT_THAT(notes_of("\xA0"), testing::ElementsAre("patient_warning: PatientID is blank: it is not used"));
  EXPECT_THAT(notes_of(""), testing::IsEmpty());
  EXPECT_THAT(notes_of("P1"), testing::IsEmpty());
}

TEST(Study, OfDicomTellsThatStudyJsonNamesAnotherPatientWithoutEitherName) {
  for (const std::string pseudonym : {"P-17", "P1"}) {
    TempFolder folder;
    AddSlices(folder);
    json manifest = Manifest("x", kImage);
    manifest["files"] = json::array();
    manifest["studyDate"] = "2024-02-03";
    manifest["patient"] = pseudonym;
    folder.Write("study.json", manifest.dump());
    const InspectedStudy study = Inspect(folder);
    EXPECT_EQ(study.identity.patient, pseudonym);
    if (pseudonym == "P1") {
      EXPECT_THAT(ChosenImage(study).notes, testing::IsEmpty());
      continue;
    }
    ASSERT_THAT(ChosenImage(study).notes,
                testing::ElementsAre(testing::HasSubstr("patient_warning: study.json names")));
    EXPECT_THAT(ChosenImage(study).notes[0], testing::Not(testing::ContainsRegex("P-17|P1")));
  }
}

TEST(Study, TellsOfImagesThatWereLeftOut) {
  const auto left_out = testing::ElementsAre(testing::HasSubstr("study_warning: 1 files of the study's folder"));
  TempFolder dicom;
  AddSlices(dicom);
  EXPECT_THAT(ChosenImage(Inspect(dicom)).notes, testing::IsEmpty());
  dicom.Write("loose.nii", kImage);
  EXPECT_THAT(ChosenImage(Inspect(dicom)).notes, left_out);
  TempFolder listed;
  listed.Write("a.nii", kImage);
  listed.Write("study.json", Manifest("a.nii", kImage).dump());
  EXPECT_THAT(ChosenImage(Inspect(listed)).notes, testing::IsEmpty());
  listed.Write("b.nii", kImage);
  EXPECT_THAT(ChosenImage(Inspect(listed)).notes, left_out);
}

TEST(ListStudyFiles, NamesAFolderThatCannotBeRead) {
  const TempFolder folder;
  folder.Write("a.nii", kImage);
  folder.Write("x/secret/b.nii", kImage);
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
  std::filesystem::permissions(folder.path() / "x/secret", std::filesystem::perms(0));
  {
    const Unprivileged nobody;
    EXPECT_THAT([&] { (void)ListStudyFiles(folder.path()); },
                testing::ThrowsMessage<InputError>("VOLUME_UNREADABLE: x/secret: cannot be read: Permission denied"));
    EXPECT_THAT([&] { (void)ListStudyFiles(folder.path() / "x/secret"); },
                testing::ThrowsMessage<InputError>("VOLUME_UNREADABLE: secret: cannot be read: Permission denied"));
  }
  std::filesystem::permissions(folder.path() / "x/secret", std::filesystem::perms(0700));
}

TEST(Study, OfDicomAndAnotherStudyJsonIsAConflictOfIdentities) {
  TempFolder folder;
  AddSlices(folder);
  json manifest = Manifest("x", kImage);
  manifest["files"] = json::array();
  for (const bool is_uid : {true, false}) {
    if (is_uid) manifest["studyInstanceUID"] = "1.2.30";
    if (!is_uid) manifest.erase("studyInstanceUID");
    folder.Write("study.json", manifest.dump());
    try {
      (void)Inspect(folder);
      ADD_FAILURE() << "was read";
    } catch (const InputError& error) {
      EXPECT_EQ(error.code(), "IDENTITY_CONFLICT");
      EXPECT_EQ(error.verdict(), InputVerdict::kQuarantined);
      EXPECT_EQ(error.field(), is_uid ? "studyInstanceUID" : "studyDate");
    }
  }
}

TEST(Study, OfDicomThatIsListedIsHeldToItsDigests) {
  TempFolder folder;
  AddSlices(folder);
  json manifest = Manifest("slice0.dcm", MakeSlice(0));
  manifest["studyDate"] = "2024-02-03";
  for (int k = 1; k < 8; ++k) {
    manifest["files"].push_back(Manifest("slice" + std::to_string(k) + ".dcm", MakeSlice(k))["files"][0]);
  }
  folder.Write("study.json", manifest.dump());
  EXPECT_EQ(ChosenImage(Inspect(folder)).files.size(), 8U);
  std::filesystem::remove(folder.path() / "slice7.dcm");
  EXPECT_EQ(InspectError(folder), "MANIFEST_INCOMPLETE") << "7 slices would pass for a whole series";
}

// Also those that are no images, and each once, however many files have it.
TEST(Study, OfDicomCountsInstances) {
  TempFolder folder;
  AddSlices(folder);
  EXPECT_EQ(Inspect(folder).instances, 8U);
  folder.Write("again/slice3.dcm", MakeSlice(3, {}));
  folder.Write("notes.txt", "no DICOM");
  EXPECT_EQ(Inspect(folder).instances, 8U);
  folder.Write("seg.dcm", MakeSlice(3, [](DcmDataset& data) {
                 Put(data, DCM_SOPClassUID, UID_SegmentationStorage);
                 Put(data, DCM_SOPInstanceUID, "1.2.3.8");
               }));
  EXPECT_EQ(Inspect(folder).instances, 9U);
}

}  // namespace
}  // namespace dinsd
