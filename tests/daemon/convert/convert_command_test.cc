#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>

#include "pipeline/read/label_file.h"
#include "pipeline/write/nifti_writer.h"
#include "tests/daemon/run_dins.h"
#include "tests/pipeline/read/seg_maker.h"
#include "tests/pipeline/write/source_maker.h"

namespace dinsd {
namespace {

using testing::HasSubstr;
using testing::UnorderedElementsAre;

std::string Content(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// A series of 6 slices of 33 x 31 pixels, and a folder to work in.
class ConvertTest : public testing::Test {
 protected:
  ConvertTest() : made_(33, 31, 6), source_(made_.Read()) {
    mask_ = {source_.grid, std::vector<std::uint16_t>(source_.grid.SizeZyx().VoxelCount())};
  }

  [[nodiscard]] std::string In(const std::string& file) const { return (folder_.path() / file).string(); }

  Ran Convert(const std::string& words) { return Dins("convert --series " + made_.root().string() + " " + words); }

  [[nodiscard]] std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
      names.push_back(entry.path().filename().string());
    return names;
  }

  MadeSource made_;
  SourceSeries source_;
  LabelMap mask_;
  TempFolder folder_;
};

TEST_F(ConvertTest, AMaskComesBackFromItsSeg) {
  for (std::size_t at = 0; at < mask_.labels.size(); at += 3) mask_.labels[at] = at % 2 == 0 ? 2 : 9;
  WriteNifti(In("mask.nii.gz"), mask_);
  const Ran there = Convert(In("mask.nii.gz") + " --out " + In("seg.dcm"));
  EXPECT_EQ(there.status, 0) << there.output;
  EXPECT_THAT(there.output, HasSubstr("seg.dcm: 2 segments in 12 frames"));
  const Ran back = Convert(In("seg.dcm") + " --out " + In("back.nii.gz"));
  EXPECT_EQ(back.status, 0) << back.output;
  EXPECT_THAT(back.output, HasSubstr("9  Lesion 9"));
  EXPECT_EQ(ReadLabelFile(In("back.nii.gz")).labels, mask_.labels);
  EXPECT_THAT(Names(), UnorderedElementsAre("mask.nii.gz", "seg.dcm", "back.nii.gz"));
}

TEST_F(ConvertTest, TheSameFileIsTheSameObject) {
  mask_.labels[77] = 1;
  WriteNifti(In("mask.nii"), mask_);
  EXPECT_EQ(Convert(In("mask.nii") + " --out " + In("a.dcm")).status, 0);
  EXPECT_EQ(Convert(In("mask.nii") + " --out " + In("b.dcm")).status, 0);
  EXPECT_EQ(Content(In("a.dcm")), Content(In("b.dcm")));
  std::filesystem::last_write_time(In("mask.nii"),
                                   std::filesystem::file_time_type::clock::now() - std::chrono::hours(1));
  EXPECT_EQ(Convert(In("mask.nii") + " --out " + In("b.dcm")).status, 0);
  EXPECT_NE(Content(In("a.dcm")), Content(In("b.dcm")));
  const std::string created = " --created 2026-01-02T03:04:05Z --algorithm-type manual --out ";
  EXPECT_EQ(Convert(In("mask.nii") + created + In("a.dcm")).status, 0);
  EXPECT_EQ(Convert(In("a.dcm") + " --out " + In("mask.nii")).status, 0);
  EXPECT_EQ(ReadLabelFile(In("mask.nii")).labels, mask_.labels);
}

TEST_F(ConvertTest, ManyLabelsBecomeSeveralFilesAndOneMaskAgain) {
  for (std::size_t n = 0; n < 201; ++n) mask_.labels[n * 30] = static_cast<std::uint16_t>(n + 1);
  WriteNifti(In("mask.nii.gz"), mask_);
  const Ran there = Convert(In("mask.nii.gz") + " --out " + In("seg.dcm"));
  EXPECT_EQ(there.status, 0) << there.output;
  EXPECT_THAT(Names(), UnorderedElementsAre("mask.nii.gz", "seg-1.dcm", "seg-2.dcm"));
  const Ran back = Convert(In("seg-1.dcm") + " " + In("seg-2.dcm") + " --out " + In("back.nii.gz"));
  EXPECT_EQ(back.status, 0) << back.output;
  EXPECT_EQ(ReadLabelFile(In("back.nii.gz")).labels, mask_.labels);
  const Ran twice = Convert(In("seg-1.dcm") + " " + In("seg-1.dcm") + " --out " + In("twice.nii.gz"));
  EXPECT_EQ(twice.status, 1);
  EXPECT_THAT(twice.output, HasSubstr("SEG_OVERLAP: seg-1.dcm"));
}

TEST_F(ConvertTest, SegmentsThatOverlapAreTakenOneByOne) {
  MadeSeg made{.segments = {1, 2}, .rows = 31, .columns = 33};
  made.frames = {{1, 2, std::vector<int>(33 * 31, 1)}, {2, 2, std::vector<int>(33 * 31, 1)}};
  folder_.Write("foreign", SegFile(made));
  const Ran both = Convert(In("foreign") + " --out " + In("mask.nii.gz"));
  EXPECT_EQ(both.status, 1);
  EXPECT_THAT(both.output, HasSubstr("SEG_OVERLAP: foreign"));
  const Ran one = Convert(In("foreign") + " --segment 2 --out " + In("mask.nii.gz"));
  EXPECT_EQ(one.status, 0) << one.output;
  const std::vector<std::uint16_t> labels = ReadLabelFile(In("mask.nii.gz")).labels;
  EXPECT_EQ(std::count(labels.begin(), labels.end(), 2), 33 * 31);
}

TEST_F(ConvertTest, WhatCannotBeConvertedIsNamedAndLeavesNothing) {
  WriteNifti(In("empty.nii.gz"), mask_);
  mask_.labels[77] = 1;
  WriteNifti(In("mask.nii.gz"), mask_);
  mask_.grid.origin[2] += 1;
  WriteNifti(In("aside.nii.gz"), mask_);
  folder_.Write("text.dcm", "no DICOM");
  const auto words = [&](const std::string& rest, int status) {
    const Ran ran = Convert(rest);
    EXPECT_EQ(ran.status, status) << rest;
    return ran.output;
  };
  const std::string out = " --out " + In("seg.dcm");
  EXPECT_THAT(words(In("empty.nii.gz") + out, 1), HasSubstr("EMPTY_MASK: empty.nii.gz"));
  EXPECT_THAT(words(In("aside.nii.gz") + out, 1), HasSubstr("GRID_MISMATCH: aside.nii.gz"));
  EXPECT_THAT(words(In("text.dcm") + out, 1), HasSubstr("NOT_DICOM: text.dcm"));
  EXPECT_THAT(words(made_.root().string() + "/slice0.dcm" + out, 1), HasSubstr("NOT_A_SEG: slice0.dcm"));
  EXPECT_THAT(words(In("none.nii.gz") + out, 1), HasSubstr("none.nii.gz"));
  EXPECT_THAT(words(In("mask.nii.gz") + " --out " + made_.root().string() + "/seg.dcm", 1),
              HasSubstr("inputs are never written to"));
  EXPECT_THAT(words(In("mask.nii.gz") + " --out " + In("seg.txt"), 1), HasSubstr(".dcm"));
  EXPECT_THAT(words(In("mask.nii.gz") + " --segment 0" + out, 2), HasSubstr("--segment"));
  EXPECT_THAT(words(In("mask.nii.gz") + " --created today" + out, 2), HasSubstr("--created"));
  EXPECT_THAT(Dins("convert --series " + In("none") + " " + In("mask.nii.gz") + out).output, HasSubstr("--series"));
  EXPECT_THAT(
      Dins("convert --series " + folder_.path().string() + " " + In("mask.nii.gz") + " --out /tmp/x.dcm").output,
      HasSubstr("dins: "));
  EXPECT_THAT(Names(), UnorderedElementsAre("empty.nii.gz", "mask.nii.gz", "aside.nii.gz", "text.dcm"));
}

}  // namespace
}  // namespace dinsd
