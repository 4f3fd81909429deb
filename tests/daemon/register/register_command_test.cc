#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "pipeline/followup/registration_file.h"
#include "pipeline/phantom/phantom_files.h"
#include "pipeline/read/label_file.h"
#include "pipeline/read/volume_file.h"
#include "pipeline/write/nifti_writer.h"
#include "tests/daemon/run_dins.h"
#include "tests/temp_folder.h"

namespace dinsd {
namespace {

using testing::HasSubstr;
using testing::UnorderedElementsAre;

// Two visits of one patient.
class RegisterTest : public testing::Test {
 protected:
  RegisterTest() {
    for (const int timepoint : {1, 2})
      WritePhantom(MakePhantom({PhantomPreset::kSmall, 3, timepoint}), Folder(timepoint));
  }

  [[nodiscard]] std::filesystem::path Folder(int timepoint) const { return folder_.path() / std::to_string(timepoint); }
  [[nodiscard]] std::string In(const std::string& file) const { return (folder_.path() / file).string(); }

  [[nodiscard]] Ran Register(const std::string& words) const {
    return Dins("register " + In("1/study") + " " + In("2/study") + " " + words);
  }

  [[nodiscard]] std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
      names.push_back(entry.path().filename().string());
    return names;
  }

  TempFolder folder_;
};

TEST_F(RegisterTest, WritesWhatWasFoundAndFindsItAgain) {
  const std::string mask = " --no-round-trip --mask " + In("1/truth/truth.nii.gz") + " --cache " + In("cache");
  const Ran ran = Register("--out " + In("out") + mask);
  ASSERT_EQ(ran.status, 0) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("deformable"));
  EXPECT_THAT(ran.output, HasSubstr("left"));  // time left
  EXPECT_THAT(ran.output, HasSubstr("the prior is "));
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(In("out")))
    files.push_back(entry.path().filename().string());
  EXPECT_THAT(files, UnorderedElementsAre("prior_image.nii.gz", "prior_mask.nii.gz", "transform.json",
                                          "registration.json", "registration.png"));
  const GridGeometry today = ReadVolumeFile(In("2/study/image.nii.gz")).grid;
  EXPECT_EQ(ReadVolumeFile(In("out/prior_image.nii.gz")).grid.size, today.size);
  const auto report = nlohmann::json::parse(ReadText(In("out/registration.json")));
  const LabelMap warped = ReadLabelFile(In("out/prior_mask.nii.gz"));
  for (const auto& lesion : report.at("lesions"))
    EXPECT_EQ(std::count(warped.labels.begin(), warped.labels.end(), lesion.at("label").get<std::uint16_t>()),
              lesion.at("voxels_today").get<std::int64_t>());
  EXPECT_EQ(ReadRegistration(In("out/transform.json")).key, report.at("key").get<std::string>());
  EXPECT_THAT(Names(), UnorderedElementsAre("1", "2", "out", "cache"));

  const Ran again = Register("--no-mirror --out " + In("again") + mask);
  ASSERT_EQ(again.status, 0) << again.output;
  EXPECT_THAT(again.output, HasSubstr("registration found again"));
  EXPECT_EQ(ReadText(In("again/transform.json")), ReadText(In("out/transform.json")));
  EXPECT_EQ(ReadText(In("again/prior_mask.nii.gz")), ReadText(In("out/prior_mask.nii.gz")));
}

TEST_F(RegisterTest, LeavesNothingWhereItFails) {
  EXPECT_THAT(Register("--time-limit 0.001 --out " + In("out")).output, HasSubstr("REG_TIME_LIMIT"));
  LabelMap mask = ReadLabelFile(In("1/truth/truth.nii.gz"));
  std::fill(mask.labels.begin(), mask.labels.end(), 0);
  WriteNifti(In("empty.nii.gz"), mask);
  const Ran empty = Register("--mask " + In("empty.nii.gz") + " --out " + In("out"));
  EXPECT_EQ(empty.status, 1);
  EXPECT_THAT(empty.output, HasSubstr("holds no lesion"));
  const Ran inside = Register("--out " + In("1/study/out"));
  EXPECT_THAT(inside.output, HasSubstr("inputs are never written to"));
  std::filesystem::create_directory(In("there"));
  EXPECT_THAT(Register("--out " + In("there")).output, HasSubstr("exists already"));
  EXPECT_THAT(Names(), UnorderedElementsAre("1", "2", "empty.nii.gz", "there"));
}

}  // namespace
}  // namespace dinsd
