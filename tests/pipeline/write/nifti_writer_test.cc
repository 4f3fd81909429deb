#include "pipeline/write/nifti_writer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>

#include "pipeline/read/label_file.h"
#include "pipeline/read/volume_file.h"
#include "tests/random.h"
#include "tests/temp_folder.h"

namespace dinsd {
namespace {

using Matrix = std::array<double, 9>;

// Right-handed rotation by `angle` about a random axis (Rodrigues).
Matrix RandomRotation(TestRandom& random, double angle) {
  const double z = 2 * random.Unit() - 1, phi = 2 * M_PI * random.Unit(), r = std::sqrt(1 - z * z);
  const double x = r * std::cos(phi), y = r * std::sin(phi), c = std::cos(angle), s = std::sin(angle), t = 1 - c;
  return {t * x * x + c,     t * x * y - s * z, t * x * z + s * y, t * x * y + s * z, t * y * y + c,
          t * y * z - s * x, t * x * z - s * y, t * y * z + s * x, t * z * z + c};
}

GridGeometry Grid(const Matrix& direction) {
  return {.size = {7, 6, 5}, .spacing = {1.5625, 1.3, 10}, .origin = {-250.125, 61.7, 812.4}, .direction = direction};
}

Volume Filled(const GridGeometry& grid, TestRandom& random, double scale) {
  Volume volume{grid, std::vector<float>(grid.SizeZyx().VoxelCount())};
  for (float& v : volume.voxels) v = static_cast<float>(scale * static_cast<double>(random.Below(4000)));
  return volume;
}

void ExpectSameGrid(const GridGeometry& read, const GridGeometry& written) {
  EXPECT_EQ(read.size, written.size);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(read.spacing[i], written.spacing[i], 1e-5);
    EXPECT_NEAR(read.origin[i], written.origin[i], 1e-4);
  }
  for (std::size_t i = 0; i < 9; ++i) EXPECT_NEAR(read.direction[i], written.direction[i], 1e-6);
}

std::string Bytes(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class NiftiWriter : public testing::TestWithParam<std::string> {};

TEST_P(NiftiWriter, RoundTripsAnyRotationAndItsMirrorImage) {
  const TempFolder folder;
  TestRandom random(11);
  for (int i = 0; i < 60; ++i) {
    Matrix direction = RandomRotation(random, i < 20 ? M_PI : 2 * M_PI * random.Unit());
    if (i % 2 == 1)
      for (const std::size_t k : {2, 5, 8}) direction[k] *= -1;
    const Volume written = Filled(Grid(direction), random, i % 3 == 0 ? 0.37 : 1);
    WriteNifti(folder.path() / GetParam(), written);
    const Volume read = ReadVolumeFile(folder.path() / GetParam());
    ExpectSameGrid(read.grid, written.grid);
    EXPECT_EQ(read.voxels, written.voxels);
  }
}

INSTANTIATE_TEST_SUITE_P(Names, NiftiWriter, testing::Values("a.nii", "a.nii.gz"),
                         [](const auto& info) { return info.param == "a.nii" ? "plain" : "gzip"; });

TEST(NiftiWriterFile, KeepsQformAndSformForTheCoronalAxesOfAWholeBody) {
  const TempFolder folder;
  GridGeometry grid = Grid({1, 0, 0, 0, 0, 1, 0, -1, 0});
  grid.size = {32, 1340, 3};  // long enough for a rounded quaternion to miss by half a millimetre
  WriteNifti(folder.path() / "a.nii", Volume{grid, std::vector<float>(grid.SizeZyx().VoxelCount(), 3)});
  ExpectSameGrid(ReadVolumeFile(folder.path() / "a.nii").grid, grid);
  const std::string bytes = Bytes(folder.path() / "a.nii");
  EXPECT_EQ(bytes[252], 1);
  EXPECT_EQ(bytes[254], 1);
}

TEST(NiftiWriterFile, NeverWritesAQformThatContradictsTheSform) {
  const TempFolder folder;
  TestRandom random(5);
  int without_qform = 0;
  for (int i = 0; i < 40; ++i) {
    GridGeometry grid = Grid(RandomRotation(random, M_PI - 1e-5 * static_cast<double>(i * i)));
    grid.size = {1000, 1, 200};
    WriteNifti(folder.path() / "a.nii", Volume{grid, std::vector<float>(grid.SizeZyx().VoxelCount())});
    ExpectSameGrid(ReadVolumeFile(folder.path() / "a.nii").grid, grid);
    without_qform += Bytes(folder.path() / "a.nii")[252] == 0 ? 1 : 0;
  }
  EXPECT_LT(without_qform, 40);
}

TEST(NiftiWriterFile, SaysThatTheDiskIsFull) {
  GridGeometry grid;
  grid.size = {2, 2, 2};
  try {
    WriteNifti("/dev/full", LabelMap{grid, std::vector<std::uint16_t>(8, 1)});
    FAIL() << "was written";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code(), std::errc::no_space_on_device);
  }
}

TEST(NiftiWriterFile, KeepsEveryLabel) {
  const TempFolder folder;
  LabelMap map{Grid({1, 0, 0, 0, 1, 0, 0, 0, 1}), std::vector<std::uint16_t>(210)};
  for (std::size_t i = 0; i < map.labels.size(); ++i) map.labels[i] = static_cast<std::uint16_t>(i * 312);
  WriteNifti(folder.path() / "m.nii.gz", map);
  const Volume read = ReadVolumeFile(folder.path() / "m.nii.gz");
  for (std::size_t i = 0; i < map.labels.size(); ++i) EXPECT_EQ(read.voxels[i], static_cast<float>(map.labels[i]));
}

TEST(NiftiWriterFile, WritesAMaskThatIsReadAsOne) {
  const TempFolder folder;
  LabelMap map{Grid({1, 0, 0, 0, 1, 0, 0, 0, 1}), std::vector<std::uint16_t>(210)};
  map.labels[7] = map.labels[8] = 65535;
  WriteNifti(folder.path() / "m.nii.gz", map);
  EXPECT_EQ(ReadLabelFile(folder.path() / "m.nii.gz").labels, map.labels);
}

TEST(NiftiWriterFile, TakesHalfTheSpaceForWholeNumbers) {
  const TempFolder folder;
  const GridGeometry grid = Grid({1, 0, 0, 0, 1, 0, 0, 0, 1});
  WriteNifti(folder.path() / "whole.nii", Volume{grid, std::vector<float>(210, -7)});
  WriteNifti(folder.path() / "broken.nii", Volume{grid, std::vector<float>(210, 0.5F)});
  EXPECT_EQ(std::filesystem::file_size(folder.path() / "whole.nii"), 352U + 2 * 210);
  EXPECT_EQ(std::filesystem::file_size(folder.path() / "broken.nii"), 352U + 4 * 210);
}

TEST(NiftiWriterFile, GivesTheSameBytesTwice) {
  const TempFolder folder;
  TestRandom random(3);
  const Volume volume = Filled(Grid({1, 0, 0, 0, 1, 0, 0, 0, 1}), random, 1);
  WriteNifti(folder.path() / "a.nii.gz", volume);
  WriteNifti(folder.path() / "b.nii.gz", volume);
  EXPECT_EQ(Bytes(folder.path() / "a.nii.gz"), Bytes(folder.path() / "b.nii.gz"));
  EXPECT_EQ(Bytes(folder.path() / "a.nii.gz").substr(4, 4), std::string(4, '\0')) << "a time stamp";
}

TEST(NiftiWriterFile, RefusesWhatNiftiCannotHold) {
  const TempFolder folder;
  Volume volume{Grid({1, 0, 0, 0, 1, 0, 0, 0, 1}), std::vector<float>(210)};
  volume.voxels.pop_back();
  EXPECT_THROW(WriteNifti(folder.path() / "a.nii", volume), std::invalid_argument);
  volume = {Grid({1, 0, 0, 0, 1, 0, 0, 0, std::nan("")}), std::vector<float>(210)};
  EXPECT_THROW(WriteNifti(folder.path() / "a.nii", volume), std::invalid_argument);
  volume.grid.size = {40000, 1, 1};
  EXPECT_THROW(WriteNifti(folder.path() / "a.nii", volume), std::invalid_argument);
}

TEST(NiftiWriterFile, NamesAFileThatCannotBeWritten) {
  const Volume volume{Grid({1, 0, 0, 0, 1, 0, 0, 0, 1}), std::vector<float>(210)};
  EXPECT_THROW(WriteNifti("/no/such/folder/a.nii", volume), std::runtime_error);
}

}  // namespace
}  // namespace dinsd
