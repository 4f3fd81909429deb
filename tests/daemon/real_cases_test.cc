// Two real studies with clicks set by hand and the shipped weights: through the running daemon, and the same mask from
// `dins segment`. STS_018 is a validation case; STS_008 is a training patient, whose series and RTSTRUCT show that a
// DICOM study keeps its place.
#include <dcmtk/dcmdata/dctk.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "daemon/weights/find_weights.h"
#include "pipeline/read/label_file.h"
#include "pipeline/segment/score.h"
#include "tests/daemon/test_daemon.h"
#include "tests/folders.h"
#include "tests/test_data.h"

namespace dinsd {
namespace {

namespace fs = std::filesystem;

constexpr double kLeastDice = 0.65;

const fs::path kSidecars = fs::path(kSourceFolder) / "tests/daemon/real";

// Copies the files and a sidecar under its own name into incoming/NAME, by renaming at the end.
void DropCopies(const TestDaemon& daemon, const std::string& name, const std::vector<fs::path>& files,
                const fs::path& sidecar) {
  const fs::path hidden = daemon.Path("incoming/." + name);
  fs::create_directory(hidden);
  for (const fs::path& file : files) fs::copy_file(file, hidden / file.filename());
  fs::copy_file(sidecar, hidden / sidecar.filename());
  fs::rename(hidden, daemon.Path("incoming/" + name));
}

fs::path ResultOfOnlyJob(TestDaemon& daemon, const std::string& name) {
  daemon.WaitForState(name, "done");
  return daemon.Path("results") / daemon.JobOf(name).at("job").dump() / "r1";
}

nlohmann::json ReadJson(const fs::path& file) {
  std::ifstream in(file);
  return nlohmann::json::parse(in);
}

// The volume in the report is that of the mask's voxels.
void ExpectVolumeOfVoxels(const fs::path& result, const LabelMap& mask) {
  const auto voxels = std::count(mask.labels.begin(), mask.labels.end(), 1);
  const nlohmann::json lesion = ReadJson(result / "report.json").at("lesions").at(0);
  EXPECT_EQ(lesion.at("voxels"), voxels);
  EXPECT_NEAR(lesion.at("volume_ml").get<double>(), static_cast<double>(voxels) * mask.grid.VoxelVolumeMl(), 1e-4);
}

// `dins segment` on the same files gives the same mask.
void ExpectSameFromCommand(const TestDaemon& daemon, const std::string& name, const fs::path& weights,
                           const LabelMap& mask) {
  const std::string command = (Programs() / "dins").string() + " segment " + daemon.Path("incoming/" + name).string() +
                              " --weights " + weights.string() + " --device cpu --out " +
                              daemon.Path("by-hand").string() + " > /dev/null";
  ASSERT_EQ(std::system(command.c_str()), 0);
  EXPECT_EQ(ReadLabelFile(daemon.Path("by-hand/mask.nii.gz")).labels, mask.labels);
}

bool IsInside(const std::vector<std::array<double, 3>>& polygon, double i, double j) {
  bool inside = false;
  for (std::size_t a = 0, b = polygon.size() - 1; a < polygon.size(); b = a++) {
    const auto& p = polygon[a];
    const auto& q = polygon[b];
    if ((p[1] > j) != (q[1] > j) && i < (q[0] - p[0]) * (j - p[1]) / (q[1] - p[1]) + p[0]) inside = !inside;
  }
  return inside;
}

// Contours as voxel centres inside them (even-odd), each in the slice that it is nearest to.
LabelMap MaskOfContours(const fs::path& rtstruct, const GridGeometry& grid) {
  LabelMap truth{grid, std::vector<std::uint16_t>(grid.SizeZyx().VoxelCount())};
  DcmFileFormat file;
  EXPECT_TRUE(file.loadFile(rtstruct.c_str()).good());
  DcmItem* roi = nullptr;
  EXPECT_TRUE(file.getDataset()->findAndGetSequenceItem(DCM_ROIContourSequence, roi, 0).good());
  DcmItem* contour = nullptr;
  for (long n = 0; roi->findAndGetSequenceItem(DCM_ContourSequence, contour, n).good(); ++n) {
    std::vector<std::array<double, 3>> polygon;
    Float64 x = 0, y = 0, z = 0;
    for (unsigned long k = 0; contour->findAndGetFloat64(DCM_ContourData, x, k).good(); k += 3) {
      (void)contour->findAndGetFloat64(DCM_ContourData, y, k + 1);
      (void)contour->findAndGetFloat64(DCM_ContourData, z, k + 2);
      polygon.push_back(IndexFromLps(grid, {x, y, z}));
    }
    const auto slice = std::lround(polygon.front()[2]);
    for (std::int64_t j = 0; j < grid.size[1]; ++j) {
      for (std::int64_t i = 0; i < grid.size[0]; ++i) {
        auto& voxel = truth.labels[static_cast<std::size_t>((slice * grid.size[1] + j) * grid.size[0] + i)];
        if (IsInside(polygon, static_cast<double>(i), static_cast<double>(j))) voxel = voxel == 0 ? 1 : 0;
      }
    }
  }
  return truth;
}

TEST(RealCases, AValidationCaseAsNiftiIsSegmentedFromThreeClicks) {
  DINSD_REQUIRE_DATA("sts_mr");
  const fs::path weights = FindWeights("");
  TestDaemon daemon;
  daemon.weights = weights;
  daemon.Start();
  const fs::path image = *TestData() / "sts_mr/images/STS_018.nii.gz";
  DropCopies(daemon, "sts", {image}, kSidecars / "STS_018.nii.gz.prompts.json");
  const fs::path result = ResultOfOnlyJob(daemon, "sts");
  const LabelMap mask = ReadLabelFile(result / "mask.nii.gz");
  const MaskScore score = ScoreMask(mask, ReadLabelFile(*TestData() / "sts_mr/masks/STS_018.nii.gz"));
  std::printf("DSC %.3f\n", score.whole_dsc);
  EXPECT_GE(score.whole_dsc, kLeastDice);
  ExpectVolumeOfVoxels(result, mask);
  ExpectSameFromCommand(daemon, "sts", weights, mask);
}

TEST(RealCases, AnMrSeriesAsDicomIsSegmentedWhereItsContoursLie) {
  DINSD_REQUIRE_DATA("dicom/sts_008");
  const fs::path weights = FindWeights("");
  TestDaemon daemon;
  daemon.weights = weights;
  daemon.Start();
  const fs::path series = *TestData() / "dicom/sts_008/MR_T1";
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(series / "image")) files.push_back(entry.path());
  DropCopies(daemon, "sts", files, kSidecars / "sts_008.prompts.json");
  const fs::path result = ResultOfOnlyJob(daemon, "sts");
  const LabelMap mask = ReadLabelFile(result / "mask.nii.gz");
  const MaskScore score = ScoreMask(mask, MaskOfContours(series / "mask/RS.dcm", mask.grid));
  std::printf("DSC %.3f\n", score.whole_dsc);
  EXPECT_GE(score.whole_dsc, kLeastDice);
  ExpectVolumeOfVoxels(result, mask);
  ExpectSameFromCommand(daemon, "sts", weights, mask);
}

}  // namespace
}  // namespace dinsd
