#include "daemon/inspection/inspect_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/intake/folder_scan.h"
#include "daemon/messages/job_key.h"
#include "pipeline/read/digest.h"
#include "tests/pipeline/read/nifti_bytes.h"
#include "tests/temp_folder.h"

namespace dinsd {
namespace {

std::string TextOf(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string DigestOf(const std::string& text) {
  return Sha256Hex(std::as_bytes(std::span(text)));
}

const std::string kImage = TextOf(NiftiBytes().Gzip());

std::string Clicks(const std::string& sha256) {
  return nlohmann::json{{"schema", "dinsd-prompts/1"},
                        {"image", {{"seriesInstanceUID", "2.25.7"}, {"sha256", sha256}}},
                        {"space", "LPS-mm"},
                        {"lesions", {{{"id", "L1"}, {"clicks", {{{"p", {10, -20, 30}}, {"sign", "+"}}}}}}},
                        {"provenance", {{"source", "human"}, {"created", "2024-11-01T09:30:00Z"}}}}
      .dump();
}

std::string StudyJson() {
  return nlohmann::json{{"schema", "dinsd-study/1"},
                        {"patient", "P-17"},
                        {"studyDate", "2024-03-02"},
                        {"files", {{{"name", "image.nii.gz"}, {"size", kImage.size()}, {"sha256", DigestOf(kImage)}}}}}
      .dump();
}

ReaderAnswer Inspect(const TempFolder& folder) {
  return InspectFolder(folder.path(), {"study", ListStudyFiles(folder.path()), {}});
}

std::string CodeOf(const ReaderAnswer& answer) {
  return answer.problem ? answer.problem->code : "";
}

TEST(InspectFolder, MakesTheSameOfAStudyWhereverItsFilesLie) {
  const TempFolder top, below;
  for (const auto& [folder, prefix] : {std::pair{&top, ""}, {&below, "st/ser/"}}) {
    folder->Write(std::string(prefix) + "image.nii.gz", kImage);
    folder->Write(std::string(prefix) + "study.json", StudyJson());
    folder->Write(std::string(prefix) + "image.nii.gz.prompts.json", Clicks(DigestOf(kImage)));
  }
  const ReaderAnswer at_top = Inspect(top), further_below = Inspect(below);
  ASSERT_EQ(CodeOf(at_top), "");
  ASSERT_EQ(CodeOf(further_below), "");
  EXPECT_TRUE(further_below.study->has_manifest);
  EXPECT_EQ(further_below.study->identity.patient, "P-17");
  EXPECT_EQ(InputsDigest(*further_below.study), InputsDigest(*at_top.study));
  EXPECT_EQ(further_below.prompts_sha256, at_top.prompts_sha256);
}

// As the daemon asks: the files that its scan gave to the study, in the watched folder.
ReaderAnswer InspectScanned(const TempFolder& watched, const std::string& name) {
  ReaderRequest request{name, {}, {}};
  const StudySnapshot study = ScanStudy(watched.path(), name).value();
  for (const FileStamp& file : study.files) request.files.push_back(file.path);
  return InspectFolder(watched.path(), request);
}

TEST(InspectFolder, ReadsALoneImageAndItsClicksApartFromANeighbourOfTheSameName) {
  const TempFolder watched;
  const std::string plain = TextOf(NiftiBytes().bytes());
  for (const auto& [name, bytes] : {std::pair{"pat.nii", plain}, {"pat.nii.gz", kImage}}) {
    watched.Write(name, bytes);
    watched.Write(std::string(name) + ".prompts.json", Clicks(DigestOf(bytes)));
  }
  for (const std::string name : {"pat.nii", "pat.nii.gz"}) {
    const ReaderAnswer answer = InspectScanned(watched, name);
    ASSERT_EQ(CodeOf(answer), "") << name;
    EXPECT_THAT(ChosenImage(*answer.study).files, testing::ElementsAre(name));
    EXPECT_EQ(answer.prompts_file, name + ".prompts.json");
  }
  watched.Write("pat.nii", plain.substr(0, 100));
  EXPECT_EQ(CodeOf(InspectScanned(watched, "pat.nii")), "NIFTI_TRUNCATED") << "its neighbour is no stand-in";
}

TEST(InspectFolder, SaysWhatIsWrongWithADamagedImageThatWasClickedOn) {
  for (const auto& [name, bytes] :
       {std::pair{"half", kImage.substr(0, kImage.size() / 2)}, {"empty", std::string()}, {"text", "no image"}}) {
    const TempFolder folder;
    folder.Write("image.nii.gz", bytes);
    folder.Write("image.nii.gz.prompts.json", Clicks(DigestOf(kImage)));
    EXPECT_EQ(CodeOf(Inspect(folder)), "NIFTI_TRUNCATED") << name;
    EXPECT_EQ(Inspect(folder).problem->verdict, InputVerdict::kRejected) << name;
  }
}

TEST(InspectFolder, QuarantinesClicksOnOtherBytes) {
  const TempFolder folder;
  folder.Write("image.nii.gz", kImage + std::string(4, '\0'));
  folder.Write("image.nii.gz.prompts.json", Clicks(DigestOf(kImage)));
  const ReaderAnswer answer = Inspect(folder);
  ASSERT_TRUE(answer.prompts_problem);
  EXPECT_EQ(answer.prompts_problem->code, "PROMPT_IMAGE_MISMATCH");
  EXPECT_THAT(answer.prompts_problem->sentence, testing::HasSubstr("sha256 of image.nii.gz differs"));
}

TEST(InspectFolder, WaitsForTheImagesOfClicks) {
  const TempFolder folder;
  folder.Write("image.nii.gz.prompts.json", Clicks(DigestOf(kImage)));
  EXPECT_EQ(CodeOf(Inspect(folder)), kNoImages);
  folder.Write("scan.jpg", "no image that we read");
  EXPECT_EQ(CodeOf(Inspect(folder)), "SERIES_NOT_FOUND") << "something came, and is not what is needed";
  folder.Write("image.nii.gz", kImage);
  EXPECT_EQ(CodeOf(Inspect(folder)), "");
}

TEST(InspectFolder, AsksForBetterPromptsWhereTheFileIsTooLarge) {
  const TempFolder folder;
  folder.Write("image.nii.gz", kImage);
  folder.Write("image.nii.gz.prompts.json", std::string((16U << 20U) + 1, ' '));
  const ReaderAnswer answer = Inspect(folder);
  EXPECT_EQ(CodeOf(answer), "");
  ASSERT_TRUE(answer.prompts_problem);
  EXPECT_EQ(answer.prompts_problem->code, "PROMPT_SCHEMA");
  EXPECT_EQ(answer.prompts_problem->verdict, InputVerdict::kNeedsPrompts);
}

}  // namespace
}  // namespace dinsd
