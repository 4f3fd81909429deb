#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>

#include "pipeline/read/dicom_seg.h"
#include "pipeline/read/label_file.h"
#include "pipeline/write/nifti_writer.h"
#include "tests/daemon/run_dins.h"
#include "tests/pipeline/read/frame_maker.h"
#include "tests/pipeline/write/source_maker.h"
#include "tests/test_data.h"

// The same voxels as a classic series and as enhanced multi-frame MR: the commands say and make the same of both.

namespace dinsd {
namespace {

using testing::HasSubstr;

const std::vector<int> kShuffled = {3, 0, 7, 5, 1, 6, 2, 4};

// Frames of the temporal position `position`, all raised by a tenth of it.
std::vector<MadeMrFrame> FramesOf(int position) {
  return FramesFor(
      kShuffled,
      [position](DcmItem& groups, int) {
        PutLong(Within(groups, DCM_FrameContentSequence), DCM_TemporalPositionIndex, {static_cast<Uint32>(position)});
      },
      10 * position);
}

class ConvertEnhancedTest : public testing::Test {
 protected:
  ConvertEnhancedTest() {
    enhanced_.Write("mf.dcm", MultiFrameFile(FramesFor(kShuffled)));
    two_.Write("mf.dcm", MultiFrameFile(FramesOf(1) + FramesOf(2)));
    const InspectedStudy study = InspectStudy(plain_.root(), "made", ListStudyFiles(plain_.root()), {});
    mask_.grid = ChosenImage(study).grid;
    mask_.labels.resize(mask_.grid.SizeZyx().VoxelCount());
    for (std::size_t at = 5; at < mask_.labels.size(); at += 7) mask_.labels[at] = at % 2 == 0 ? 2 : 9;
    WriteNifti(In("mask.nii.gz"), mask_);
  }

  [[nodiscard]] std::string In(const std::string& file) const { return (folder_.path() / file).string(); }

  Ran Convert(const MadeStudy& study, const std::string& input, const std::string& out, const std::string& more = "") {
    return Dins("convert --series " + study.root().string() + " " + In(input) + " --out " + In(out) + " " + more);
  }

