#include "pipeline/segment/intensity_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/read/input_error.h"
#include "tests/pipeline/segment/study_kit.h"

namespace dinsd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Half air, which is 0, and half tissue of 10, 11, ... 109.
Volume Body() {
  Volume volume{PlainGrid({20, 20, 20}), {}};
  for (int at = 0; at < 8000; ++at) volume.voxels.push_back(at % 2 == 0 ? 0.F : static_cast<float>(10 + at / 2 % 100));
  return volume;
}

Volume WithVoxel(const Ijk& v, float value) {
  Volume volume = Body();
  volume.voxels[Offset(volume.grid.SizeZyx(), {v[2], v[1], v[0]})] = value;
  return volume;
}

std::string Refusal(const Volume& volume) {
  try {
    (void)CheckIntensities(volume, "a.nii");
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(CheckIntensities, LetsPassWhatAScannerMakes) {
  EXPECT_THAT(CheckIntensities(Body(), "a.nii"), IsEmpty());
  EXPECT_THAT(CheckIntensities(WithVoxel({3, 4, 5}, 99 * 108), "a.nii"), IsEmpty());
  EXPECT_THAT(CheckIntensities(WithVoxel({3, 4, 5}, -1024), "a.nii"), IsEmpty());
}

TEST(CheckIntensities, WarnsOfAVoxelThatWeakensTheContrast) {
  for (const float value : {101.F * 108, -101.F * 108, 999.F * 108}) {
    EXPECT_THAT(CheckIntensities(WithVoxel({3, 4, 5}, value), "a.nii"),
                ElementsAre(testing::AllOf(testing::StartsWith("INTENSITY_OUTLIER: voxel (3, 4, 5) is "),
                                           HasSubstr("more than 100 times what nearly all others stay below (109)"))));
  }
}

TEST(CheckIntensities, RefusesAVoxelThatLeavesNoContrast) {
  EXPECT_THAT(Refusal(WithVoxel({19, 0, 7}, 3e38F)),
              testing::AllOf(testing::StartsWith("INTENSITY_OUTLIER: a.nii [voxels]: voxel (19, 0, 7) is 3e+38"),
                             HasSubstr("more than 1000 times")));
  EXPECT_THAT(Refusal(WithVoxel({19, 0, 7}, -3e38F)), HasSubstr("INTENSITY_OUTLIER"));
}

TEST(CheckIntensities, SeesOutliersThatAreMany) {
  Volume volume = Body();
  for (std::size_t at = 1; at < 60; at += 2) volume.voxels[at] = 1e9F;
  EXPECT_THAT(Refusal(volume), HasSubstr("INTENSITY_OUTLIER"));
}

TEST(CheckIntensities, TakesNoEmptyAirForTheBulk) {
  Volume volume = Body();
  for (std::size_t at = 400; at < volume.voxels.size(); ++at) volume.voxels[at] = 0;
  EXPECT_THAT(CheckIntensities(volume, "a.nii"), IsEmpty());
}

TEST(CheckIntensities, RefusesOneValue) {
  for (const float value : {0.F, 7.F}) {
    Volume volume = Body();
    volume.voxels.assign(volume.voxels.size(), value);
    EXPECT_THAT(Refusal(volume), HasSubstr("NO_CONTRAST"));
  }
}

}  // namespace
}  // namespace dinsd
