#include "pipeline/read/label_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/read/input_error.h"
#include "tests/pipeline/read/nifti_bytes.h"
#include "tests/random.h"
#include "tests/temp_folder.h"
#include "tests/test_data.h"

namespace dinsd {
namespace {

const GridGeometry kGrid = {.size = {30, 20, 10}};
constexpr std::size_t kVoxels = std::size_t{30} * 20 * 10;

// The NIfTI file of these voxels, on kGrid.
std::string FileOf(const std::vector<float>& voxels) {
  NiftiBytes file;
  for (const std::size_t axis : {0U, 1U, 2U}) file.Set(42 + 2 * axis, static_cast<std::int16_t>(kGrid.size[axis]));
  file.Set<std::int16_t>(70, 16).Set<std::int16_t>(72, 32).Resize(352 + sizeof(float) * voxels.size());
  std::memcpy(file.bytes().data() + 352, voxels.data(), sizeof(float) * voxels.size());
  return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

std::string ErrorOf(const std::vector<float>& voxels) {
  const TempFolder folder;
  folder.Write("map.nii", FileOf(voxels));
  try {
    (void)ReadLabelFile(folder.path() / "map.nii");
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(ReadLabelFile, RefusesWhatIsNoLabel) {
  for (const auto& [value, shown] : {std::pair(0.5F, "0.5"), {-1.0F, "-1"}, {65536.0F, "65536"}, {3e38F, "3e+38"}}) {
    std::vector<float> voxels(kVoxels);
    voxels[37] = value;
    EXPECT_THAT(ErrorOf(voxels), testing::StartsWith("LABEL_VALUE: map.nii: voxel (7, 1, 0) is " + std::string(shown)));
  }
}

// Whole numbers as a scanner stores them, with noise in air.
std::vector<float> NoisyImage(TestRandom& random, std::int64_t values) {
  std::vector<float> voxels(kVoxels);
  for (float& v : voxels) v = static_cast<float>(random.Below(values));
  return voxels;
}

TEST(ReadLabelFile, RefusesAnImageOfWholeNumbers) {
  TestRandom random(31);
  for (const std::int64_t values : {40, 256, 1000}) {
    EXPECT_THAT(ErrorOf(NoisyImage(random, values)),
                testing::AllOf(testing::StartsWith("NOT_A_MASK: map.nii: "),
                               testing::HasSubstr(" different values above 0, and of "),
                               testing::HasSubstr(" pairs of neighbours ")));
  }
  EXPECT_THAT(ErrorOf(NoisyImage(random, 30000)), testing::HasSubstr("4096 allowed"));
}

TEST(ReadLabelFile, TakesManyLesionsAndPoorMasks) {
  std::vector<float> voxels(kVoxels, 1);
  EXPECT_EQ(ErrorOf(voxels), "") << "a prediction of tumour everywhere is bad, but a mask";
  for (std::size_t at = 0; at < kVoxels; ++at) voxels[at] = static_cast<float>(1 + at / 100);
  EXPECT_EQ(ErrorOf(voxels), "") << "60 lesions side by side";
  TestRandom random(32);
  EXPECT_EQ(ErrorOf(NoisyImage(random, 10)), "") << "so few labels may lie as they like";
}

TEST(ReadLabelFile, TellsRealImagesFromRealMasks) {
  DINSD_REQUIRE_DATA("sts_mr/images");
  for (const char* name : {"STS_001.nii.gz", "STS_018.nii.gz"}) {
    EXPECT_NO_THROW((void)ReadLabelFile(*TestData() / "sts_mr/masks" / name));
    EXPECT_THAT([&] { (void)ReadLabelFile(*TestData() / "sts_mr/images" / name); },
                testing::Throws<InputError>(testing::Property(&InputError::code, "NOT_A_MASK")));
  }
}

}  // namespace
}  // namespace dinsd