  MadeStudy plain_, enhanced_{0}, two_{0};
  LabelMap mask_;
  TempFolder folder_;
};

TEST_F(ConvertEnhancedTest, AMaskComesBackByWayOfEitherObjectAsOnTheClassicSeries) {
  for (const auto& [study, name] : {std::pair{&plain_, "plain"}, std::pair{&enhanced_, "enhanced"}}) {
    const std::string stem = name;
    const Ran seg = Convert(*study, "mask.nii.gz", stem + "-seg.dcm");
    EXPECT_EQ(seg.status, 0) << seg.output;
    const Ran rtstruct = Convert(*study, stem + "-seg.dcm", stem + "-rt.dcm", "--rtstruct");
    EXPECT_EQ(rtstruct.status, 0) << rtstruct.output;
    const Ran back = Convert(*study, stem + "-rt.dcm", stem + ".nii.gz");
    EXPECT_EQ(back.status, 0) << back.output;
    const LabelMap read = ReadLabelFile(In(stem + ".nii.gz"));
    EXPECT_EQ(read.labels, mask_.labels) << name;
    EXPECT_EQ(read.grid.size, mask_.grid.size) << name;
  }
  // Made on the one, read on the other: frames lie where they lie.
  EXPECT_EQ(Convert(enhanced_, "plain-seg.dcm", "crossed.nii.gz").status, 0);
  EXPECT_EQ(ReadLabelFile(In("crossed.nii.gz")).labels, mask_.labels);
}

TEST_F(ConvertEnhancedTest, OfTwoVolumesOfOneFileTheOneThatIsNamedIsTaken) {
  const Ran unnamed = Convert(two_, "mask.nii.gz", "seg.dcm");
  EXPECT_EQ(unnamed.status, 1);
  EXPECT_THAT(unnamed.output, testing::AllOf(HasSubstr("SERIES_AMBIGUOUS"), HasSubstr("\"temporal position 2\"")));
  for (const char* position : {"1", "2"}) {
    const std::string file = std::string("seg").append(position).append(".dcm");
    const std::string volume = std::string("--volume 'temporal position ").append(position).append("'");
    const Ran made = Convert(two_, "mask.nii.gz", file, volume);
    EXPECT_EQ(made.status, 0) << made.output;
    EXPECT_EQ(Convert(two_, file, "back" + file + ".nii.gz", volume).status, 0);
    EXPECT_EQ(ReadLabelFile(In("back" + file + ".nii.gz")).labels, mask_.labels);
    // It names frames of its own volume: 1 to 8 are the first, 9 to 16 the second.
    DcmFileFormat format;
    ASSERT_TRUE(format.loadFile(In(file).c_str()).good());
    DcmStack stack;
    while (format.getDataset()->search(DCM_ReferencedFrameNumber, stack, ESM_afterStackTop, true).good()) {
      OFString frame;
      ASSERT_TRUE(dynamic_cast<DcmElement*>(stack.top())->getOFString(frame, 0).good());
      EXPECT_EQ(std::stoi(frame.c_str()) > 8, position[0] == '2') << frame;
    }
  }
  const Ran none = Convert(two_, "mask.nii.gz", "none.dcm", "--volume 'temporal position 3'");
  EXPECT_THAT(none.output, HasSubstr("SERIES_AMBIGUOUS"));
  const Ran broken = Convert(two_, "mask.nii.gz", "none.dcm", "--volume '('");
  EXPECT_NE(broken.status, 0);
  EXPECT_THAT(broken.output, HasSubstr("--volume"));
}

TEST_F(ConvertEnhancedTest, ExplainSaysTheSameOfBoth) {
  const nlohmann::json clicks = {{"schema", "dinsd-prompts/1"},
                                 {"image", {{"seriesInstanceUID", "1.2.3.4"}}},
                                 {"space", "LPS-mm"},
                                 {"lesions", {{{"id", "L1"}, {"clicks", {{{"p", {-4, -20, 95}}, {"sign", "+"}}}}}}},
                                 {"provenance", {{"source", "human"}, {"created", "2024-11-01T09:30:00Z"}}}};
  std::vector<std::string> said;
  for (MadeStudy* study : {&plain_, &enhanced_}) {
    study->Write("1.2.3.4.prompts.json", clicks.dump());
    const Ran ran = Dins("explain " + study->root().string() + " --device cpu --weights " + kSourceFolder +
                         "/model/weights/dins-body.safetensors");
    EXPECT_EQ(ran.status, 0) << ran.output;
    std::string text = std::regex_replace(ran.output, std::regex("^study .*\n"), "");
    said.push_back(std::regex_replace(text, std::regex("[0-9]+ files?\n"), "FILES\n"));
  }
  EXPECT_EQ(said[0], said[1]);
  EXPECT_THAT(said[1], HasSubstr("TAKEN     1.2.3.4: 8x6x8 at 1.50x2.00x10.00 mm, sequence stir"));
}

// A real one: four volumes of six slices, a file each.
TEST(ConvertEnhanced, OfARealOne) {
  DINSD_REQUIRE_DATA("dicom/enhanced_mr");
  const std::filesystem::path root = *TestData() / "dicom/enhanced_mr/Siemens/XA10";
  const TempFolder folder;
  StudyReadOptions options;
  options.dicom.series_rules.front() = {.name = "second", .volume = "acquisition 2"};
  const InspectedStudy study = InspectStudy(root, "XA10", ListStudyFiles(root), options);
  LabelMap mask{ChosenImage(study).grid, {}};
  mask.labels.resize(mask.grid.SizeZyx().VoxelCount());
  for (std::size_t at = 100; at < mask.labels.size(); at += 111) mask.labels[at] = 3;
  WriteNifti(folder.path() / "mask.nii.gz", mask);
  const std::string convert = "convert --series " + root.string() + " --volume 'acquisition 2' ";
  const auto in = [&](const char* file) { return (folder.path() / file).string(); };
  const Ran there = Dins(convert + in("mask.nii.gz") + " --out " + in("seg.dcm"));
  EXPECT_EQ(there.status, 0) << there.output;
  const Ran back = Dins(convert + in("seg.dcm") + " --out " + in("back.nii.gz"));
  EXPECT_EQ(back.status, 0) << back.output;
  EXPECT_EQ(ReadLabelFile(in("back.nii.gz")).labels, mask.labels);
}

}  // namespace
}  // namespace dinsd
