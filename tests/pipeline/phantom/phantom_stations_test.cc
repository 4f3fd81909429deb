#include "pipeline/phantom/phantom_stations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <span>

#include "pipeline/phantom/phantom_files.h"
#include "pipeline/phantom/phantom_json.h"
#include "pipeline/prompt/pairing.h"
#include "pipeline/prompt/resolve_stations.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/read/station_image.h"
#include "tests/program_output.h"
#include "tests/temp_folder.h"

namespace dinsd {
namespace {

constexpr PhantomOptions kOptions{PhantomPreset::kSmall, 5, 1};

std::vector<std::string> FilesOf(const std::filesystem::path& folder) {
  std::vector<std::string> files;
  for (const std::string& file : ListStudyFiles(folder)) {
    if (file.ends_with(".dcm")) files.push_back(file);
  }
  return files;
}

TEST(PhantomStations, AreTheImageInOverlappingParts) {
  const Phantom phantom = MakePhantom(kOptions);
  const std::vector<Volume> stations = CutIntoStations(phantom, {.count = 4, .overlap_mm = 20});
  ASSERT_EQ(stations.size(), 4U);
  const GridGeometry& whole = phantom.image.grid;
  std::int64_t rows = 0;
  for (const Volume& station : stations) {
    rows += station.grid.size[1];
    EXPECT_EQ(station.voxels.size(), station.grid.SizeZyx().VoxelCount());
    EXPECT_EQ(station.grid.size[0], whole.size[0]);
    EXPECT_EQ(station.grid.size[2], whole.size[2]);
  }
  EXPECT_EQ(rows, whole.size[1] + 3 * 8) << "20 mm are 8 rows of 2.5 mm";
  std::vector<GridGeometry> grids;
  for (const Volume& station : stations) grids.push_back(station.grid);
  const StationMap map = MapStations(grids, 20);
  EXPECT_EQ(map.grid.size, whole.size);
  for (std::size_t axis = 0; axis < 3; ++axis) EXPECT_NEAR(map.grid.origin[axis], whole.origin[axis], 1e-9);
}

TEST(PhantomStations, HaveAScaleAndANoiseOfTheirOwn) {
  const Phantom phantom = MakePhantom(kOptions);
  const std::vector<Volume> stations = CutIntoStations(phantom, {.count = 3, .overlap_mm = 20});
  std::set<int> scales;
  for (const Volume& station : stations) {
    double sum = 0, whole = 0;
    const auto first = std::lround(IndexFromLps(phantom.image.grid, station.grid.origin)[1]);
    for (std::size_t at = 0; at < station.voxels.size(); ++at) {
      const Index3 v = IndexAt(station.grid.SizeZyx(), at);
      sum += static_cast<double>(station.voxels[at]);
      whole += static_cast<double>(phantom.image.voxels[Offset(phantom.image.grid.SizeZyx(), {v.z, v.y + first, v.x})]);
      EXPECT_EQ(station.voxels[at], std::round(station.voxels[at]));
    }
    EXPECT_GT(sum / whole, 0.68);
    EXPECT_LT(sum / whole, 1.42);
    scales.insert(static_cast<int>(std::lround(1000 * sum / whole)));
  }
  EXPECT_EQ(scales.size(), 3U);
}

TEST(PhantomStations, RefuseWhatIsNoOverlap) {
  const Phantom phantom = MakePhantom(kOptions);
  EXPECT_THROW((void)CutIntoStations(phantom, {.count = 4, .overlap_mm = 90}), std::invalid_argument);
  EXPECT_THROW((void)CutIntoStations(phantom, {.count = 4, .overlap_mm = 1}), std::invalid_argument);
  EXPECT_THROW(PhantomStations({.count = 0}).Check(), std::invalid_argument);
}

TEST(PhantomStations, AreReadAsOneStudyWithAllClicks) {
  for (const bool in_one_series : {false, true}) {
    const TempFolder folder;
    const Phantom phantom = MakePhantom(kOptions);
    const PhantomStations stations{.count = 3, .overlap_mm = 20, .in_one_series = in_one_series};
    WritePhantom(phantom, folder.path(), PhantomFormat::kNiftiAndDicom, stations);
    const std::filesystem::path root = folder.path() / "dicom";
    EXPECT_EQ(FilesOf(root).size(), 24U);
    const InspectedStudy study = InspectStudy(root, "study", ListStudyFiles(root), {});
    const StudyImage& image = ChosenImage(study);
    ASSERT_EQ(image.stations.size(), 3U);
    EXPECT_EQ(image.stations[2].series_uid, StationSeriesUid(kOptions, stations, 2));
    const std::optional<PairedPrompts> prompts = FindPrompts(root, study, {});
    ASSERT_TRUE(prompts);
    const ResolvedPrompts resolved =
        ResolveOnStations(prompts->prompts, image, study.identity.study_uid, prompts->file).whole;
    for (std::size_t k = 0; k < resolved.lesions.size(); ++k) {
      for (const ResolvedClick& click : resolved.lesions[k].clicks) {
        const auto& v = click.ijk;
        EXPECT_EQ(phantom.truth.labels[Offset(phantom.truth.grid.SizeZyx(), {v[2], v[1], v[0]})], k + 1);
      }
    }
  }
}

TEST(PhantomStations, AComposedSeriesIsTheWholeImage) {
  const TempFolder folder;
  const Phantom phantom = MakePhantom(kOptions);
  WritePhantom(phantom, folder.path(), PhantomFormat::kNiftiAndDicom,
               {.count = 3, .overlap_mm = 20, .has_composed = true});
  const std::filesystem::path root = folder.path() / "dicom";
  const InspectedStudy study = InspectStudy(root, "study", ListStudyFiles(root), {});
  const StudyImage& image = ChosenImage(study);
  EXPECT_EQ(image.series_uid, IdentityOf(kOptions).series_uid);
  EXPECT_EQ(ReadStudyImage(root, image, {}).voxels, phantom.image.voxels);
  EXPECT_TRUE(FindPrompts(root, study, {}));
}

TEST(PhantomStations, AreValidToDciodvfy) {
  if (std::system("command -v dciodvfy > /dev/null 2>&1") != 0) GTEST_SKIP() << "needs dciodvfy (Debian: dicom3tools)";
  const TempFolder folder;
  WritePhantom(MakePhantom(kOptions), folder.path(), PhantomFormat::kNiftiAndDicom,
               {.count = 2, .overlap_mm = 20, .has_composed = true});
  for (const std::string& file : FilesOf(folder.path() / "dicom")) {
    const std::string output = OutputOf("dciodvfy '" + (folder.path() / "dicom" / file).string() + "'");
    EXPECT_THAT(output, testing::HasSubstr("MRImage"));
    EXPECT_THAT(output, testing::Not(testing::HasSubstr("Error"))) << file;
  }
}

}  // namespace
}  // namespace dinsd
