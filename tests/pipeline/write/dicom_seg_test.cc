#include "pipeline/write/dicom_seg.h"

#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcfilefo.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <set>

#include "pipeline/read/dicom_data_set.h"
#include "pipeline/read/dicom_seg.h"
#include "pipeline/read/dicom_seg_label.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/read/input_error.h"
#include "pipeline/write/packed_bits.h"
#include "tests/pipeline/write/source_maker.h"
#include "tests/program_output.h"
#include "tests/random.h"

namespace dinsd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const SegFacts kFacts{.key = "key-1",
                      .created = "2026-01-02T03:04:05Z",
                      .software = "dinsd 0.1.0",
                      .algorithm = "DINs",
                      .weights_name = "small",
                      .weights_sha256 = std::string(64, 'a')};

std::vector<SegLesion> Lesions(int count) {
  std::vector<SegLesion> lesions;
  for (int n = 1; n <= count; ++n) lesions.push_back({static_cast<std::uint16_t>(n), "L" + std::to_string(n)});
  return lesions;
}

LabelMap EmptyMask(const SourceSeries& source) {
  return {source.grid, std::vector<std::uint16_t>(source.grid.SizeZyx().VoxelCount())};
}

std::uint16_t& At(LabelMap& mask, std::int64_t i, std::int64_t j, std::int64_t k) {
  return mask.labels.at(static_cast<std::size_t>((k * mask.grid.size[1] + j) * mask.grid.size[0] + i));
}

// Random labels 1 to `labels` in the first `slices` slices, each in every one of these: labels x slices frames.
LabelMap RandomMask(const SourceSeries& source, int labels, int slices, TestRandom& random) {
  LabelMap mask = EmptyMask(source);
  for (std::int64_t k = 0; k < slices; ++k) {
    for (std::int64_t j = 0; j < mask.grid.size[1]; ++j) {
      for (std::int64_t i = 0; i < mask.grid.size[0]; ++i)
        At(mask, i, j, k) = static_cast<std::uint16_t>(random.Below(labels + 1));
    }
    for (int n = 1; n <= labels; ++n) At(mask, n, 0, k) = static_cast<std::uint16_t>(n);
    At(mask, mask.grid.size[0] - 1, mask.grid.size[1] - 1, k) = static_cast<std::uint16_t>(labels);
  }
  return mask;
}

