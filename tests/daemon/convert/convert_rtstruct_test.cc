#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/read/label_file.h"
#include "pipeline/write/nifti_writer.h"
#include "tests/daemon/run_dins.h"
#include "tests/pipeline/write/source_maker.h"

namespace dinsd {
namespace {

using testing::HasSubstr;

class ConvertRtStructTest : public testing::Test {
 protected:
  ConvertRtStructTest() : made_(33, 31, 6), source_(made_.Read()) {
    mask_ = {source_.grid, std::vector<std::uint16_t>(source_.grid.SizeZyx().VoxelCount())};
    for (std::size_t at = 0; at < mask_.labels.size(); at += 3) mask_.labels[at] = at % 2 == 0 ? 2 : 9;
    WriteNifti(In("mask.nii.gz"), mask_);
  }

  [[nodiscard]] std::string In(const std::string& file) const { return (folder_.path() / file).string(); }

  Ran Convert(const std::string& input, const std::string& out, const std::string& more = "") {
    return Dins("convert --series " + made_.root().string() + " " + In(input) + " --out " + In(out) + " " + more);
  }

  MadeSource made_;
  SourceSeries source_;
  LabelMap mask_;
  TempFolder folder_;
};

TEST_F(ConvertRtStructTest, AMaskComesBackByWayOfBothObjects) {
  const Ran there = Convert("mask.nii.gz", "rt.dcm", "--rtstruct");
  EXPECT_EQ(there.status, 0) << there.output;
  EXPECT_THAT(there.output, HasSubstr("rt.dcm: an RT Structure Set"));
  const Ran seg = Convert("rt.dcm", "seg.dcm");
  EXPECT_EQ(seg.status, 0) << seg.output;
  EXPECT_THAT(seg.output, HasSubstr("2 segments"));
  EXPECT_EQ(Convert("seg.dcm", "rt2.dcm", "--rtstruct").status, 0);
  const Ran back = Convert("rt2.dcm", "back.nii.gz");
  EXPECT_EQ(back.status, 0) << back.output;
  EXPECT_THAT(back.output, HasSubstr("9  Lesion 9"));
  EXPECT_EQ(ReadLabelFile(In("back.nii.gz")).labels, mask_.labels);
}

TEST_F(ConvertRtStructTest, ARegionIsTakenByItsName) {
  ASSERT_EQ(Convert("mask.nii.gz", "rt.dcm", "--rtstruct").status, 0);
  const Ran one = Convert("rt.dcm", "one.nii.gz", "--region 'Lesion 9'");
  EXPECT_EQ(one.status, 0) << one.output;
  for (std::uint16_t& label : mask_.labels) label = label == 9 ? 9 : 0;
  EXPECT_EQ(ReadLabelFile(In("one.nii.gz")).labels, mask_.labels);
  const Ran none = Convert("rt.dcm", "none.nii.gz", "--region thigh");
  EXPECT_EQ(none.status, 1);
  EXPECT_THAT(none.output, HasSubstr("RT_ROI_NOT_FOUND: rt.dcm"));
  EXPECT_THAT(Convert("rt.dcm", "none.nii.gz", "--segment 2").output, HasSubstr("--region NAME"));
  ASSERT_EQ(Convert("mask.nii.gz", "seg.dcm").status, 0);
  EXPECT_THAT(Convert("seg.dcm", "none.nii.gz", "--region thigh").output, HasSubstr("--segment N"));
  EXPECT_FALSE(std::filesystem::exists(In("none.nii.gz")));
}

TEST_F(ConvertRtStructTest, AnEmptyMaskIsNoStructureSet) {
  mask_.labels.assign(mask_.labels.size(), 0);
  WriteNifti(In("empty.nii.gz"), mask_);
  const Ran ran = Convert("empty.nii.gz", "rt.dcm", "--rtstruct");
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.output, HasSubstr("EMPTY_MASK: empty.nii.gz"));
}

}  // namespace
}  // namespace dinsd
