#include "pipeline/write/dicom_rtstruct.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <set>

#include "pipeline/read/dicom_data_set.h"
#include "pipeline/read/dicom_rtstruct.h"
#include "pipeline/read/input_error.h"
#include "pipeline/read/label_file.h"
#include "pipeline/read/rtstruct_file.h"
#include "pipeline/read/study.h"
#include "pipeline/write/nifti_writer.h"
#include "tests/pipeline/source_kit.h"
#include "tests/program_output.h"
#include "tests/temp_folder.h"

namespace dinsd {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const RtStructOptions kOptions{.key = "job 1", .created = "2026-11-01T09:30:00+01:00", .regions = {{1, "L1"}}};

std::span<const std::byte> BytesOf(const std::string& text) {
  return std::as_bytes(std::span(text));
}

RtStructReading ReadBack(const std::string& bytes, const SourceSeries& source) {
  return RtStructToMask(BytesOf(bytes), "rt.dcm", source);
}

std::vector<RtRoi> RoisOf(const std::string& bytes) {
  return ReadRtStructFile(BytesOf(bytes), "rt.dcm");
}

// One of each that is easily got wrong; another label fills a hole.
LabelMap DifficultMask(const GridGeometry& grid) {
  LabelMap mask = EmptyMask(grid);
  Draw(mask, 0, {"#"});
  Draw(mask, 1, {"#######.#.#", "#.....#..#.", "#.###.#.#.#", "#.#2#.#", "#.###.#", "#.....#", "#######"});
  Draw(mask, 2, {"", "  2222", "  2332", "  2332", "  2222"});
  Draw(mask, 4, {std::string(23, '#'), "#.#.#.#.#.#.#.#.#.#.#.#", std::string(23, '#')});
  At(mask, grid.size[0] - 1, grid.size[1] - 1, grid.size[2] - 1) = 40000;
  return mask;
}

void ExpectRoundTrip(const LabelMap& mask, const SourceSeries& source) {
  const RtStructReading read = ReadBack(MaskToRtStruct(mask, source, kOptions), source);
  EXPECT_EQ(read.mask.labels, mask.labels);
  EXPECT_EQ(read.mask.grid, mask.grid);
  EXPECT_THAT(read.notes, IsEmpty());
  for (const RtRegion& region : read.regions) {
    EXPECT_EQ(region.voxels, std::count(mask.labels.begin(), mask.labels.end(), region.label));
    EXPECT_EQ(region.number, region.label);
  }
}

TEST(DicomRtStruct, ComesBackExactlyInEveryOrientation) {
  TestRandom random(3);
  std::vector<Matrix3> directions{kAxial, kCoronal, kSagittal};
  for (int n = 0; n < 20; ++n) directions.push_back(RandomDirection(random, 3 * random.Unit()));
  for (const Matrix3& direction : directions) {
    const GridGeometry grid = MakeGrid(direction);
    ExpectRoundTrip(DifficultMask(grid), MakeSource(grid));
  }
}

TEST(DicomRtStruct, NoiseOfSeveralLabelsComesBackExactly) {
  TestRandom random(4);
  for (const double density : {0.02, 0.3, 0.5, 0.7, 0.98}) {
    const GridGeometry grid = MakeGrid(RandomDirection(random, random.Unit()), {31, 27, 6});
    LabelMap mask = EmptyMask(grid);
    for (std::uint16_t& label : mask.labels)
      label = random.Unit() < density ? static_cast<std::uint16_t>(1 + random.Below(3)) : 0;
    ExpectRoundTrip(mask, MakeSource(grid));
  }
}

TEST(DicomRtStruct, AVoxelIsDrawnAlongTheEdgesOfItsPixel) {
  const GridGeometry grid = MakeGrid(kCoronal);
  LabelMap mask = EmptyMask(grid);
  At(mask, 3, 5, 2) = 1;
  const std::vector<RtRoi> rois = RoisOf(MaskToRtStruct(mask, MakeSource(grid), kOptions));
  ASSERT_EQ(rois.size(), 1U);
  ASSERT_EQ(rois[0].contours.size(), 1U);
  ASSERT_EQ(rois[0].contours[0].points.size(), 4U);
  std::set<std::array<double, 2>> corners;
  for (const auto& [x, y, z] : rois[0].contours[0].points) {
    EXPECT_NEAR(y, 61.7 + 2 * 8.8, 1e-9);
    corners.insert({std::round((x + 250.125) / 0.7 * 1e6) / 1e6, std::round((812.4 - z) / 1.9 * 1e6) / 1e6});
  }
  EXPECT_THAT(corners, testing::ElementsAre(std::array{2.5, 4.5}, std::array{2.5, 5.5}, std::array{3.5, 4.5},
                                            std::array{3.5, 5.5}));
}

TEST(DicomRtStruct, AContourRefersToItsSliceAndLiesWhereThatTrulyIs) {
  const GridGeometry grid = MakeGrid(kAxial);
  SourceSeries source = MakeSource(grid);
  source.slice_positions = {0, 8.9, 17.4, 26.5, 35.1, 44};  // uneven, as a policy may allow
  const std::string bytes = MaskToRtStruct(DifficultMask(grid), source, kOptions);
  std::set<std::string> named;
  for (const RtRoi& roi : RoisOf(bytes)) {
    for (const RtContour& contour : roi.contours) {
      named.insert(contour.sop_instance_uid);
      const std::size_t k = static_cast<std::size_t>(contour.sop_instance_uid.back() - '1');
      for (const auto& point : contour.points) EXPECT_NEAR(point[2], 812.4 + source.slice_positions.at(k), 1e-9);
    }
  }
  EXPECT_THAT(named, testing::ElementsAre("1.2.3.4.1", "1.2.3.4.2", "1.2.3.4.3", "1.2.3.4.5", "1.2.3.4.6"));
  EXPECT_EQ(ReadBack(bytes, source).mask.labels, DifficultMask(grid).labels);
}

TEST(DicomRtStruct, TheSameResultHasTheSameBytesAndUids) {
  const GridGeometry grid = MakeGrid(kCoronal);
  const LabelMap mask = DifficultMask(grid);
  const std::string bytes = MaskToRtStruct(mask, MakeSource(grid), kOptions);
  EXPECT_EQ(MaskToRtStruct(mask, MakeSource(grid), kOptions), bytes);
  RtStructOptions other = kOptions;
  other.key = "job 2";
  const std::string other_bytes = MaskToRtStruct(mask, MakeSource(grid), other);
  const DicomLayout a = PrescanDicom(BytesOf(bytes), "a"), b = PrescanDicom(BytesOf(other_bytes), "b");
  EXPECT_THAT(a.sop_instance_uid, testing::StartsWith("2.25."));
  EXPECT_NE(a.sop_instance_uid, b.sop_instance_uid);
  EXPECT_NE(a.series_uid, b.series_uid);
  EXPECT_NE(a.series_uid, a.sop_instance_uid);
  EXPECT_EQ(a.study_uid, "1.2.3");
  EXPECT_EQ(a.frame_of_reference_uid, "1.2.3.9");
}

TEST(DicomRtStruct, ANameIsKeptAndARegionMayBeEmpty) {
  const GridGeometry grid = MakeGrid(kAxial);
  LabelMap mask = EmptyMask(grid);
  At(mask, 3, 3, 3) = 7;
  RtStructOptions options = kOptions;
  options.regions = {{2, "left\\thigh \xC3\xA4"}};
  const RtStructReading read = ReadBack(MaskToRtStruct(mask, MakeSource(grid), options), MakeSource(grid));
  ASSERT_EQ(read.regions.size(), 2U);
  EXPECT_EQ(read.regions[0].name, "left_thigh _");
  EXPECT_EQ(read.regions[0].voxels, 0U);
  EXPECT_EQ(read.regions[1].name, "Lesion 7");
  EXPECT_EQ(read.regions[1].label, 7);
  const SourceSeries utf8 =
      MakeSource(grid, [](DcmDataset& header) { Put(header, DCM_SpecificCharacterSet, "ISO_IR 192"); });
  EXPECT_EQ(ReadBack(MaskToRtStruct(mask, utf8, options), utf8).regions[0].name, "left_thigh \xC3\xA4");
}

template <typename Call>
std::string CodeOf(const Call& call) {
  try {
    call();
  } catch (const InputError& error) {
    return error.code();
  }
  return "none";
}

TEST(DicomRtStruct, WhatCannotBeWrittenIsRefusedByName) {
  const GridGeometry grid = MakeGrid(kAxial);
  const SourceSeries source = MakeSource(grid);
  RtStructOptions nameless = kOptions;
  nameless.regions.clear();
  EXPECT_EQ(CodeOf([&] { (void)MaskToRtStruct(EmptyMask(grid), source, nameless); }), "EMPTY_MASK");
  GridGeometry moved = grid;
  moved.origin[0] += 0.5;
  EXPECT_EQ(CodeOf([&] { (void)MaskToRtStruct(EmptyMask(moved), source, kOptions); }), "GRID_MISMATCH");
  SourceSeries nowhere = source;
  nowhere.frame_of_reference_uid.clear();
  EXPECT_EQ(CodeOf([&] { (void)MaskToRtStruct(DifficultMask(grid), nowhere, kOptions); }), "NO_GEOMETRY");
  SourceSeries interpolated = source;
  interpolated.is_interpolated = true;
  EXPECT_EQ(CodeOf([&] { (void)MaskToRtStruct(DifficultMask(grid), interpolated, kOptions); }), "VARIABLE_SPACING");
  RtStructOptions background = kOptions;
  background.regions = {{0, "nothing"}};
  EXPECT_THROW((void)MaskToRtStruct(DifficultMask(grid), source, background), std::invalid_argument);
}

TEST(DicomRtStruct, IsMadeForASeriesOfFiles) {
  const MadeStudy study(8);
  std::vector<std::string> files;
  for (const auto& file : study.files()) files.push_back(file.string());
  const InspectedStudy inspected = InspectStudy(study.root(), "study", files, {});
  const SourceSeries source = ReadSourceSeries(study.root(), ChosenImage(inspected));
  ASSERT_EQ(source.slices.size(), 8U);
  EXPECT_EQ(source.slices[3].sop_instance_uid, "1.2.3.4.4");
  LabelMap mask = EmptyMask(source.grid);
  Draw(mask, 5, {"", " 111", " 1.1", " 111"});
  ExpectRoundTrip(mask, source);
  std::filesystem::remove(study.root() / "slice3.dcm");
  EXPECT_EQ(CodeOf([&] { (void)ReadSourceSeries(study.root(), ChosenImage(inspected)); }), "VOLUME_UNREADABLE");
}

bool IsThere(const std::string& program) {
  return std::system(("command -v " + program + " > /dev/null 2>&1").c_str()) == 0;
}

void ExpectValid(const std::string& bytes) {
  const TempFolder folder;
  folder.Write("rt.dcm", bytes);
  const std::string output = OutputOf("dciodvfy -new '" + (folder.path() / "rt.dcm").string() + "'");
  EXPECT_THAT(output, HasSubstr("RTStructureSet"));
  EXPECT_THAT(output, Not(HasSubstr("Error")));
}

TEST(DicomRtStruct, IsValidToDciodvfy) {
  if (!IsThere("dciodvfy")) GTEST_SKIP() << "needs dciodvfy (Debian: dicom3tools)";
  const GridGeometry grid = MakeGrid(kCoronal);
  ExpectValid(MaskToRtStruct(DifficultMask(grid), MakeSource(grid), kOptions));
  RtStructOptions all = kOptions;
  all.algorithm = RtAlgorithm::kSemiautomatic;
  all.regions = {{1, std::string(200, 'x')}, {9, "no voxel"}};
  // A source with bad values of its own: they are not handed on.
  const SourceSeries odd = MakeSource(grid, [](DcmDataset& header) {
    Put(header, DCM_StudyID, "A_STUDY_ID_OF_MORE_THAN_16");
    Put(header, DCM_PatientSex, "female");
    Put(header, DCM_PositionReferenceIndicator, "");
    delete header.remove(DCM_PatientBirthDate);
    Put(header, DCM_PatientIdentityRemoved, "YES");
    Put(header, DCM_DeidentificationMethod, "by hand");
  });
  ExpectValid(MaskToRtStruct(DifficultMask(grid), odd, all));
}

TEST(DicomRtStruct, OfOneToThreeHundredLesionsIsValidToDciodvfy) {
  if (!IsThere("dciodvfy")) GTEST_SKIP() << "needs dciodvfy (Debian: dicom3tools)";
  TestRandom random(7);
  const GridGeometry grid = MakeGrid(kCoronal, {160, 200, 12});
  for (const int lesions : {1, 40, 300}) {
    LabelMap mask = EmptyMask(grid);
    for (int n = 1; n <= lesions; ++n) {
      const std::int64_t x = random.Below(150), y = random.Below(190), z = random.Below(11);
      for (std::int64_t v = 0; v < 10 * 8 * 2; ++v)
        At(mask, x + v % 10, y + v / 10 % 8, z + v / 80) = static_cast<std::uint16_t>(n);
    }
    const std::string bytes = MaskToRtStruct(mask, MakeSource(grid), kOptions);
    ExpectValid(bytes);
    EXPECT_EQ(ReadBack(bytes, MakeSource(grid)).mask.labels, mask.labels);
  }
}

TEST(DicomRtStruct, FitsItsStudyToDcentvfy) {
  if (!IsThere("dcentvfy")) GTEST_SKIP() << "needs dcentvfy (Debian: dicom3tools)";
  MadeStudy study(8, [](DcmDataset& data, int) {
    for (const DcmTagKey& key : {DCM_ReferringPhysicianName, DCM_AccessionNumber, DCM_PositionReferenceIndicator})
      Put(data, key, "");
    Put(data, DCM_PatientSex, "F");
    Put(data, DCM_PatientSize, "1.7");
    Put(data, DCM_StudyTime, "093000");
    Put(data, DCM_StudyID, "1");
  });
  std::vector<std::string> files;
  for (const auto& file : study.files()) files.push_back(file.string());
  const SourceSeries source =
      ReadSourceSeries(study.root(), ChosenImage(InspectStudy(study.root(), "study", files, {})));
  LabelMap mask = EmptyMask(source.grid);
  Draw(mask, 5, {"", " 111"});
  study.Write("rt.dcm", MaskToRtStruct(mask, source, kOptions));
  const std::string output = OutputOf("cd '" + study.root().string() + "' && dcentvfy *.dcm");
  EXPECT_THAT(output, Not(HasSubstr("Error")));
  EXPECT_EQ(output, "");
}

// A keyhole contour of more than 64 KiB, which explicit VR could not hold. (dciodvfy takes minutes for it.)
TEST(DicomRtStruct, AContourMayBeLong) {
  const GridGeometry grid = MakeGrid(kCoronal, {201, 101, 6});
  LabelMap mask = EmptyMask(grid);
  for (std::int64_t j = 0; j < 101; ++j) {
    for (std::int64_t i = 0; i < 201; ++i) At(mask, i, j, 1) = i % 2 == 1 && j % 2 == 1 ? 0 : 1;
  }
  const std::string bytes = MaskToRtStruct(mask, MakeSource(grid), kOptions);
  EXPECT_GT(RoisOf(bytes).at(0).contours.at(0).points.size(), 25000U);
  EXPECT_EQ(ReadBack(bytes, MakeSource(grid)).mask.labels, mask.labels);
}

// Balls and rings of 1 mL and more in an axial series, which is all that plastimatch rasterises.
LabelMap AxialLesions(const GridGeometry& grid) {
  LabelMap mask = EmptyMask(grid);
  const auto ball = [&](std::uint16_t label, double x, double y, double z, double outer, double inner) {
    for (std::int64_t k = 0; k < grid.size[2]; ++k) {
      for (std::int64_t j = 0; j < grid.size[1]; ++j) {
        for (std::int64_t i = 0; i < grid.size[0]; ++i) {
          const double r =
              std::hypot(static_cast<double>(i) * grid.spacing[0] - x, static_cast<double>(j) * grid.spacing[1] - y,
                         static_cast<double>(k) * grid.spacing[2] - z);
          if (r <= outer && r >= inner) At(mask, i, j, k) = label;
        }
      }
    }
  };
  ball(1, 20, 25, 20, 6.3, 0);  // about 1 mL
  ball(2, 60, 30, 30, 18, 9);   // with a hole
  ball(3, 30, 70, 25, 15, 0);
  return mask;
}

double Dice(const LabelMap& a, const LabelMap& b, std::uint16_t label_a, std::uint16_t label_b) {
  std::size_t both = 0, sum = 0;
  for (std::size_t v = 0; v < a.labels.size(); ++v) {
    both += a.labels[v] == label_a && b.labels[v] == label_b ? 1 : 0;
    sum += (a.labels[v] == label_a ? 1 : 0) + (b.labels[v] == label_b ? 1 : 0);
  }
  return 2.0 * static_cast<double>(both) / static_cast<double>(sum);
}

TEST(DicomRtStruct, PlastimatchReadsTheSameMask) {
  if (!IsThere("plastimatch")) GTEST_SKIP() << "needs plastimatch (Debian: plastimatch)";
  const GridGeometry grid{.size = {128, 96, 20}, .spacing = {0.75, 1.05, 3}, .origin = {-40, -60, 100}};
  const LabelMap mask = AxialLesions(grid);
  RtStructOptions options = kOptions;
  options.regions = {{1, "one"}, {2, "two"}, {3, "three"}};
  const TempFolder folder;
  folder.Write("rt.dcm", MaskToRtStruct(mask, MakeSource(grid), options));
  WriteNifti(folder.path() / "image.nii.gz", mask);
  const std::string at = folder.path().string();
  const std::string output = OutputOf("cd '" + at + "' && plastimatch convert --input rt.dcm --fixed image.nii.gz" +
                                      " --output-prefix masks --prefix-format nii.gz");
  for (const RtRegionName& region : options.regions) {
    const std::filesystem::path file = folder.path() / "masks" / (region.name + ".nii.gz");
    ASSERT_TRUE(std::filesystem::exists(file)) << output;
    const LabelMap read = ReadLabelFile(file);
    ASSERT_EQ(read.labels.size(), mask.labels.size());
    const double dice = Dice(mask, read, region.label, 1);
    std::printf(
        "%s: %.2f mL, DSC %.4f\n", region.name.c_str(),
        static_cast<double>(std::count(mask.labels.begin(), mask.labels.end(), region.label)) * grid.VoxelVolumeMl(),
        dice);
    EXPECT_GE(dice, 0.99) << region.name;
  }
}

}  // namespace
}  // namespace dinsd
