#include "pipeline/phantom/phantom_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>

#include "pipeline/phantom/phantom_json.h"
#include "pipeline/prompt/prompts.h"
#include "pipeline/read/digest.h"
#include "pipeline/read/study.h"
#include "pipeline/read/volume_file.h"
#include "tests/program_output.h"
#include "tests/temp_folder.h"

namespace dinsd {
namespace {

using testing::ElementsAre;
using Json = nlohmann::json;

const PhantomOptions kOptions{PhantomPreset::kSmall, 5, 1};

std::string Bytes(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::map<std::string, std::string> AllFiles(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files[entry.path().lexically_relative(folder)] = Bytes(entry.path());
  }
  return files;
}

std::vector<std::string> NamesIn(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& [name, bytes] : AllFiles(folder)) names.push_back(name);
  return names;
}

class PhantomFiles : public testing::TestWithParam<PhantomFormat> {
 protected:
  static std::string StudyFolder() { return GetParam() == PhantomFormat::kNifti ? "study" : "dicom"; }
};

TEST_P(PhantomFiles, AreTheSameBytesTwice) {
  const TempFolder a, b;
  WritePhantom(MakePhantom(kOptions), a.path(), GetParam());
  WritePhantom(MakePhantom(kOptions), b.path(), GetParam());
  EXPECT_EQ(AllFiles(a.path()), AllFiles(b.path()));
}

TEST_P(PhantomFiles, KeepTheTruthOutOfTheStudy) {
  const TempFolder folder;
  WritePhantom(MakePhantom(kOptions), folder.path(), GetParam());
  EXPECT_THAT(NamesIn(folder.path() / "truth"), ElementsAre("truth.json", "truth.nii.gz"));
  for (const std::string& name : NamesIn(folder.path() / StudyFolder()))
    EXPECT_THAT(name, Not(testing::HasSubstr("truth")));
}

INSTANTIATE_TEST_SUITE_P(Formats, PhantomFiles, testing::Values(PhantomFormat::kNifti, PhantomFormat::kNiftiAndDicom),
                         [](const auto& info) { return info.param == PhantomFormat::kNifti ? "nifti" : "dicom"; });

TEST(PhantomNifti, ReadsBackAsItWas) {
  const TempFolder folder;
  const Phantom phantom = MakePhantom(kOptions);
  WritePhantom(phantom, folder.path());
  EXPECT_THAT(NamesIn(folder.path() / "study"), ElementsAre("image.nii.gz", "image.nii.gz.prompts.json", "study.json"));
  const Volume image = ReadVolumeFile(folder.path() / "study/image.nii.gz");
  EXPECT_EQ(image.voxels, phantom.image.voxels);
  EXPECT_EQ(image.grid.size, phantom.image.grid.size);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(image.grid.origin[i], phantom.image.grid.origin[i], 1e-4);
  for (std::size_t i = 0; i < 9; ++i) EXPECT_NEAR(image.grid.direction[i], phantom.image.grid.direction[i], 1e-6);
  const Volume truth = ReadVolumeFile(folder.path() / "truth/truth.nii.gz");
  for (std::size_t v = 0; v < truth.voxels.size(); ++v)
    ASSERT_EQ(truth.voxels[v], static_cast<float>(phantom.truth.labels[v]));
}

TEST(PhantomNifti, TiesManifestAndClicksToTheImageByDigest) {
  const TempFolder folder;
  WritePhantom(MakePhantom(kOptions), folder.path());
  const std::string bytes = Bytes(folder.path() / "study/image.nii.gz");
  const std::string digest = Sha256Hex(std::as_bytes(std::span(bytes)));
  const Json study = Json::parse(Bytes(folder.path() / "study/study.json"));
  EXPECT_EQ(study["schema"], "dinsd-study/1");
  EXPECT_EQ(study["patient"], "PHANTOM-small-5");
  EXPECT_EQ(study["studyDate"], "2021-03-15");
  ASSERT_EQ(study["files"].size(), 1U);
  EXPECT_EQ(study["files"][0]["name"], "image.nii.gz");
  EXPECT_EQ(study["files"][0]["size"], bytes.size());
  EXPECT_EQ(study["files"][0]["sha256"], digest);
  const Json prompts = Json::parse(Bytes(folder.path() / "study/image.nii.gz.prompts.json"));
  EXPECT_EQ(prompts["schema"], "dinsd-prompts/1");
  EXPECT_EQ(prompts["image"]["sha256"], digest);
  EXPECT_EQ(prompts["space"], "LPS-mm");
}

TEST(PhantomNifti, StatesWhatIsTrue) {
  const TempFolder folder;
  const Phantom phantom = MakePhantom({PhantomPreset::kSmall, 5, 2});
  WritePhantom(phantom, folder.path());
  const Json truth = Json::parse(Bytes(folder.path() / "truth/truth.json"));
  ASSERT_EQ(truth["lesions"].size(), phantom.lesions.size());
  for (std::size_t n = 0; n < phantom.lesions.size(); ++n) {
    EXPECT_EQ(truth["lesions"][n]["label"], n + 1);
    EXPECT_EQ(truth["lesions"][n]["id"], phantom.lesions[n].id);
    EXPECT_NEAR(truth["lesions"][n]["voxelMl"].get<double>(), phantom.lesions[n].voxel_ml, 1e-4);
    EXPECT_NEAR(truth["lesions"][n]["changeFactor"].get<double>(), phantom.lesions[n].change_factor, 1e-4);
  }
}

TEST(PhantomIdentities, DifferBySeedAndVisitButNotByPatient) {
  const PhantomIdentity first = IdentityOf({PhantomPreset::kSmall, 5, 1}),
                        second = IdentityOf({PhantomPreset::kSmall, 5, 2}),
                        other = IdentityOf({PhantomPreset::kSmall, 6, 1});
  EXPECT_EQ(first.patient, second.patient);
  EXPECT_NE(first.patient, other.patient);
  EXPECT_NE(first.study_uid, second.study_uid);
  EXPECT_NE(first.study_uid, other.study_uid);
  EXPECT_NE(first.study_uid, first.series_uid);
  EXPECT_LT(first.study_date, second.study_date);
  EXPECT_LE(first.series_uid.size(), 64U);
  EXPECT_THAT(first.series_uid, testing::StartsWith("2.25."));
  EXPECT_NE(first.series_uid[5], '0');
}

TEST_P(PhantomFiles, AreReadAsAStudyWithItsClicks) {
  const TempFolder folder;
  const Phantom phantom = MakePhantom(kOptions);
  WritePhantom(phantom, folder.path(), GetParam());
  const std::filesystem::path root = folder.path() / StudyFolder();
  const InspectedStudy study = InspectStudy(root, "study", ListStudyFiles(root), {});
  EXPECT_EQ(study.identity.patient, "PHANTOM-small-5");
  EXPECT_EQ(study.identity.study_date, "2021-03-15");
  const StudyImage& image = ChosenImage(study);
  EXPECT_EQ(image.series_uid, IdentityOf(kOptions).series_uid);
  const Volume volume = ReadStudyImage(root, image, {});
  EXPECT_EQ(volume.voxels, phantom.image.voxels);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(volume.grid.origin[i], phantom.image.grid.origin[i], 1e-4);
    EXPECT_NEAR(volume.grid.spacing[i], phantom.image.grid.spacing[i], 1e-5);
  }
  for (std::size_t i = 0; i < 9; ++i) EXPECT_NEAR(volume.grid.direction[i], phantom.image.grid.direction[i], 1e-6);
  ASSERT_EQ(study.prompt_files.size(), 1U);
  const std::string bytes = Bytes(root / study.prompt_files[0]);
  const Prompts prompts = ParsePrompts(std::as_bytes(std::span(bytes)), study.prompt_files[0]);
  ASSERT_EQ(prompts.lesions.size(), phantom.lesions.size());
  for (std::size_t n = 0; n < phantom.lesions.size(); ++n) {
    EXPECT_EQ(prompts.lesions[n].id, phantom.lesions[n].id);
    for (std::size_t c = 0; c < phantom.lesions[n].clicks_lps.size(); ++c)
      EXPECT_EQ(prompts.lesions[n].clicks[c].p, phantom.lesions[n].clicks_lps[c]);
  }
}

TEST(PhantomDicom, IsValidToDciodvfy) {
  if (std::system("command -v dciodvfy > /dev/null 2>&1") != 0) GTEST_SKIP() << "needs dciodvfy (Debian: dicom3tools)";
  const TempFolder folder;
  WritePhantom(MakePhantom(kOptions), folder.path(), PhantomFormat::kNiftiAndDicom);
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path() / "dicom")) {
    if (entry.path().extension() != ".dcm") continue;
    ++files;
    const std::string output = OutputOf("dciodvfy '" + entry.path().string() + "'");
    EXPECT_THAT(output, testing::HasSubstr("MRImage"));
    EXPECT_THAT(output, Not(testing::HasSubstr("Error")));
  }
  EXPECT_EQ(files, 8);
}

}  // namespace
}  // namespace dinsd
