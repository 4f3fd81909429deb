// Two real studies with clicks set by hand and the shipped weights: through the running daemon, and the same mask from
// `dins segment`. STS_018 is a validation case; STS_008 is a training patient, whose series and RTSTRUCT show that a
// DICOM study keeps its place.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "daemon/weights/find_weights.h"
#include "pipeline/read/dicom_rtstruct.h"
#include "pipeline/read/dicom_source.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/read/label_file.h"
#include "pipeline/read/study.h"
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
                              " --weights " + weights.string() + " --device cpu --interval-runs 0 --out " +
                              daemon.Path("by-hand").string() + " > /dev/null";
  ASSERT_EQ(std::system(command.c_str()), 0);
  EXPECT_EQ(ReadLabelFile(daemon.Path("by-hand/mask.nii.gz")).labels, mask.labels);
}

// The contours on the grid of their series; they name images that are not there.
LabelMap MaskOfContours(const fs::path& series) {
  const InspectedStudy study = InspectStudy(series / "image", "image", ListStudyFiles(series / "image"), {});
  const SourceSeries source = ReadSourceSeries(series / "image", ChosenImage(study));
  return RtStructToMask(ReadFileBytes(series / "mask", "RS.dcm", 1U << 30), "RS.dcm", source).mask;
}

TEST(RealCases, AValidationCaseAsNiftiIsSegmentedFromThreeClicks) {
  DINSD_REQUIRE_DATA("sts_mr");
  const fs::path weights = ShippedWeights("sarcoma");
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
  const fs::path weights = ShippedWeights("sarcoma");
  TestDaemon daemon;
  daemon.weights = weights;
  daemon.Start();
  const fs::path series = *TestData() / "dicom/sts_008/MR_T1";
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(series / "image")) files.push_back(entry.path());
  DropCopies(daemon, "sts", files, kSidecars / "sts_008.prompts.json");
  const fs::path result = ResultOfOnlyJob(daemon, "sts");
  const LabelMap mask = ReadLabelFile(result / "mask.nii.gz");
  const MaskScore score = ScoreMask(mask, MaskOfContours(series));
  std::printf("DSC %.3f\n", score.whole_dsc);
  EXPECT_GE(score.whole_dsc, kLeastDice);
  ExpectVolumeOfVoxels(result, mask);
  ExpectSameFromCommand(daemon, "sts", weights, mask);
}

}  // namespace
}  // namespace dinsd
