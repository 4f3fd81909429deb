#include "pipeline/longitudinal/image_comparer.h"

#include <gmock/gmock.h>

#include "pipeline/write/nifti_writer.h"
#include "tests/pipeline/followup/made_map.h"
#include "tests/pipeline/longitudinal/made_history.h"
#include "tests/temp_folder.h"

namespace dinsd {
namespace {

using testing::ElementsAre;

// A study that came without clicks has its prior's mask beside its own. That of lesion 1 came to lie in its image, that
// of lesion 2 beyond its end, which its result does not say.
TEST(ImageComparerTest, WhatHasNoVoxelInTheOtherImageIsNotImaged) {
  const TempFolder folder;
  const GridGeometry grid = CoronalGrid({8, 8, 4}, {2, 2, 8});
  LabelMap mask{grid, std::vector<std::uint16_t>(grid.SizeZyx().VoxelCount(), 0)};
  WriteNifti(folder.path() / "mask.nii.gz", mask);
  mask.labels[100] = 1;
  WriteNifti(folder.path() / "prior_mask.nii.gz", mask);
  PatientTimepoint followed = MadeTimepoint("2021-01-01", {});
  followed.followed = FollowedFrom{1, 1, "2020-01-01", {}, {}};
  followed.place.result = folder.path();
  const std::vector<PatientTimepoint> timepoints = {MadeTimepoint("2020-01-01", {MadeLesion(1, 2), MadeLesion(2, 3)}),
                                                    followed};
  StudyShelf shelf(timepoints, {});
  ImageComparer comparer(timepoints, shelf, {}, {});
  const PlaceAnswer answer = comparer.Compare({0, 1, {1, 2}, {}, {}});
  EXPECT_EQ(answer.not_compared, "");
  EXPECT_THAT(answer.not_imaged, ElementsAre(2));
  EXPECT_TRUE(answer.place_later.contains(1));
}

}  // namespace
}  // namespace dinsd
