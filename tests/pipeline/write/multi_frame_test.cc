#include <dcmtk/dcmdata/dcdeftag.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "pipeline/read/dicom_data_set.h"
#include "pipeline/read/dicom_rtstruct.h"
#include "pipeline/read/dicom_seg.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/read/functional_groups.h"
#include "pipeline/read/rtstruct_file.h"
#include "pipeline/write/dicom_rtstruct.h"
#include "pipeline/write/dicom_seg.h"
#include "tests/pipeline/read/frame_maker.h"
#include "tests/program_output.h"

// Objects that are made of an enhanced series say of which of its frames.

namespace dinsd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::vector<int> kShuffled = {3, 0, 7, 5, 1, 6, 2, 4};

class MultiFrameSource : public testing::Test {
 protected:
  void SetUp() override {
    made_.Write("mf.dcm", MultiFrameFile(FramesFor(kShuffled)));
    const InspectedStudy study = InspectStudy(made_.root(), "made", {"mf.dcm"}, {});
    source_ = ReadSourceSeries(made_.root(), ChosenImage(study));
    mask_ = {source_.grid, std::vector<std::uint16_t>(source_.grid.SizeZyx().VoxelCount())};
    for (const std::size_t k : {2U, 6U}) {
      for (std::size_t at = 10; at < 14; ++at) mask_.labels[k * kMadeRows * kMadeColumns + at] = 1;
    }
  }

  MadeStudy made_{0};
  SourceSeries source_;
  LabelMap mask_;
};

TEST_F(MultiFrameSource, IsNamedByFrameInASeg) {
  const TempFolder folder;
  const SegFacts facts{.key = "key", .created = "2026-01-02T03:04:05Z", .software = "dinsd", .algorithm = "DINs"};
  ASSERT_EQ(WriteDicomSegs(folder.path(), "seg", mask_, {{1, "L1"}}, source_, facts).size(), 1U);
  const std::vector<std::byte> bytes = ReadFileBytes(folder.path(), "seg.dcm", 1U << 20);
  EXPECT_EQ(LabelsOnGrid(ReadDicomSeg(bytes, "seg.dcm"), TargetOf(source_)).labels, mask_.labels);
  const auto data_set = LoadDataSet(bytes, PrescanDicom(bytes, "seg.dcm"), DicomPart::kHeader, "seg.dcm");
  const DicomValues values(*data_set, "seg.dcm");
  std::vector<std::string> frames;
  for (DcmItem* item : values.Items(DCM_PerFrameFunctionalGroupsSequence)) {
    DcmItem* image = FirstItem(FirstItem(item, DCM_DerivationImageSequence), DCM_SourceImageSequence);
    ASSERT_NE(image, nullptr);
    frames.push_back(values.Of(*image).Text(DCM_ReferencedFrameNumber, "ReferencedFrameNumber"));
  }
  EXPECT_THAT(frames, ElementsAre("7", "6")) << "where slices 2 and 6 are stored";
  DcmItem* series = FirstItem(data_set.get(), DCM_ReferencedSeriesSequence);
  ASSERT_NE(series, nullptr);
  EXPECT_EQ(values.Of(*series).Items(DCM_ReferencedInstanceSequence).size(), 1U) << "one instance, once";
  const bool is_there = std::system("command -v dciodvfy > /dev/null 2>&1") == 0;
  const std::string judged = OutputOf("dciodvfy '" + (folder.path() / "seg.dcm").string() + "'");
  EXPECT_TRUE(!is_there || judged.find("Segmentation") != std::string::npos) << judged;
  EXPECT_THAT(judged, Not(HasSubstr("Error")));
}

TEST_F(MultiFrameSource, IsNamedByFrameInAStructureSet) {
  const std::string text =
      MaskToRtStruct(mask_, source_, {.key = "job", .created = "2026-11-01T09:30:00Z", .regions = {{1, "L1"}}});
  const auto bytes = std::as_bytes(std::span(text));
  const std::vector<RtRoi> rois = ReadRtStructFile(bytes, "rt.dcm");
  ASSERT_EQ(rois.size(), 1U);
  std::vector<int> frames;
  for (const RtContour& contour : rois[0].contours) frames.push_back(contour.frame);
  EXPECT_THAT(frames, testing::UnorderedElementsAre(7, 6));
  const RtStructReading read = RtStructToMask(bytes, "rt.dcm", source_);
  EXPECT_EQ(read.mask.labels, mask_.labels);
  EXPECT_THAT(read.notes, IsEmpty());
}

}  // namespace
}  // namespace dinsd
