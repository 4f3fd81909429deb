#include "pipeline/read/dicom_rtstruct.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "pipeline/read/file_bytes.h"
#include "pipeline/read/input_error.h"
#include "pipeline/read/label_file.h"
#include "pipeline/read/rtstruct_file.h"
#include "pipeline/read/same_grid.h"
#include "pipeline/read/study.h"
#include "tests/pipeline/source_kit.h"
#include "tests/test_data.h"

namespace dinsd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const GridGeometry kGrid{.size = {16, 12, 6}, .spacing = {1.5, 2, 5}, .origin = {-10, 20, 30}};

struct Contour {
  double x0, y0, x1, y1;  // a rectangle, in pixels
  double slice;           // continuous
  std::string image;      // SOPInstanceUID; empty = no reference
  std::string type = "CLOSED_PLANAR";
};

struct Roi {
  std::string number, name;
  std::vector<Contour> contours;
  std::string frame = "1.2.3.9";
};

std::string Text(const Contour& c) {
  std::string text;
  for (const auto& [x, y] : {std::pair(c.x0, c.y0), {c.x1, c.y0}, {c.x1, c.y1}, {c.x0, c.y1}}) {
    for (const double mm : LpsFromIndex(kGrid, {x, y, c.slice}))
      text += (text.empty() ? "" : "\\") + std::to_string(mm);
  }
  return text;
}

DcmItem& Append(DcmItem& item, const DcmTagKey& key) {
  DcmItem* added = nullptr;
  if (item.findOrCreateSequenceItem(key, added, -2).bad()) throw std::runtime_error("cannot append");
  return *added;
}

void PutIn(DcmItem& item, const DcmTagKey& key, const std::string& value) {
  if (item.putAndInsertString(key, value.c_str()).bad()) throw std::runtime_error("cannot put " + value);
}

// A structure set by someone else; `edit` sees the data set at the end.
std::string MakeRtStruct(const std::vector<Roi>& rois, const DicomEdit& edit = {},
                         E_TransferSyntax syntax = EXS_LittleEndianExplicit) {
  DcmDataset data;
  Put(data, DCM_SOPClassUID, UID_RTStructureSetStorage);
  Put(data, DCM_SOPInstanceUID, "1.2.3.77");
  Put(data, DCM_StudyInstanceUID, "1.2.3");
  Put(data, DCM_SeriesInstanceUID, "1.2.3.7");
  for (const Roi& roi : rois) {
    DcmItem& item = Append(data, DCM_StructureSetROISequence);
    PutIn(item, DCM_ROINumber, roi.number);
    PutIn(item, DCM_ROIName, roi.name);
    if (!roi.frame.empty()) PutIn(item, DCM_ReferencedFrameOfReferenceUID, roi.frame);
    DcmItem& contours = Append(data, DCM_ROIContourSequence);
    PutIn(contours, DCM_ReferencedROINumber, roi.number);
    for (const Contour& c : roi.contours) {
      DcmItem& contour = Append(contours, DCM_ContourSequence);
      if (!c.image.empty()) PutIn(Append(contour, DCM_ContourImageSequence), DCM_ReferencedSOPInstanceUID, c.image);
      PutIn(contour, DCM_ContourGeometricType, c.type);
      PutIn(contour, DCM_NumberOfContourPoints, "4");
      PutIn(contour, DCM_ContourData, Text(c));
    }
  }
  if (edit) edit(data);
  return FileOf(data, syntax);
}

RtStructReading Read(const std::string& bytes, const std::vector<std::string>& names = {},
                     const SourceSeries& source = MakeSource(kGrid)) {
  return RtStructToMask(std::as_bytes(std::span(bytes)), "rt.dcm", source, names);
}

std::string ErrorOf(const std::string& bytes, const std::vector<std::string>& names = {},
                    const SourceSeries& source = MakeSource(kGrid)) {
  try {
    (void)Read(bytes, names, source);
  } catch (const InputError& error) {
    EXPECT_EQ(error.file(), "rt.dcm");
    return error.what();
  }
  return "none";
}

