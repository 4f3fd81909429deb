#include "pipeline/read/dicom_seg.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "pipeline/read/input_error.h"
#include "pipeline/read/study.h"
#include "tests/pipeline/read/seg_maker.h"

namespace dinsd {
namespace {

using testing::ElementsAre;

constexpr int kPlane = kMadeRows * kMadeColumns;

DicomSeg Read(const std::string& bytes) {
  return ReadDicomSeg(std::as_bytes(std::span(bytes)), "seg.dcm");
}

std::string CodeOf(const std::function<void()>& act) {
  try {
    act();
  } catch (const InputError& error) {
    return error.code();
  }
  return "none";
}

std::string ReadCode(const std::string& bytes) {
  return CodeOf([&] { (void)Read(bytes); });
}

// The made series as a target.
SegTarget MadeTarget(const MadeStudy& study) {
  const InspectedStudy inspected = InspectStudy(study.root(), "made", ListStudyFiles(study.root()), {});
  return TargetOf(ReadSourceSeries(study.root(), ChosenImage(inspected)));
}

std::vector<int> Pixels(const std::function<int(int i, int j)>& value) {
  std::vector<int> pixels;
  for (int j = 0; j < kMadeRows; ++j) {
    for (int i = 0; i < kMadeColumns; ++i) pixels.push_back(value(i, j));
  }
  return pixels;
}

// A pattern that no mirror or shift leaves as it is.
int Pattern(int i, int j, int salt) {
  return (i * 7 + j * 13 + i * j + salt) % 3 == 0 ? 1 : 0;
}

std::vector<int> PatternPixels(int salt) {
  return Pixels([&](int i, int j) { return Pattern(i, j, salt); });
}

std::uint16_t LabelAt(const LabelMap& map, int i, int j, int k) {
  return map.labels.at(static_cast<std::size_t>((k * map.grid.size[1] + j) * map.grid.size[0] + i));
}

std::size_t Count(const LabelMap& map, int label) {
  return static_cast<std::size_t>(std::count(map.labels.begin(), map.labels.end(), label));
}

MadeSeg TwoSegments() {
  return {.segments = {1, 2},
          .frames = {{1, 2, PatternPixels(0)}, {2, 5, PatternPixels(1)}, {1, 3, Pixels([](int i, int j) {
                                                                            return i == 0 && j == 0 ? 1 : 0;
                                                                          })}}};
}

TEST(DicomSeg, LaysBinaryFramesOnTheirSlices) {
  const MadeStudy study;
  const DicomSeg seg = Read(SegFile(TwoSegments()));
  EXPECT_EQ(seg.kind, SegKind::kBinary);
  EXPECT_EQ(seg.segments.at(1).name, "segment 2");
  const LabelMap map = LabelsOnGrid(seg, MadeTarget(study));
  for (int k = 0; k < 8; ++k) {
    for (int j = 0; j < kMadeRows; ++j) {
      for (int i = 0; i < kMadeColumns; ++i) {
        const int expected = k == 2   ? Pattern(i, j, 0)
                             : k == 5 ? 2 * Pattern(i, j, 1)
                                      : static_cast<int>(k == 3 && i == 0 && j == 0);
        ASSERT_EQ(LabelAt(map, i, j, k), expected) << i << " " << j << " " << k;
      }
    }
  }
}

TEST(DicomSeg, IsTheSameInImplicitVr) {
  const MadeStudy study;
  const LabelMap expected = LabelsOnGrid(Read(SegFile(TwoSegments())), MadeTarget(study));
  const DicomSeg seg = Read(SegFile(TwoSegments(), {}, EXS_LittleEndianImplicit));
  EXPECT_EQ(LabelsOnGrid(seg, MadeTarget(study)).labels, expected.labels);
}

TEST(DicomSeg, UnpacksFramesThatDoNotEndWithAByte) {
  for (int columns = 9; columns <= 16; ++columns) {
    MadeSeg made{.rows = 7, .columns = columns};
    for (int k = 0; k < 3; ++k) {
      MadeFrame frame{1, k, {}};
      for (int at = 0; at < 7 * columns; ++at) frame.pixels.push_back((at * 5 + k + at / 11) % 3 == 0 ? 1 : 0);
      made.frames.push_back(frame);
    }
    const DicomSeg seg = Read(SegFile(made));
    for (std::size_t k = 0; k < 3; ++k) {
      for (std::size_t at = 0; at < static_cast<std::size_t>(7 * columns); ++at) {
        ASSERT_EQ(seg.Pixel(k, at), made.frames[k].pixels[at]) << columns << " columns, frame " << k << ", " << at;
      }
    }
  }
}

TEST(DicomSeg, FractionsCountFromTheThresholdOn) {
  const MadeStudy study;
  const MadeSeg made{
      .type = "FRACTIONAL", .bits = 8, .frames = {{1, 0, Pixels([](int i, int j) { return j == 0 ? 40 * i : 0; })}}};
  const DicomSeg seg = Read(SegFile(made));                       // 0, 40, 80 ... 280 & 255 of 200
  EXPECT_EQ(Count(LabelsOnGrid(seg, MadeTarget(study)), 1), 4U);  // 120, 160, 200, 240; 280 is stored as 24
  EXPECT_EQ(Count(LabelsOnGrid(seg, MadeTarget(study), {.threshold = 0.4}), 1), 5U);
  EXPECT_EQ(Count(LabelsOnGrid(seg, MadeTarget(study), {.threshold = 1}), 1), 2U);
  EXPECT_THROW((void)LabelsOnGrid(seg, MadeTarget(study), {.threshold = 0}), std::invalid_argument);
  EXPECT_THROW((void)LabelsOnGrid(seg, MadeTarget(study), {.threshold = std::numeric_limits<double>::quiet_NaN()}),
               std::invalid_argument);
}

TEST(DicomSeg, LabelMapsHoldAllSegmentsInOneFrame) {
  const MadeStudy study;
  for (const int bits : {8, 16}) {
    const int large = bits == 8 ? 200 : 40000;
    const MadeSeg made{.type = "LABELMAP",
                       .bits = bits,
                       .segments = {0, 3, large, 7},
                       .frames = {{0, 4, Pixels([&](int i, int j) {
                                     return j > 0 ? 0 : i == 0 ? 3 : i == 1 ? large : i == 2 ? 7 : i == 3 ? 9 : 0;
                                   })}}};
    const std::string file = SegFile(made, [](DcmDataset& data) {
      PutNumber(data, DCM_PixelPaddingValue, 9);
      DcmItem& code = Within(Within(data, DCM_SegmentSequence, 3), DCM_SegmentedPropertyTypeCodeSequence);
      PutIn(code, DCM_CodeValue, "125040");  // background, whatever its number
      PutIn(code, DCM_CodingSchemeDesignator, "DCM");
    });
    const LabelMap map = LabelsOnGrid(Read(file), MadeTarget(study));
    EXPECT_EQ(LabelAt(map, 0, 0, 4), 3);
    EXPECT_EQ(LabelAt(map, 1, 0, 4), large);
    EXPECT_EQ(Count(map, 0), map.labels.size() - 2);
    const std::string unknown = SegFile(made);  // 9 is no background here
    EXPECT_EQ(CodeOf([&] { (void)LabelsOnGrid(Read(unknown), MadeTarget(study)); }), "SEG_SEGMENTS");
  }
}

TEST(DicomSeg, OverlappingSegmentsAreTakenOneByOne) {
  const MadeStudy study;
  const MadeSeg made{.segments = {1, 2}, .frames = {{1, 2, PatternPixels(0)}, {2, 2, PatternPixels(0)}}};
  const DicomSeg seg = Read(SegFile(made));
  EXPECT_EQ(CodeOf([&] { (void)LabelsOnGrid(seg, MadeTarget(study)); }), "SEG_OVERLAP");
  const LabelMap second = LabelsOnGrid(seg, MadeTarget(study), {.only_segment = 2});
  EXPECT_EQ(Count(second, 2), Count(LabelsOnGrid(seg, MadeTarget(study), {.only_segment = 1}), 1));
  EXPECT_EQ(CodeOf([&] { (void)LabelsOnGrid(seg, MadeTarget(study), {.only_segment = 3}); }), "SEG_SEGMENTS");
  LabelMap sum = second;
  EXPECT_EQ(CodeOf([&] { AddLabels(second, "seg.dcm", sum); }), "SEG_OVERLAP");
}

TEST(DicomSeg, TurnedAndSmallerFramesFallOnTheirVoxels) {
  const MadeStudy study;
  MadeSeg made{.frames = {{1, 2, {1, 1, 0, 1, 0, 0}}}, .rows = 2, .columns = 3};
  const std::string file = SegFile(made, [](DcmDataset& data) {
    // Rows go up and columns to the right of the patient: from voxel (5, 4) of slice 2.
    PutIn(Within(Within(data, DCM_SharedFunctionalGroupsSequence), DCM_PlaneOrientationSequence),
          DCM_ImageOrientationPatient, "-1\\0\\0\\0\\0\\1");
    PutIn(Within(Within(data, DCM_PerFrameFunctionalGroupsSequence), DCM_PlanePositionSequence),
          DCM_ImagePositionPatient, "-2.5\\-30\\92");
  });
  const LabelMap map = LabelsOnGrid(Read(file), MadeTarget(study));
  EXPECT_EQ(Count(map, 1), 3U);
  EXPECT_EQ(LabelAt(map, 5, 4, 2), 1);
  EXPECT_EQ(LabelAt(map, 4, 4, 2), 1);
  EXPECT_EQ(LabelAt(map, 5, 3, 2), 1);
}

TEST(DicomSeg, FramesFollowSlicesThatAreNotEven) {
  const MadeStudy study(8, [](DcmDataset& data, int k) {
    const double y = -50 + 10 * k + (k == 4 ? 3 : 0);
    Put(data, DCM_ImagePositionPatient, "-10\\" + std::to_string(y) + "\\100");
  });
  StudyReadOptions options;
  options.dicom.variable_spacing = GeometryPolicy::kProcessAnyway;
  const InspectedStudy inspected = InspectStudy(study.root(), "made", ListStudyFiles(study.root()), options);
  const SegTarget target = TargetOf(ReadSourceSeries(study.root(), ChosenImage(inspected)));
  const std::string file = SegFile({.frames = {{1, 4, PatternPixels(0)}}}, [](DcmDataset& data) {
    PutIn(Within(Within(data, DCM_PerFrameFunctionalGroupsSequence), DCM_PlanePositionSequence),
          DCM_ImagePositionPatient, "-10\\-7\\100");
  });
  EXPECT_EQ(LabelAt(LabelsOnGrid(Read(file), target), 0, 0, 4), 1);
  SegTarget even = target;
  even.slices.clear();
  EXPECT_EQ(CodeOf([&] { (void)LabelsOnGrid(Read(file), even); }), "SEG_OFF_GRID");
}

TEST(DicomSeg, WhatDoesNotLieOnTheSeriesIsRefused) {
  const MadeStudy study;
  const SegTarget target = MadeTarget(study);
  const MadeSeg made{.frames = {{1, 2, PatternPixels(0)}}};
  const auto code = [&](const DicomEdit& edit) {
    const std::string file = SegFile(made, edit);
    return CodeOf([&] { (void)LabelsOnGrid(Read(file), target); });
  };
  const auto at = [](const std::string& position) {
    return [position](DcmDataset& data) {
      PutIn(Within(Within(data, DCM_PerFrameFunctionalGroupsSequence), DCM_PlanePositionSequence),
            DCM_ImagePositionPatient, position);
    };
  };
  EXPECT_EQ(code({}), "none");
  EXPECT_EQ(code(at("-10\\-30.9\\100")), "none");          // less than a tenth of a slice
  EXPECT_EQ(code(at("-10\\-28.9\\100")), "SEG_OFF_GRID");  // more
  EXPECT_EQ(code(at("-9.8\\-30\\100")), "SEG_OFF_GRID");   // between columns
  EXPECT_EQ(code(at("-8.5\\-30\\100")), "SEG_OFF_GRID");   // one column aside: the last is outside
  EXPECT_EQ(code(at("-10\\1000\\100")), "SEG_OFF_GRID");
  EXPECT_EQ(code([](DcmDataset& data) {
              PutIn(Within(Within(data, DCM_SharedFunctionalGroupsSequence), DCM_PixelMeasuresSequence),
                    DCM_PixelSpacing, "1.5\\2");
            }),
            "SEG_OFF_GRID");
  EXPECT_EQ(code([](DcmDataset& data) { Put(data, DCM_FrameOfReferenceUID, "1.2.3.10"); }), "SEG_FRAME_OF_REFERENCE");
  const std::string twice = SegFile({.frames = {{1, 2, PatternPixels(0)}, {1, 2, PatternPixels(1)}}});
  EXPECT_EQ(CodeOf([&] { (void)LabelsOnGrid(Read(twice), target); }), "SEG_FRAMES");
}

TEST(DicomSeg, HasAGridOfItsOwn) {
  const DicomSeg seg = Read(SegFile(TwoSegments()));  // slices 2, 3 and 5
  const SegTarget target = OwnTarget(seg);
  EXPECT_THAT(target.grid.size, ElementsAre(kMadeColumns, kMadeRows, 4));
  EXPECT_THAT(target.grid.spacing, ElementsAre(1.5, 2, 10));
  EXPECT_THAT(target.grid.origin, ElementsAre(-10, -30, 100));
  const LabelMap map = LabelsOnGrid(seg, target);
  EXPECT_EQ(LabelAt(map, 0, 0, 1), 1);
  EXPECT_EQ(Count(map, 2), Count(LabelsOnGrid(seg, target, {.only_segment = 2}), 2));
  const std::string aside = SegFile(TwoSegments(), [](DcmDataset& data) {
    PutIn(Within(Within(data, DCM_PerFrameFunctionalGroupsSequence, 1), DCM_PlanePositionSequence),
          DCM_ImagePositionPatient, "-8\\0\\100");
  });
  EXPECT_EQ(CodeOf([&] { (void)OwnTarget(Read(aside)); }), "SEG_OFF_GRID");
  const std::string far = SegFile(TwoSegments(), [](DcmDataset& data) {
    PutIn(Within(Within(data, DCM_PerFrameFunctionalGroupsSequence, 1), DCM_PlanePositionSequence),
          DCM_ImagePositionPatient, "-10\\99970\\100");
  });
  EXPECT_EQ(CodeOf([&] { (void)OwnTarget(Read(far), {.max_voxels = 100'000}); }), "LIMIT_EXCEEDED");
}

TEST(DicomSeg, WhatIsNoVolumeIsNamedSo) {
  const auto code = [](const DicomEdit& edit) { return ReadCode(SegFile(TwoSegments(), edit)); };
  EXPECT_EQ(code([](DcmDataset& d) { d.findAndDeleteElement(DCM_FrameOfReferenceUID); }), "SEG_NOT_A_VOLUME");
  EXPECT_EQ(code([](DcmDataset& d) {
              Within(d, DCM_SharedFunctionalGroupsSequence).findAndDeleteElement(DCM_PlaneOrientationSequence);
            }),
            "SEG_NOT_A_VOLUME");
  EXPECT_EQ(code([](DcmDataset& d) {
              Within(d, DCM_PerFrameFunctionalGroupsSequence, 2).findAndDeleteElement(DCM_PlanePositionSequence);
            }),
            "SEG_NOT_A_VOLUME");
  EXPECT_EQ(code([](DcmDataset& d) { d.putAndInsertUint32(DCM_TotalPixelMatrixRows, 50); }), "SEG_NOT_A_VOLUME");
  EXPECT_EQ(code([](DcmDataset& d) { Put(d, DCM_DimensionOrganizationType, "TILED_FULL"); }), "SEG_NOT_A_VOLUME");
}

TEST(DicomSeg, WhatContradictsItselfIsRefused) {
  const auto code = [](const DicomEdit& edit) { return ReadCode(SegFile(TwoSegments(), edit)); };
  EXPECT_EQ(code([](DcmDataset& d) { Put(d, DCM_SOPClassUID, UID_MRImageStorage); }), "NOT_A_SEG");
  EXPECT_EQ(code([](DcmDataset& d) { Put(d, DCM_NumberOfFrames, "4"); }), "SEG_FRAMES");
  EXPECT_EQ(code([](DcmDataset& d) { Put(d, DCM_NumberOfFrames, "999999999"); }), "SEG_FRAMES");
  EXPECT_EQ(code([](DcmDataset& d) { d.findAndDeleteElement(DCM_PerFrameFunctionalGroupsSequence); }), "SEG_FRAMES");
  EXPECT_EQ(code([](DcmDataset& d) { d.findAndDeleteElement(DCM_SegmentSequence); }), "SEG_SEGMENTS");
  EXPECT_EQ(code([](DcmDataset& d) { PutNumberIn(Within(d, DCM_SegmentSequence, 1), DCM_SegmentNumber, 1); }),
            "SEG_SEGMENTS");
  EXPECT_EQ(code([](DcmDataset& d) { PutNumberIn(Within(d, DCM_SegmentSequence, 1), DCM_SegmentNumber, 0); }),
            "SEG_SEGMENTS");
  EXPECT_EQ(code([](DcmDataset& d) { PutNumberIn(Within(d, DCM_SegmentSequence, 1), DCM_SegmentNumber, 7); }),
            "SEG_SEGMENTS");
  EXPECT_EQ(code([](DcmDataset& d) { PutNumber(d, DCM_Rows, 65535); }), "UNDECODABLE");
  EXPECT_EQ(code([](DcmDataset& d) { PutNumber(d, DCM_Columns, 0); }), "UNDECODABLE");
  EXPECT_EQ(code([](DcmDataset& d) { PutNumber(d, DCM_BitsAllocated, 8); }), "UNDECODABLE");
  EXPECT_EQ(code([](DcmDataset& d) { Put(d, DCM_SegmentationType, "LABELMAP"); }), "UNDECODABLE");
  EXPECT_EQ(code([](DcmDataset& d) { d.findAndDeleteElement(DCM_PixelData); }), "UNDECODABLE");
  EXPECT_EQ(code([](DcmDataset& d) {
              Within(d, DCM_SharedFunctionalGroupsSequence).findAndDeleteElement(DCM_PixelMeasuresSequence);
            }),
            "NO_GEOMETRY");
  EXPECT_EQ(code([](DcmDataset& d) {
              PutIn(Within(Within(d, DCM_SharedFunctionalGroupsSequence), DCM_PlaneOrientationSequence),
                    DCM_ImageOrientationPatient, "1\\0\\0\\1\\0\\0");
            }),
            "NO_GEOMETRY");
  EXPECT_EQ(ReadCode(SegFile(TwoSegments(), {}, EXS_BigEndianExplicit)), "UNDECODABLE");
  const MadeSeg fractional{.type = "FRACTIONAL", .bits = 8, .frames = {{1, 0, PatternPixels(0)}}};
  EXPECT_EQ(ReadCode(SegFile(fractional, [](DcmDataset& d) { PutNumber(d, DCM_MaximumFractionalValue, 0); })),
            "UNDECODABLE");
}

TEST(DicomSeg, EveryTruncationIsAnError) {
  const std::string whole = SegFile(TwoSegments());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_NE(ReadCode(whole.substr(0, size)), "none") << size << " of " << whole.size() << " bytes";
  }
}

TEST(DicomSeg, EveryFlippedByteIsReadOrRefused) {
  const MadeStudy study;
  const SegTarget target = MadeTarget(study);
  const std::string whole = SegFile(TwoSegments());
  for (std::size_t at = 132; at < whole.size(); ++at) {
    for (const int value : {0x00, 0x01, 0x7F, 0xFF}) {
      std::string bytes = whole;
      bytes[at] = static_cast<char>(value);
      (void)CodeOf([&] {
        const DicomSeg seg = Read(bytes);
        (void)LabelsOnGrid(seg, target);
        (void)OwnTarget(seg, {.max_voxels = 1'000'000});
      });
    }
  }
}

}  // namespace
}  // namespace dinsd
