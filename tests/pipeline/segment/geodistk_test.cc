// The geodesic guide maps against those that GeodisTK itself made.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "gpu/guide_map.h"
#include "pipeline/read/volume_file.h"
#include "tests/test_data.h"

namespace dinsd {
namespace {

constexpr Index3 kSeed{10, 60, 70};  // z y x
constexpr double kTolerance = 1e-5;  // relative to the map's own value, at least 1

Volume Read(const char* name) {
  return ReadVolumeFile(*TestData() / "small/geodistk" / name, {});
}

Vec3 SpacingOf(const Volume& volume) {
  return {volume.grid.spacing[2], volume.grid.spacing[1], volume.grid.spacing[0]};
}

double WorstDifference(const std::vector<float>& got, const std::vector<float>& expected) {
  double worst = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double scale = std::max(1.0, static_cast<double>(expected[i]));
    worst = std::max(worst, std::abs(static_cast<double>(got[i]) - expected[i]) / scale);
  }
  return worst;
}

TEST(GeodisTk, ItsRasterScansAreOurs) {
  DINSD_REQUIRE_DATA("small/geodistk");
  const Volume image = Read("image3d_sub.nii.gz");
  std::vector<float> map(image.voxels.size());
  for (const auto& [name, lambda] : {std::pair{"image3d_dis2.nii.gz", 1.0}, std::pair{"image3d_dis3.nii.gz", 0.0}}) {
    GeodesicGuideMap(image.grid.SizeZyx(), std::vector{kSeed}, image.voxels,
                     {.lambda = lambda, .spacing = SpacingOf(image), .iterations = 4}, map);
    EXPECT_LE(WorstDifference(map, Read(name).voxels), kTolerance) << name;
  }
}

TEST(GeodisTk, ItsFastMarchingIsTheExactMap) {
  DINSD_REQUIRE_DATA("small/geodistk");
  const Volume image = Read("image3d_sub.nii.gz");
  std::vector<float> map(image.voxels.size());
  ExactGeodesicGuideMap(image.grid.SizeZyx(), std::vector{kSeed}, image.voxels,
                        {.lambda = 1, .spacing = SpacingOf(image)}, map);
  EXPECT_LE(WorstDifference(map, Read("image3d_dis1.nii.gz").voxels), kTolerance);
}

}  // namespace
}  // namespace dinsd