std::size_t Voxels(const RtStructReading& read, std::int64_t k) {
  const auto plane = kGrid.size[0] * kGrid.size[1];
  const auto begin = read.mask.labels.begin() + k * plane;
  return static_cast<std::size_t>(plane - std::count(begin, begin + plane, 0));
}

DcmItem& ContourOf(DcmDataset& data) {
  DcmItem *roi = nullptr, *contour = nullptr;
  if (data.findAndGetSequenceItem(DCM_ROIContourSequence, roi, 0).bad() ||
      roi->findAndGetSequenceItem(DCM_ContourSequence, contour, 0).bad())
    throw std::runtime_error("no contour");
  return *contour;
}

const Contour kOuter{1.5, 1.5, 9.5, 8.5, 2, "1.2.3.4.3"}, kInner{3.5, 3.5, 5.5, 6.5, 2, "1.2.3.4.3"};

TEST(DicomRtStructRead, ContoursOfASliceAreCombinedByExclusiveOr) {
  const RtStructReading read = Read(MakeRtStruct({{"4", "tumour", {kOuter, kInner}}}));
  EXPECT_EQ(Voxels(read, 2), 8U * 7 - 2 * 3);
  EXPECT_EQ(read.mask.labels[static_cast<std::size_t>((2 * 12 + 4) * 16 + 4)], 0);
  EXPECT_EQ(read.mask.labels[static_cast<std::size_t>((2 * 12 + 2) * 16 + 2)], 4);
  ASSERT_EQ(read.regions.size(), 1U);
  EXPECT_EQ(read.regions[0].name, "tumour");
  EXPECT_EQ(read.regions[0].voxels, 50U);
  EXPECT_THAT(read.notes, IsEmpty());
}

TEST(DicomRtStructRead, ImplicitAndBigEndianFilesAreReadAlike) {
  const std::vector<Roi> rois{{"4", "tumour", {kOuter, kInner}}};
  for (const E_TransferSyntax syntax : {EXS_LittleEndianImplicit, EXS_BigEndianExplicit})
    EXPECT_EQ(Read(MakeRtStruct(rois, {}, syntax)).mask.labels, Read(MakeRtStruct(rois)).mask.labels);
}

TEST(DicomRtStructRead, AnImageThatIsNotThereIsReplacedByPositionAndTold) {
  Contour lost = kOuter, nameless = kInner;
  lost.image = "1.2.3.4.999";
  nameless.image.clear();
  nameless.slice = 4.2;  // mm: 1 beside its slice
  const RtStructReading read = Read(MakeRtStruct({{"1", "tumour", {lost, nameless}}}));
  EXPECT_EQ(Voxels(read, 2), 56U);
  EXPECT_EQ(Voxels(read, 4), 6U);
  EXPECT_THAT(read.notes, ElementsAre(HasSubstr("rt_reference_unresolved: 1 contours"),
                                      HasSubstr("rt_snapped: contours lie up to 1 mm")));
}

TEST(DicomRtStructRead, AnotherFrameOfReferenceIsRefused) {
  EXPECT_THAT(ErrorOf(MakeRtStruct({{"1", "tumour", {kOuter}, "1.2.3.8"}})), HasSubstr("RT_FRAME_OF_REFERENCE"));
  Contour lost = kOuter;
  lost.image = "1.2.3.4.999";
  EXPECT_THAT(ErrorOf(MakeRtStruct({{"1", "tumour", {lost}, ""}})), HasSubstr("RT_FRAME_OF_REFERENCE"));
  EXPECT_EQ(Voxels(Read(MakeRtStruct({{"1", "tumour", {kOuter}, ""}})), 2), 56U);  // the image says enough
}