std::string Content(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

DicomSeg ReadBack(const std::filesystem::path& file) {
  return ReadDicomSeg(ReadFileBytes(file.parent_path(), file.filename().string(), 1 << 30), file.filename().string());
}

bool HasDciodvfy() {
  return std::system("command -v dciodvfy > /dev/null 2>&1") == 0;
}

void ExpectValid(const std::filesystem::path& file) {
  const std::string output = OutputOf("dciodvfy '" + file.string() + "'");
  EXPECT_THAT(output, HasSubstr("Segmentation"));
  EXPECT_THAT(output, Not(HasSubstr("Error")));
}

std::string TextOf(DcmItem& item, const DcmTagKey& key) {
  OFString text;
  item.findAndGetOFStringArray(key, text);
  return text.c_str();
}

DcmItem& ItemOf(DcmItem& item, const DcmTagKey& sequence, long at = 0) {
  DcmItem* found = nullptr;
  if (item.findAndGetSequenceItem(sequence, found, at).bad()) throw std::runtime_error("no such item");
  return *found;
}

TEST(PackedBits, AreLowestBitFirstWithoutGaps) {
  PackedBits bits(10);
  for (const int bit : {1, 0, 1, 1, 0, 0, 0, 1, 0, 1}) bits.Append(bit != 0);
  EXPECT_THAT(bits.Take(), ElementsAre(0x8D, 0x02));
  PackedBits even(17);
  for (int n = 0; n < 17; ++n) even.Append(true);
  EXPECT_THAT(even.Take(), ElementsAre(0xFF, 0xFF, 0x01, 0x00));
}

TEST(DicomSegWriter, EverySizeAndNumberOfFramesComesBack) {
  TestRandom random(20);
  std::set<int> remainders;
  for (const auto& [columns, rows] : std::vector<std::pair<int, int>>{
           {32, 31}, {33, 33}, {34, 31}, {35, 33}, {36, 31}, {39, 35}, {38, 31}, {33, 31}}) {
    remainders.insert(columns * rows % 8);
    const MadeSource made(columns, rows, 6);
    const SourceSeries source = made.Read();
    for (const auto& [labels, slices] : std::vector<std::pair<int, int>>{{1, 1}, {1, 2}, {3, 3}, {3, 6}}) {
      SCOPED_TRACE(testing::Message() << columns << "x" << rows << ", " << labels * slices << " frames");
      const TempFolder folder;
      const LabelMap mask = RandomMask(source, labels, slices, random);
      const auto written = WriteDicomSegs(folder.path(), "seg", mask, Lesions(labels), source, kFacts);
      ASSERT_EQ(written.size(), 1U);
      EXPECT_EQ(written[0].frames, static_cast<std::size_t>(labels * slices));
      EXPECT_EQ(LabelsOnGrid(ReadBack(folder.path() / "seg.dcm"), TargetOf(source)).labels, mask.labels);
    }
  }
  EXPECT_EQ(remainders.size(), 8U);
}

TEST(DicomSegWriter, TheSameResultIsTheSameBytes) {
  const MadeSource made(33, 31, 6);
  const SourceSeries source = made.Read();
  TestRandom random(3);
  const LabelMap mask = RandomMask(source, 2, 3, random);
  const TempFolder folder;
  const auto first = WriteDicomSegs(folder.path(), "a", mask, Lesions(2), source, kFacts);
  const auto second = WriteDicomSegs(folder.path(), "b", mask, Lesions(2), source, kFacts);
  EXPECT_EQ(Content(folder.path() / "a.dcm"), Content(folder.path() / "b.dcm"));
  EXPECT_EQ(first[0].sop_instance_uid, second[0].sop_instance_uid);
  SegFacts other = kFacts;
  other.key = "key-2";
  const auto third = WriteDicomSegs(folder.path(), "c", mask, Lesions(2), source, other);
  EXPECT_NE(third[0].sop_instance_uid, first[0].sop_instance_uid);
  EXPECT_THAT(third[0].sop_instance_uid, testing::StartsWith("2.25."));
  EXPECT_EQ(ReadBack(folder.path() / "a.dcm").segments[0].tracking_uid,
            ReadBack(folder.path() / "c.dcm").segments[0].tracking_uid);  // the lesion is the same one
}

class DicomSegHeader : public testing::Test {
 protected:
  DicomSegHeader()
      : made_(33, 31, 6,
              [](DcmDataset& data, int k) {
                // Digits that a number would not keep.
                Put(data, DCM_ImagePositionPatient, "-10.0\\" + std::to_string(-50 + 10 * k) + ".000000\\+100");
                Put(data, DCM_ImageOrientationPatient, "1.00000\\0.0\\-0\\0\\0\\-1");
                Put(data, DCM_SpecificCharacterSet, "ISO_IR 100");
                Put(data, DCM_PatientName, "M\xFCller^Jane");
              }),
        source_(made_.Read()),
        mask_(EmptyMask(source_)) {}

  DcmDataset& Write(const std::vector<SegLesion>& lesions, const SegFacts& facts = kFacts,
                    const SegWriteOptions& options = {}) {
    written_ = WriteDicomSegs(folder_.path(), "seg", mask_, lesions, source_, facts, options);
    file_.loadFile((folder_.path() / "seg.dcm").c_str());
    return *file_.getDataset();
  }

  TempFolder folder_;
  MadeSource made_;
  SourceSeries source_;
  LabelMap mask_;
  std::vector<WrittenSeg> written_;
  DcmFileFormat file_;
};

TEST_F(DicomSegHeader, CopiesPatientStudyAndPlacesAsTheyAre) {
  At(mask_, 1, 2, 3) = At(mask_, 1, 2, 5) = 1;
  DcmDataset& data = Write(Lesions(1));
  EXPECT_EQ(TextOf(data, DCM_PatientName), "M\xFCller^Jane");
  EXPECT_EQ(TextOf(data, DCM_SpecificCharacterSet), "ISO_IR 100");
  EXPECT_EQ(TextOf(data, DCM_StudyInstanceUID), "1.2.3");
  EXPECT_EQ(TextOf(data, DCM_FrameOfReferenceUID), "1.2.3.9");
  EXPECT_EQ(TextOf(data, DCM_ContentDate) + TextOf(data, DCM_ContentTime), "20260102030405");
  DcmItem& frame = ItemOf(data, DCM_PerFrameFunctionalGroupsSequence, 1);
  EXPECT_EQ(TextOf(ItemOf(frame, DCM_PlanePositionSequence), DCM_ImagePositionPatient), "-10.0\\0.000000\\+100");
  DcmItem& shared = ItemOf(data, DCM_SharedFunctionalGroupsSequence);
  EXPECT_EQ(TextOf(ItemOf(shared, DCM_PlaneOrientationSequence), DCM_ImageOrientationPatient),
            "1.00000\\0.0\\-0\\0\\0\\-1");
  EXPECT_EQ(TextOf(ItemOf(shared, DCM_PixelMeasuresSequence), DCM_PixelSpacing), "2\\1.5");
  EXPECT_EQ(TextOf(ItemOf(shared, DCM_PixelMeasuresSequence), DCM_SpacingBetweenSlices), "10");
  const Uint32* index = nullptr;
  ItemOf(frame, DCM_FrameContentSequence).findAndGetUint32Array(DCM_DimensionIndexValues, index);
  ASSERT_NE(index, nullptr);
  EXPECT_EQ(index[0], 1U);
  EXPECT_EQ(index[1], 2U);  // the second place that has a frame
  DcmItem& image = ItemOf(ItemOf(frame, DCM_DerivationImageSequence), DCM_SourceImageSequence);
  EXPECT_EQ(TextOf(image, DCM_ReferencedSOPInstanceUID), "1.2.3.4.6");
  DcmItem& series = ItemOf(data, DCM_ReferencedSeriesSequence);
  EXPECT_EQ(TextOf(series, DCM_SeriesInstanceUID), "1.2.3.4");
  EXPECT_EQ(TextOf(ItemOf(series, DCM_ReferencedInstanceSequence, 5), DCM_ReferencedSOPInstanceUID), "1.2.3.4.6");
}

TEST_F(DicomSegHeader, DescribesLesionsAndWhoFoundThem) {
  At(mask_, 1, 2, 3) = 2;
  At(mask_, 1, 2, 4) = 7;
  DcmDataset& data =
      Write({{2, "L\xC3\xA4sion\\2", "1.2.9", DicomCode{"38266002", "SCT", "Entire body"}, "L"}, {7, "L7"}});
  DcmItem& first = ItemOf(data, DCM_SegmentSequence);
  EXPECT_EQ(TextOf(first, DCM_SegmentLabel), "L_sion_2");  // the source's character set is not UTF-8
  EXPECT_EQ(TextOf(first, DCM_TrackingUID), "1.2.9");
  EXPECT_EQ(TextOf(first, DCM_SegmentAlgorithmType), "SEMIAUTOMATIC");
  EXPECT_EQ(TextOf(ItemOf(first, DCM_SegmentedPropertyTypeCodeSequence), DCM_CodeValue), "89084002");
  DcmItem& algorithm = ItemOf(first, DCM_SegmentationAlgorithmIdentificationSequence);
  EXPECT_EQ(TextOf(algorithm, DCM_AlgorithmName), "DINs");
  EXPECT_THAT(TextOf(algorithm, DCM_AlgorithmParameters), HasSubstr(kFacts.weights_sha256));
  DcmItem& site = ItemOf(first, DCM_AnatomicRegionSequence);
  EXPECT_EQ(TextOf(ItemOf(site, DCM_AnatomicRegionModifierSequence), DCM_CodeValue), "7771000");
  EXPECT_THAT(TextOf(data, DCM_SoftwareVersions), testing::EndsWith(kFacts.weights_sha256));
  EXPECT_THAT(written_.at(0).labels, ElementsAre(2, 7));
  const DicomSeg seg = ReadBack(folder_.path() / "seg.dcm");
  EXPECT_EQ(seg.segments.at(1).number, 2);
  EXPECT_EQ(seg.segments.at(1).label, 7);
  EXPECT_EQ(seg.segments.at(1).tracking_id, "L7");
  EXPECT_EQ(LabelsOnGrid(seg, TargetOf(source_)).labels, mask_.labels);
}

TEST_F(DicomSegHeader, ANameOfBlanksIsReplaced) {
  At(mask_, 1, 2, 3) = 1;
  DcmDataset& data = Write({{1, "  "}});
  EXPECT_EQ(TextOf(ItemOf(data, DCM_SegmentSequence), DCM_SegmentLabel), "label 1");
}

// Without what dinsd wrote beside the standard, labels are the numbers of segments.
TEST_F(DicomSegHeader, ArchiveThatDropsPrivateElementsLosesOnlyTheLabels) {
  At(mask_, 1, 2, 3) = 2;
  At(mask_, 1, 2, 4) = 7;
  DcmDataset& data = Write({{2, "L2"}, {7, "L7"}});
  for (long n = 0; n < 2; ++n) {
    ItemOf(data, DCM_SegmentSequence, n).findAndDeleteElement(kSegLabelCreatorKey);
    ItemOf(data, DCM_SegmentSequence, n).findAndDeleteElement(kSegLabelKey);
  }
  file_.saveFile((folder_.path() / "plain.dcm").c_str(), EXS_LittleEndianImplicit);
  LabelMap read = LabelsOnGrid(ReadBack(folder_.path() / "plain.dcm"), TargetOf(source_));
  EXPECT_EQ(At(read, 1, 2, 3), 1);
  EXPECT_EQ(At(read, 1, 2, 4), 2);
}

TEST_F(DicomSegHeader, LossyImagesMakeALossySegmentation) {
  EXPECT_FALSE(source_.is_lossy);
  const MadeSource lossy(33, 31, 6, [](DcmDataset& data, int k) {
    if (k == 3) Put(data, DCM_LossyImageCompression, "01");
    Put(data, DCM_LossyImageCompressionRatio, "7.5");
    Put(data, DCM_LossyImageCompressionMethod, "ISO_10918_1");
  });
  source_ = lossy.Read();
  EXPECT_TRUE(source_.is_lossy);
  At(mask_, 1, 2, 3) = 1;
  DcmDataset& data = Write(Lesions(1));
  EXPECT_EQ(TextOf(data, DCM_LossyImageCompression), "01");
  EXPECT_EQ(TextOf(data, DCM_LossyImageCompressionRatio), "7.5");
  if (HasDciodvfy()) ExpectValid(folder_.path() / "seg.dcm");
}

TEST_F(DicomSegHeader, EmptyFramesAreOmittedUnlessWanted) {
  At(mask_, 1, 2, 3) = 1;
  Write(Lesions(2));  // the second has no voxel and becomes no segment
  EXPECT_EQ(written_.at(0).frames, 1U);
  EXPECT_THAT(written_.at(0).labels, ElementsAre(1));
  std::filesystem::remove(folder_.path() / "seg.dcm");
  Write(Lesions(2), kFacts, {.keeps_empty_frames = true});
  EXPECT_EQ(written_.at(0).frames, 6U);
  EXPECT_EQ(LabelsOnGrid(ReadBack(folder_.path() / "seg.dcm"), TargetOf(source_)).labels, mask_.labels);
}

TEST_F(DicomSegHeader, AMaskWithoutLabelsIsNoObject) {
  EXPECT_THAT(WriteDicomSegs(folder_.path(), "seg", mask_, Lesions(3), source_, kFacts), IsEmpty());
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(DicomSegHeader, WhatCannotBeWrittenIsRefused) {
  At(mask_, 1, 2, 3) = 2;
  const auto write = [&](const std::vector<SegLesion>& lesions, const SegFacts& facts = kFacts) {
    (void)WriteDicomSegs(folder_.path(), "seg", mask_, lesions, source_, facts);
  };
  EXPECT_THROW(write(Lesions(1)), std::invalid_argument);
  EXPECT_THROW(write({{2, "a"}, {2, "b"}}), std::invalid_argument);
  SegFacts nameless = kFacts;
  nameless.algorithm.clear();
  EXPECT_THROW(write(Lesions(2), nameless), std::invalid_argument);
  SegFacts undated = kFacts;
  undated.created = "yesterday";
  EXPECT_THROW(write(Lesions(2), undated), std::invalid_argument);
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
  source_.frame_of_reference_uid.clear();
  EXPECT_THROW(write(Lesions(2)), InputError);
  source_.frame_of_reference_uid = "1.2.3.9";
  source_.is_interpolated = true;
  EXPECT_THROW(write(Lesions(2)), InputError);
  mask_.grid.spacing[0] += 1;
  EXPECT_THROW(write(Lesions(2)), std::invalid_argument);
}

// A frame that names another slice than its voxels have does not read back, and nothing is left.
TEST_F(DicomSegHeader, WhatDoesNotReadBackIsNotLeft) {
  At(mask_, 1, 2, 4) = 1;
  source_.slices[3].position = source_.slices[4].position;
  EXPECT_THROW((void)WriteDicomSegs(folder_.path(), "seg", mask_, Lesions(1), source_, kFacts), std::runtime_error);
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST(DicomSegWriter, ManySegmentsAreDividedFromHeadToFeet) {
  const MadeSource made(33, 31, 6);
  const SourceSeries source = made.Read();
  LabelMap mask = EmptyMask(source);
  const std::array<int, 5> row_of_label = {20, 3, 30, 9, 1};  // rows go from head to feet
  for (std::size_t n = 0; n < 5; ++n) At(mask, 2, row_of_label[n], 2) = static_cast<std::uint16_t>(n + 1);
  const TempFolder folder;
  const auto written = WriteDicomSegs(folder.path(), "seg", mask, Lesions(5), source, kFacts, {.max_segments = 2});
  ASSERT_EQ(written.size(), 3U);
  EXPECT_THAT(written[0].labels, ElementsAre(5));
  EXPECT_THAT(written[1].labels, ElementsAre(2, 4));
  EXPECT_THAT(written[2].labels, ElementsAre(1, 3));
  LabelMap read = EmptyMask(source);
  std::set<std::string> instances, series;
  for (const WrittenSeg& seg : written) {
    const DicomSeg part = ReadBack(folder.path() / seg.file);
    AddLabels(LabelsOnGrid(part, TargetOf(source)), seg.file, read);
    instances.insert(part.sop_instance_uid);
    series.insert(part.series_uid);
  }
  EXPECT_EQ(read.labels, mask.labels);
  EXPECT_EQ(instances.size(), 3U);
  EXPECT_EQ(series.size(), 1U);
}

TEST(DicomSegWriter, IsValidToDciodvfy) {
  if (!HasDciodvfy()) GTEST_SKIP() << "needs dciodvfy (Debian: dicom3tools)";
  const MadeSource made(40, 35, 6, [](DcmDataset& data, int) { Put(data, DCM_PatientSex, "F"); });
  const SourceSeries source = made.Read();
  for (const int lesions : {1, 2, 7, 200, 300}) {
    SCOPED_TRACE(lesions);
    LabelMap mask = EmptyMask(source);
    for (int n = 0; n < lesions; ++n)
      At(mask, n % 40, n / 40 * 2, n % 6) = At(mask, n % 40, n / 40 * 2, (n + 1) % 6) =
          static_cast<std::uint16_t>(n + 1);
    std::vector<SegLesion> list = Lesions(lesions);
    list[0].site = {"53120007", "SCT", "Upper limb"};
    list[0].laterality = "R";
    const TempFolder folder;
    const auto written = WriteDicomSegs(folder.path(), "seg", mask, list, source, kFacts);
    EXPECT_EQ(written.size(), lesions > 200 ? 2U : 1U);
    for (const WrittenSeg& seg : written) ExpectValid(folder.path() / seg.file);
  }
  LabelMap mask = EmptyMask(source);
  At(mask, 1, 1, 1) = 1;
  for (const SegAlgorithmType type : {SegAlgorithmType::kManual, SegAlgorithmType::kAutomatic}) {
    const TempFolder folder;
    const SegFacts facts{
        .key = "k", .created = "2026-01-02T03:04:05Z", .software = "s", .type = type, .algorithm = "a"};
    (void)WriteDicomSegs(folder.path(), "seg", mask, Lesions(1), source, facts);
    ExpectValid(folder.path() / "seg.dcm");
  }
}

}  // namespace
}  // namespace dinsd
