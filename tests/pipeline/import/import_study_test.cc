#include "pipeline/import/import_study.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "pipeline/import/find_mask.h"
#include "pipeline/phantom/phantom_files.h"
#include "pipeline/read/label_file.h"
#include "pipeline/write/nifti_writer.h"
#include "tests/temp_folder.h"

namespace dinsd {
namespace {

using testing::HasSubstr;

/// A phantom's study with a mask beside its image.
class ImportStudyTest : public testing::Test {
 protected:
  ImportStudyTest() {
    WritePhantom(MakePhantom({.preset = PhantomPreset::kSmall, .seed = 4}), folder_.path());
    std::filesystem::remove(Root() / "image.nii.gz.prompts.json");
    truth = ReadLabelFile(folder_.path() / "truth/truth.nii.gz");
  }

  [[nodiscard]] std::filesystem::path Root() const { return folder_.path() / "study"; }

  [[nodiscard]] StudyResult Import(const LabelMap& mask) const {
    WriteNifti(Root() / "image.nii.gz.mask.nii.gz", mask);
    ImportRequest request{.root = Root(), .study = InspectStudy(Root(), "one", ListStudyFiles(Root()), {})};
    request.mask_sha256 = FindMask(Root(), request.study, {}, {}).mask.value().sha256;
    request.created = "2026-01-01T00:00:00Z";
    return ImportStudy(request, {});
  }

  LabelMap truth;

 private:
  TempFolder folder_;
};

TEST_F(ImportStudyTest, MeasuresTheMaskAsItIs) {
  const StudyResult result = Import(truth);
  EXPECT_EQ(result.mask.labels, truth.labels);
  EXPECT_TRUE(result.imported.has_value());
  EXPECT_FALSE(result.is_preliminary);
  EXPECT_TRUE(result.weights_sha256.empty());
  EXPECT_THAT(result.warnings, testing::IsEmpty());
  ASSERT_EQ(result.lesions.size(), 2U);
  double total = 0;
  for (const LesionResult& lesion : result.lesions) {
    const auto voxels = std::count(truth.labels.begin(), truth.labels.end(), lesion.label);
    EXPECT_DOUBLE_EQ(lesion.volume_ml, static_cast<double>(voxels) * truth.grid.VoxelVolumeMl());
    EXPECT_THAT(lesion.no_interval, HasSubstr("made by others"));
    total += lesion.volume_ml;
  }
  EXPECT_DOUBLE_EQ(result.total_ml, total);
}

TEST_F(ImportStudyTest, WarnsOfAMaskThatLiesBesideWhatTheImageShows) {
  LabelMap moved = truth;
  std::rotate(moved.labels.begin(), moved.labels.begin() + 40 * truth.grid.size[0], moved.labels.end());
  EXPECT_THAT(Import(moved).warnings, testing::Contains(HasSubstr("mask_off_edges")));
}

TEST_F(ImportStudyTest, WarnsOfALesionInSeveralPieces) {
  LabelMap mask = truth;
  const auto set = [&](const Index3& at, std::uint16_t label) {
    mask.labels.at(Offset(mask.grid.SizeZyx(), at)) = label;
  };
  std::fill(mask.labels.begin(), mask.labels.end(), std::uint16_t{0});
  set({0, 1, 1}, 1);
  set({0, 1, 4}, 1);
  set({0, 5, 1}, 2);
  set({1, 6, 2}, 2);  // by a corner it is the same piece
  const StudyResult result = Import(mask);
  ASSERT_EQ(result.lesions.size(), 2U);
  EXPECT_THAT(result.lesions[0].warnings, testing::Contains(HasSubstr("2 separate parts")));
  EXPECT_THAT(result.lesions[1].warnings, testing::Not(testing::Contains(HasSubstr("separate parts"))));
}

TEST_F(ImportStudyTest, AnotherMaskThanTheOneThatWasQueuedIsNotTaken) {
  WriteNifti(Root() / "image.nii.gz.mask.nii.gz", truth);
  ImportRequest request{.root = Root(), .study = InspectStudy(Root(), "one", ListStudyFiles(Root()), {})};
  request.mask_sha256 = std::string(64, 'a');
  try {
    (void)ImportStudy(request, {});
    FAIL();
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), "INPUT_CHANGED");
  }
}

}  // namespace
}  // namespace dinsd