TEST(DicomRtStructRead, ContoursOffThePlaneAreRefused) {
  const auto with_slice = [](double slice) {
    Contour contour = kOuter;
    contour.slice = slice;
    contour.image.clear();
    return MakeRtStruct({{"1", "tumour", {contour}}});
  };
  EXPECT_EQ(ErrorOf(with_slice(5.49)), "none");
  EXPECT_THAT(ErrorOf(with_slice(5.51)), HasSubstr("RT_OFF_PLANE"));
  EXPECT_EQ(ErrorOf(with_slice(-0.49)), "none");
  EXPECT_THAT(ErrorOf(with_slice(-0.51)), HasSubstr("RT_OFF_PLANE"));
  const auto tilted_by = [](double mm) {
    return MakeRtStruct({{"1", "tumour", {kOuter}}}, [mm](DcmDataset& data) {
      const std::string low = std::to_string(40.0), high = std::to_string(40.0 + mm);
      PutIn(ContourOf(data), DCM_ContourData,
            "-5\\25\\" + low + "\\0\\25\\" + low + "\\0\\35\\" + high + "\\-5\\35\\" + high);
    });
  };
  EXPECT_EQ(ErrorOf(tilted_by(0.09)), "none");
  EXPECT_THAT(ErrorOf(tilted_by(0.2)), HasSubstr("points lie up to 0.2 mm apart across the slices"));
}

// Drawn on thinner slices: exclusive or of two planes would be nonsense.
TEST(DicomRtStructRead, TwoPlanesInOneSliceAreRefused) {
  Contour above = kOuter;
  above.slice = 2.3;
  EXPECT_THAT(ErrorOf(MakeRtStruct({{"1", "tumour", {kOuter, above}}})), HasSubstr("RT_OFF_PLANE"));
}

TEST(DicomRtStructRead, AContourThatNamesAnotherSliceIsRefused) {
  Contour contour = kOuter;
  contour.image = "1.2.3.4.5";
  EXPECT_THAT(
      ErrorOf(MakeRtStruct({{"1", "tumour", {contour}}})),
      HasSubstr("RT_REFERENCE_CONFLICT: rt.dcm [ReferencedSOPInstanceUID]: contour 1 of region 1: names slice 5 "
                "and lies 10 mm from it"));
}

TEST(DicomRtStructRead, AContourMayTouchTheBorderAndNotLeaveTheImage) {
  Contour contour{-0.5, -0.5, 15.5, 11.5, 2, "1.2.3.4.3"};
  EXPECT_EQ(Voxels(Read(MakeRtStruct({{"1", "all", {contour}}})), 2), 16U * 12);
  contour.x1 = 16.7;
  EXPECT_THAT(ErrorOf(MakeRtStruct({{"1", "all", {contour}}})), HasSubstr("RT_OUTSIDE_IMAGE"));
}

TEST(DicomRtStructRead, RegionsThatOverlapAreTakenOneByOne) {
  const std::string bytes = MakeRtStruct({{"1", "body", {kOuter}}, {"2", "tumour", {kInner}}});
  EXPECT_THAT(ErrorOf(bytes), HasSubstr("RT_OVERLAP: rt.dcm: region 2 shares 6 voxels"));
  const RtStructReading read = Read(bytes, {"tumour"});
  EXPECT_EQ(Voxels(read, 2), 6U);
  ASSERT_EQ(read.regions.size(), 1U);
  EXPECT_EQ(read.regions[0].label, 2);
  EXPECT_THAT(ErrorOf(bytes, {"tumor"}), HasSubstr("RT_ROI_NOT_FOUND"));
  EXPECT_THAT(ErrorOf(MakeRtStruct({})), HasSubstr("RT_ROI_NOT_FOUND"));
}

TEST(DicomRtStructRead, NumbersThatCannotBeLabelsAreCounted) {
  const RtStructReading read = Read(MakeRtStruct({{"0", "a", {kOuter}}, {"70000", "b", {}}, {"3", "c", {}}}));
  EXPECT_EQ(read.regions.at(0).label, 1);
  EXPECT_EQ(read.regions.at(1).label, 2);
  EXPECT_EQ(read.regions.at(1).number, 70000);
  EXPECT_EQ(read.regions.at(2).label, 3);
}

