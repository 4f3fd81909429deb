#include "pipeline/segment/intensity_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <string>

#include "pipeline/read/input_error.h"
#include "pipeline/read/volume_file.h"
#include "tests/pipeline/segment/study_kit.h"
#include "tests/test_data.h"

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

Volume Times(Volume volume, float factor) {
  for (float& v : volume.voxels) v *= factor;
  return volume;
}

// The first voxels, `share` of them all, hold one value.
Volume Padded(Volume volume, double share, float value) {
  const auto count = static_cast<std::ptrdiff_t>(share * static_cast<double>(volume.voxels.size()));
  std::fill_n(volume.voxels.begin(), count, value);
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
}

TEST(CheckIntensities, WarnsOfFewVoxelsBelowZeroAndRefusesMore) {
  EXPECT_THAT(CheckIntensities(WithVoxel({3, 4, 5}, -1024), "a.nii"),
              ElementsAre("NEGATIVE_INTENSITY: 0.013 % of the voxels are below 0, the least is -1024: the network has "
                          "seen none"));
  for (const double share : {0.002, 0.02, 0.3, 0.9}) {
    for (const float value : {-1.F, -1000.F}) {
      EXPECT_THAT(Refusal(Padded(Body(), share, value)), HasSubstr("NEGATIVE_INTENSITY: a.nii [voxels]: "))
          << share << " " << value;
    }
  }
}

// As a viewer exports it: one lesion of a phantom grew from 17 to 146 mL.
TEST(CheckIntensities, RefusesAnImageFromWhichSomethingWasSubtracted) {
  Volume volume = Body();
  for (float& v : volume.voxels) v -= 20;
  EXPECT_THAT(Refusal(volume), testing::AllOf(HasSubstr("NEGATIVE_INTENSITY"), HasSubstr("as the scanner stored it")));
}

TEST(CheckIntensities, LetsPassRealImages) {
  for (const std::string set : {"hippocampus/images", "sts_mr/images", "sts_pet/images"}) {
    DINSD_REQUIRE_DATA(set);
    for (const auto& entry : std::filesystem::directory_iterator(*TestData() / set)) {
      EXPECT_THAT(CheckIntensities(ReadVolumeFile(entry.path()), entry.path().filename()), IsEmpty()) << entry.path();
    }
  }
}

TEST(CheckIntensities, WarnsOfAVoxelThatWeakensTheContrast) {
  for (const float value : {101.F * 108, 999.F * 108}) {
    EXPECT_THAT(CheckIntensities(WithVoxel({3, 4, 5}, value), "a.nii"),
                ElementsAre(testing::AllOf(testing::StartsWith("INTENSITY_OUTLIER: voxel (3, 4, 5) is "),
                                           HasSubstr("more than 100 times what nearly all others stay below (108)"))));
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

TEST(CheckIntensities, SeesOneAbsurdValueInAnyShareOfTheVoxels) {
  for (const double share : {0.002, 0.009, 0.012, 0.03, 0.2, 0.9}) {
    for (const float value : {65535.F, 1e5F, 1e30F, -32768.F, -1e30F}) {
      EXPECT_THAT(Refusal(Padded(Body(), share, value)),
                  testing::AllOf(HasSubstr("INTENSITY_OUTLIER"), HasSubstr("more than 100 times")))
          << share << " " << value;
    }
  }
}

TEST(CheckIntensities, WarnsOfARepeatedValueWithItsShare) {
  EXPECT_THAT(CheckIntensities(Padded(Times(Body(), 8), 0.2, 65535.F), "a.nii"),  // 76 times the bulk
              ElementsAre(testing::AllOf(HasSubstr("voxel (0, 0, 0) is "), HasSubstr(" (as 20 % of all voxels are)"),
                                         HasSubstr("more than 10 times what nearly all others stay below (864)"))));
  EXPECT_THAT(CheckIntensities(Padded(Body(), 0.001, 50 * 109), "a.nii"), IsEmpty()) << "is not repeated enough";
}

TEST(CheckIntensities, LetsPassSaturationAndModestPadding) {
  for (const double share : {0.002, 0.02, 0.3, 0.9}) {
    for (const float value : {110.F, 255.F, 9.F * 109}) {
      EXPECT_THAT(CheckIntensities(Padded(Body(), share, value), "a.nii"), IsEmpty()) << share << " " << value;
    }
  }
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

TEST(CheckIntensities, RefusesValuesOnAnOffsetThatLeavesNoRoomForThem) {
  for (const float offset : {1e9F, -1e9F}) {
    Volume volume = Body();
    for (float& v : volume.voxels) v += offset;
    EXPECT_THAT(Refusal(volume), HasSubstr("only steps of 64 apart: subtract the offset"));
  }
  Volume volume = Body();
  for (float& v : volume.voxels) v += 300;
  EXPECT_THAT(CheckIntensities(volume, "a.nii"), IsEmpty());
}

// The 1e-8 that the normalisation adds to the standard deviation would take the contrast from it.
TEST(CheckIntensities, RefusesValuesTooSmallToNormalise) {
  for (const float factor : {1e-30F, 1e-12F, 1e-8F, 3e-6F}) {
    EXPECT_THAT(Refusal(Times(Body(), factor)), testing::AllOf(testing::StartsWith("NO_CONTRAST: a.nii [voxels]: "),
                                                               HasSubstr("a standard deviation of "),
                                                               HasSubstr("adds 1e-8"), HasSubstr("smaller unit")))
        << factor;
  }
  EXPECT_THAT(CheckIntensities(Times(Body(), 4e-6F), "a.nii"), IsEmpty());
}

TEST(CheckIntensities, TakesTheDeviationOfWhatIsNormalised) {
  Volume volume = Body();
  for (float& v : volume.voxels) v = v == 0 ? -300.F : 7.F;
  EXPECT_THAT(Refusal(volume), HasSubstr("a standard deviation of 0, less than 0.0001"));
}

}  // namespace
}  // namespace dinsd
