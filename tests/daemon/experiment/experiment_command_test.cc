#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "daemon/evaluate/file_text.h"
#include "pipeline/write/nifti_writer.h"
#include "tests/daemon/run_dins.h"
#include "tests/temp_folder.h"

// `dins experiment` as a person calls it, on blocks of a few hundred voxels.

namespace dinsd {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kBlocks = R"toml(table = "II"
title = "Blocks"
paper = "says nothing of blocks."
measures = ["dsc", "clicks"]
clicks = 3
[train]
width = 2
steps = 6
validate_every = 6
checkpoint_every = 3
threads = 1
spacing_mm = 1.0
crop = [4, 16, 16]
boundary_margin = 0
[[data]]
set = "blocks"
difference = "blocks."
source = "made up"
licence = "MIT"
choose = 1
seeds = [5]
[[row]]
name = "one"
label = "EDT"
paper = {dsc = 0.62}
train = {guide = "euclidean"}
[[row]]
name = "two"
label = "ExpDT (1,5,5)"
paper = {dsc = 0.74}
train = {sigma = [1.0, 5.0, 5.0]}
[[row]]
name = "odd"
label = "Telepathy"
train = {telepathy = true}
)toml";

// Tissue of value 10 with a bright block in it, at another place in each case.
void WriteBlock(const std::filesystem::path& set, int number) {
  LabelMap image, mask;
  image.grid.size = mask.grid.size = {16, 16, 4};
  for (int k = 0; k < 4; ++k) {
    for (int j = 0; j < 16; ++j) {
      for (int i = 0; i < 16; ++i) {
        const bool is_inside = k >= 1 && k < 3 && j >= 3 + number && j < 10 + number && i >= 4 && i < 11;
        image.labels.push_back(is_inside ? 20 + (i + j) % 3 : 10 + (i * 7 + j * 3 + k) % 4);
        mask.labels.push_back(is_inside ? 1 : 0);
      }
    }
  }
  const std::string name = std::string("b").append(std::to_string(number)).append(".nii.gz");
  for (const std::string folder : {"images", "masks"}) std::filesystem::create_directories(set / folder);
  WriteNifti(set / "images" / name, image);
  WriteNifti(set / "masks" / name, mask);
}

class ExperimentCommandTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = new TempFolder;
    for (int number = 0; number < 5; ++number) WriteBlock(folder->path() / "data" / "blocks", number);
    folder->Write("data/splits.csv",
                  "set,case,split\nblocks,b0,train\nblocks,b1,train\nblocks,b2,train\nblocks,b3,val\nblocks,b4,val\n");
    folder->Write("blocks.toml", kBlocks);
  }
  static void TearDownTestSuite() {
    delete folder;
    folder = nullptr;
  }

  static std::string Path(const std::string& relative) { return (folder->path() / relative).string(); }
  static Ran Run(const std::string& out, const std::string& more = "") {
    return Dins("experiment " + Path("blocks.toml") + " --data " + Path("data") + " --out " + Path(out) + " " + more);
  }

  static TempFolder* folder;
};
TempFolder* ExperimentCommandTest::folder = nullptr;

TEST_F(ExperimentCommandTest, MakesTheTableAndGoesOnWhereItWasCut) {
  const Ran whole = Run("whole");
  EXPECT_EQ(whole.status, 1) << "a row was not run";
  EXPECT_THAT(whole.output, HasSubstr("not run: odd on blocks"));
  EXPECT_THAT(whole.output, HasSubstr("blocks.toml:35: unknown key `row.train.telepathy`"));
  EXPECT_THAT(whole.output, HasSubstr("[2/3] blocks, ExpDT (1,5,5), seed 5"));

  ASSERT_EQ(Run("cut", "--only one").status, 0);
  const auto training = std::filesystem::directory_iterator(Path("cut/trainings"))->path();
  const auto made = std::filesystem::last_write_time(training / "checkpoint.bin");
  EXPECT_EQ(Run("cut").status, 1);
  EXPECT_EQ(std::filesystem::last_write_time(training / "checkpoint.bin"), made) << "a finished row was trained again";
  for (const std::string file : {"table.md", "table.csv", "table.json", "table.html", "blocks-curves.svg",
                                 "blocks-curves.png", "blocks-losses.png"}) {
    EXPECT_FALSE(FileText(Path("whole/" + file)).empty()) << file;
    EXPECT_EQ(FileText(Path("whole/" + file)), FileText(Path("cut/" + file))) << file;
  }
  EXPECT_TRUE(FileText(Path("whole/blocks-curves.png")).starts_with("\x89PNG"));
  const auto table = nlohmann::json::parse(FileText(Path("whole/table.json")));
  const auto& rows = table.at("data")[0].at("rows");
  EXPECT_EQ(rows[0].at("measures").at("dsc").at("paper"), 0.62);
  EXPECT_EQ(rows[0].at("measures").at("dsc").at("here").at("cases"), 2);
  EXPECT_TRUE(rows[2].at("measures").at("dsc").at("here").is_null());
  EXPECT_EQ(rows[0].at("dsc_after_click").size(), 3U);
}

TEST_F(ExperimentCommandTest, AHalfTrainingGoesOnFromItsCheckpoint) {
  ASSERT_EQ(Run("half", "--only one").status, 0);
  const auto training = std::filesystem::directory_iterator(Path("half/trainings"))->path();
  std::filesystem::remove_all(Path("half/records"));
  std::filesystem::remove(training / "done.json");  // as if it had been stopped before its end
  const std::string weights = FileText(training / "best.safetensors"), log = FileText(training / "log.csv");
  ASSERT_EQ(Run("half", "--only one").status, 0);
  EXPECT_EQ(FileText(training / "best.safetensors"), weights);
  EXPECT_EQ(FileText(training / "log.csv"), log) << "steps that were done were made again";
}

TEST_F(ExperimentCommandTest, AnotherMachinesRecordsAreEnough) {
  ASSERT_EQ(Run("here", "--only one --records " + Path("records")).status, 0);
  ASSERT_EQ(Run("there", "--only one --records " + Path("records")).status, 0);
  EXPECT_FALSE(std::filesystem::exists(Path("there/trainings")));
  EXPECT_FALSE(FileText(Path("here/table.json")).empty());
  for (const std::string file : {"table.md", "table.json", "blocks-losses.svg", "blocks-validation-losses.svg"})
    EXPECT_EQ(FileText(Path("here/" + file)), FileText(Path("there/" + file))) << file;
}

TEST_F(ExperimentCommandTest, RefusesATableThatIsNotThePapersByFileAndLine) {
  folder->Write("wrong.toml", "table = \"XII\"\ntitle = \"t\"\npaper = \"p\"\n");
  const Ran ran = Dins("experiment " + Path("wrong.toml") + " --data " + Path("data") + " --out " + Path("no"));
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.output, HasSubstr("wrong.toml:1: `table`"));
}

TEST_F(ExperimentCommandTest, RefusesADataFolderThatLacksTheDataSet) {
  const std::string words = "experiment " + Path("blocks.toml") + " --out " + Path("lacking") + " --data ";
  const Ran ran = Dins(words + Path("data/blocks"));
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.output, StartsWith("--data: '" + Path("data/blocks") + "' lacks the data set blocks: '" +
                                     Path("data/blocks/blocks") + "' is no folder"));
  EXPECT_EQ(Dins(words + Path("nowhere")).status, 2);
}

}  // namespace
}  // namespace dinsd