TEST(DicomRtStructRead, ContoursWithoutAreaAreIgnoredAndTold) {
  Contour open = kInner, odd = kInner;
  open.type = "OPEN_PLANAR";
  const RtStructReading read = Read(MakeRtStruct({{"1", "tumour", {kOuter, open}}}));
  EXPECT_EQ(Voxels(read, 2), 56U);
  EXPECT_THAT(read.notes, ElementsAre(HasSubstr("rt_contour_ignored: 1 contours")));
  odd.type = "SPLINE";
  EXPECT_THAT(ErrorOf(MakeRtStruct({{"1", "tumour", {kOuter, odd}}})),
              HasSubstr("RT_CONTOUR_TYPE: rt.dcm [ContourGeometricType]: contour 2 of region 1"));
}

TEST(DicomRtStructRead, BrokenContoursAreNamed) {
  const auto with_data = [](const std::string& value, const std::string& points) {
    return ErrorOf(MakeRtStruct({{"1", "tumour", {kOuter}}}, [&](DcmDataset& data) {
      PutIn(ContourOf(data), DCM_ContourData, value);
      PutIn(ContourOf(data), DCM_NumberOfContourPoints, points);
    }));
  };
  EXPECT_EQ(with_data("-5\\25\\40\\ 0\\+25\\40 \\0.\\3.5e1\\40", "3"), "none");
  EXPECT_THAT(with_data("-5\\25\\40\\0\\25\\40\\0\\35\\40", "4"), HasSubstr("3 points, NumberOfContourPoints"));
  EXPECT_THAT(with_data("-5\\25\\40\\0\\25\\40\\0\\35", "3"), HasSubstr("8 numbers: not three a point"));
  for (const char* bad : {"x", "1e9", "nan", "inf", "", "0x1", "--1", "1 2"}) {
    EXPECT_THAT(with_data(std::string("-5\\25\\40\\0\\") + bad + "\\40\\0\\35\\40", "3"),
                HasSubstr("RT_CONTOUR_DATA: rt.dcm [ContourData]: contour 1 of region 1: value 5"))
        << bad;
  }
}

TEST(DicomRtStructRead, RegionNumbersMustFit) {
  const Roi roi{"1", "tumour", {kOuter}};
  EXPECT_THAT(ErrorOf(MakeRtStruct({roi, roi})), HasSubstr("RT_ROI_NUMBER: rt.dcm [ROINumber]: 1 is there twice"));
  EXPECT_THAT(ErrorOf(MakeRtStruct({{"one", "tumour", {}}})), HasSubstr("RT_ROI_NUMBER"));
  EXPECT_THAT(ErrorOf(MakeRtStruct({roi},
                                   [](DcmDataset& data) {
                                     DcmItem* item = nullptr;
                                     (void)data.findAndGetSequenceItem(DCM_ROIContourSequence, item, 0);
                                     PutIn(*item, DCM_ReferencedROINumber, "2");
                                   })),
              HasSubstr("2 has contours, and no region has this number"));
}

TEST(DicomRtStructRead, AnotherObjectIsRefused) {
  EXPECT_THAT(ErrorOf(MakeSlice(0)), HasSubstr("WRONG_SOP_CLASS"));
  EXPECT_THAT(ErrorOf("no DICOM at all, just text"), HasSubstr("NOT_DICOM"));
}

// Filling takes as long as its contours are; a file of many full-height zigzags is refused before it is filled.
TEST(DicomRtStructRead, EndlessContoursAreRefused) {
  const GridGeometry tall{.size = {4, 60000, 6}, .spacing = {1, 1, 5}};
  std::string zigzag;
  for (int n = 0; n < 80000; ++n)
    zigzag += (n == 0 ? "" : "\\") + std::to_string(n % 2) + (n % 2 == 0 ? "\\0\\10" : "\\59999\\10");
  const std::string bytes = MakeRtStruct(
      {{"1", "zigzag", {kOuter}}},
      [&](DcmDataset& data) {
        DcmItem& contour = ContourOf(data);
        PutIn(contour, DCM_ContourData, zigzag);
        PutIn(contour, DCM_NumberOfContourPoints, "80000");
      },
      EXS_LittleEndianImplicit);
  EXPECT_THAT(ErrorOf(bytes, {}, MakeSource(tall)), HasSubstr("LIMIT_EXCEEDED"));
}

