#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/read/dicom_seg.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/read/input_error.h"
#include "pipeline/read/volume_file.h"
#include "tests/test_data.h"

namespace dinsd {
namespace {

std::string CodeOf(const std::function<void()>& act) {
  try {
    act();
  } catch (const InputError& error) {
    return error.code();
  }
  return "none";
}

std::size_t Count(const LabelMap& map, int label) {
  return static_cast<std::size_t>(std::count(map.labels.begin(), map.labels.end(), label));
}

// Segmentations that other programs wrote.

std::filesystem::path Foreign(const char* file) {
  return *TestData() / "dicom" / file;
}

DicomSeg ReadForeign(const char* file) {
  const std::filesystem::path path = Foreign(file);
  return ReadDicomSeg(ReadFileBytes(path.parent_path(), path.filename().string(), 1 << 30), file);
}

struct Expected {
  const char* file;
  std::vector<std::size_t> voxels;  // of segments 1, 2, ..., as pydicom counts them
};

TEST(DicomSegForeign, VolumesOfHighdicomAndDcmqiAreRead) {
  DINSD_REQUIRE_DATA("dicom/highdicom");
  const std::vector<Expected> expected = {
      {"highdicom/data/test_files/seg_image_ct_binary.dcm", {638}},
      {"highdicom/data/test_files/seg_image_ct_binary_fractional.dcm", {638}},
      {"highdicom/data/test_files/seg_image_ct_binary_overlap.dcm", {64, 16}},
      {"highdicom/data/test_files/seg_image_ct_binary_single_frame.dcm", {1832}},
      {"highdicom/data/test_files/seg_image_ct_true_fractional.dcm", {638}},
      {"dcmqi/data/segmentations/liver.dcm", {107098}},
      {"dcmqi/data/segmentations/partial_overlaps.dcm", {9602, 11888, 10743, 6693, 4713}},
      {"dcmqi/data/sr-example/seg.dcm", {795}},
      {"dcmqi/data/segmentations/23x38x3/seg/label.seg", {322}},
      {"dcmqi/data/segmentations/24x38x3/seg/label.seg", {315}},
      {"dcmqi/data/segmentations/sparse-labelmap-noppv.dcm", {630}},
      {"dcmqi/data/segmentations/sparse-labelmap-ppv5.dcm", {630}},
  };
  for (const Expected& one : expected) {
    SCOPED_TRACE(one.file);
    const DicomSeg seg = ReadForeign(one.file);
    const SegTarget target = OwnTarget(seg);
    for (std::size_t n = 1; n <= one.voxels.size(); ++n) {
      const auto number = static_cast<std::uint16_t>(n);
      EXPECT_EQ(Count(LabelsOnGrid(seg, target, {.only_segment = number}), number), one.voxels[n - 1]);
    }
  }
  const DicomSeg fractional = ReadForeign("highdicom/data/test_files/seg_image_ct_true_fractional.dcm");
  EXPECT_EQ(Count(LabelsOnGrid(fractional, OwnTarget(fractional), {.threshold = 0.25}), 1), 661U);
  const DicomSeg overlapping = ReadForeign("dcmqi/data/segmentations/partial_overlaps.dcm");
  EXPECT_EQ(CodeOf([&] { (void)LabelsOnGrid(overlapping, OwnTarget(overlapping)); }), "SEG_OVERLAP");
}

// The voxels of `file` as dcmqi's authors have them beside their SEG; what has no frame is a value of its own there.
TEST(DicomSegForeign, DcmqisMasksAreEqualVoxelByVoxel) {
  DINSD_REQUIRE_DATA("dicom/dcmqi");
  const std::vector<std::pair<const char*, const char*>> pairs = {
      {"dcmqi/data/segmentations/liver.dcm", "dcmqi/data/segmentations/liver_seg.nrrd"},
      {"dcmqi/data/segmentations/23x38x3/seg/label.seg", "dcmqi/data/segmentations/23x38x3/nrrd/label.nrrd"},
      {"dcmqi/data/segmentations/24x38x3/seg/label.seg", "dcmqi/data/segmentations/24x38x3/nrrd/label.nrrd"},
      {"dcmqi/data/segmentations/sparse-labelmap-noppv.dcm", "dcmqi/data/segmentations/sparse_labelmap_noppv_seg.nrrd"},
      {"dcmqi/data/segmentations/sparse-labelmap-ppv5.dcm", "dcmqi/data/segmentations/sparse_labelmap_ppv5_seg.nrrd"}};
  constexpr float kNoFrame = 5;
  for (const auto& [seg_file, mask_file] : pairs) {
    SCOPED_TRACE(seg_file);
    const Volume mask = ReadVolumeFile(Foreign(mask_file));
    const DicomSeg seg = ReadForeign(seg_file);
    const LabelMap map = LabelsOnGrid(seg, {mask.grid, "", {}});
    for (std::size_t at = 0; at < mask.voxels.size(); ++at) {
      ASSERT_EQ(map.labels[at] != 0, mask.voxels[at] != 0 && mask.voxels[at] != kNoFrame) << at;
    }
  }
}

TEST(DicomSegForeign, OverlappingSegmentsAreDcmqis) {
  DINSD_REQUIRE_DATA("dicom/dcmqi");
  const DicomSeg seg = ReadForeign("dcmqi/data/segmentations/partial_overlaps.dcm");
  std::size_t found = 0;
  for (const char* file : {"partial_overlaps-1.nrrd", "partial_overlaps-2.nrrd", "partial_overlaps-3.nrrd"}) {
    const Volume mask = ReadVolumeFile(Foreign("dcmqi/data/segmentations") / file);
    for (std::uint16_t number = 1; number <= 5; ++number) {
      if (std::find(mask.voxels.begin(), mask.voxels.end(), static_cast<float>(number)) == mask.voxels.end()) continue;
      ++found;
      const LabelMap map = LabelsOnGrid(seg, {mask.grid, "", {}}, {.only_segment = number});
      for (std::size_t at = 0; at < mask.voxels.size(); ++at) {
        ASSERT_EQ(map.labels[at] == number, mask.voxels[at] == static_cast<float>(number)) << file << " " << at;
      }
    }
  }
  EXPECT_EQ(found, 5U);
}

TEST(DicomSegForeign, SlidesAndRadiographsAreNoVolumes) {
  DINSD_REQUIRE_DATA("dicom/highdicom");
  for (const char* name : {"cr_binary", "sm_control", "sm_control_labelmap", "sm_control_labelmap_palette_color",
                           "sm_dots", "sm_dots_tiled_full", "sm_numbers"}) {
    const std::string file = std::string("highdicom/data/test_files/seg_image_") + name + ".dcm";
    EXPECT_EQ(CodeOf([&] { (void)ReadForeign(file.c_str()); }), "SEG_NOT_A_VOLUME") << file;
  }
}

}  // namespace
}  // namespace dinsd