TEST(DicomRtStructRead, ATruncatedFileIsRefusedByName) {
  const std::string whole = MakeRtStruct({{"1", "tumour", {kOuter, kInner}}});
  int refused = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    if (ErrorOf(whole.substr(0, size)) != "none") ++refused;
  }
  // Between two elements of the data set a file may end: then regions have no contours.
  EXPECT_GE(refused, static_cast<int>(whole.size()) - 12);
}

TEST(DicomRtStructRead, ChangedBytesAreReadOrRefusedByName) {
  const std::string whole = MakeRtStruct({{"1", "tumour", {kOuter, kInner}}, {"2", "other", {}}});
  TestRandom random(6);
  for (int n = 0; n < 3000; ++n) {
    std::string bytes = whole;
    for (std::int64_t changes = 1 + random.Below(4); changes > 0; --changes)
      bytes[static_cast<std::size_t>(random.Below(static_cast<std::int64_t>(bytes.size())))] =
          static_cast<char>(random.Below(256));
    (void)ErrorOf(bytes);
  }
}

InspectedStudy InspectFolder(const std::filesystem::path& folder) {
  StudyReadOptions options;
  options.dicom.spacing_out_of_range = GeometryPolicy::kProcessAnyway;
  options.dicom.min_slices = 2;
  return InspectStudy(folder, "study", ListStudyFiles(folder), options);
}

// Its contours name images that do not exist. The mask beside it was made by other software, on the same voxels.
TEST(DicomRtStructRead, ARealStructureSetWithBadReferencesLiesWhereItsMaskDoes) {
  DINSD_REQUIRE_DATA("dicom/sts_008");
  DINSD_REQUIRE_DATA("sts_mr/masks/STS_008.nii.gz");
  const std::filesystem::path folder = *TestData() / "dicom/sts_008/MR_T1";
  const SourceSeries source = ReadSourceSeries(folder / "image", ChosenImage(InspectFolder(folder / "image")));
  const RtStructReading read = RtStructToMask(ReadFileBytes(folder / "mask", "RS.dcm", 1U << 30), "RS.dcm", source, {});
  EXPECT_THAT(read.notes, ElementsAre(HasSubstr("rt_reference_unresolved: 19 contours")));
  ASSERT_EQ(read.regions.size(), 1U);
  EXPECT_EQ(read.regions[0].name, "GTV_Mass_MR_T1");
  const LabelMap truth = ReadLabelFile(*TestData() / "sts_mr/masks/STS_008.nii.gz");
  ASSERT_TRUE(IsSameGrid(read.mask.grid, truth.grid, 0.01));
  EXPECT_EQ(read.regions[0].voxels, 8862U);
  EXPECT_TRUE(std::ranges::equal(
      read.mask.labels, truth.labels, {}, [](std::uint16_t l) { return l != 0; },
      [](std::uint16_t l) { return l != 0; }));
}

// Structure sets of rt-utils, made on CT: their regions are read whatever images they name.
TEST(DicomRtStructRead, ForeignFilesAreReadOrRefusedByName) {
  DINSD_REQUIRE_DATA("dicom/rt_utils");
  const std::filesystem::path folder = *TestData() / "dicom/rt_utils/tests";
  for (const char* file : {"mock_data/rt.dcm", "mock_data/invalid_reference_rt.dcm",
                           "mock_data/non_existent_reference_rt.dcm", "empty/dummy_rt.dcm"}) {
    const std::vector<std::byte> bytes = ReadFileBytes(folder, file, 1U << 30);
    try {
      const std::vector<RtRoi> rois = ReadRtStructFile(bytes, file);
      std::size_t contours = 0;
      for (const RtRoi& roi : rois) contours += roi.contours.size();
      std::printf("%s: %zu regions, %zu contours\n", file, rois.size(), contours);
    } catch (const InputError& error) {
      std::printf("%s\n", error.what());
    }
  }
}

}  // namespace
}  // namespace dinsd
