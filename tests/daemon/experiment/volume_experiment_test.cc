#include "daemon/experiment/volume_experiment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/evaluate/file_text.h"
#include "tests/daemon/run_dins.h"
#include "tests/temp_folder.h"

// The paper's Table IV on two small phantoms.

namespace dinsd {
namespace {

using testing::HasSubstr;

constexpr const char* kFile = R"toml(table = "IV"
title = "Volumes"
paper = "says something."
here = "is something else."
[paper_row]
label = "DINs against 3DQI"
vd = "-3 (-101 to 360)"
rvd = "16.6 (7.9 to 29.2)"
under_20 = "40 of 45"
[reader]
seed = 3
bias_mm = 1.0
missed_end_slices = 0.0
[data]
set = "phantoms"
difference = "phantoms."
evaluate = ["s1", "s2"]
)toml";

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

std::string RefusalOf(const std::string& text) {
  const TempFolder folder;
  folder.Write("IV.toml", text);
  try {
    (void)ReadVolumeExperiment(folder.path() / "IV.toml");
    return "";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

TEST(VolumeExperiment, IsReadWithLineAndKeyOfWhatIsWrong) {
  const TempFolder folder;
  folder.Write("IV.toml", kFile);
  ASSERT_TRUE(IsVolumeExperiment(folder.path() / "IV.toml"));
  const VolumeExperiment experiment = ReadVolumeExperiment(folder.path() / "IV.toml");
  EXPECT_EQ(experiment.reader.seed, 3U);
  EXPECT_EQ(experiment.reader.bias_mm, 1.0);
  EXPECT_EQ(experiment.cases, (std::vector<std::string>{"s1", "s2"}));
  EXPECT_THAT(RefusalOf(Replaced(kFile, "bias_mm", "bias")), HasSubstr("IV.toml:12: unknown key `bias` of reader"));
  EXPECT_THAT(RefusalOf(Replaced(kFile, "[\"s1\", \"s2\"]", "[]")), HasSubstr("must name at least one case"));
  EXPECT_THAT(RefusalOf(Replaced(kFile, "\"phantoms\"", "\"../up\"")), HasSubstr("must be a folder's name"));
  EXPECT_THAT(RefusalOf(Replaced(kFile, "[paper_row]", "[row]")), HasSubstr("unknown key"));
}

class VolumeExperimentTest : public testing::Test {
 protected:
  [[nodiscard]] std::string Path(const std::string& relative) const { return (folder_.path() / relative).string(); }
  void MakePhantoms() const {
    for (const std::string seed : {"1", "2"}) {
      const Ran ran = Dins("phantom --preset small --seed " + seed + " --out " + Path("data/phantoms/s" + seed));
      ASSERT_EQ(ran.status, 0) << ran.output;
    }
    folder_.Write("IV.toml", kFile);
  }
  [[nodiscard]] Ran Run(const std::string& more = "") const {
    return Dins("experiment " + Path("IV.toml") + " --data " + Path("data") + " --out " + Path("out") + " " + more);
  }

  TempFolder folder_;
};

TEST_F(VolumeExperimentTest, HoldsMethodReaderAndTruthAgainstEachOther) {
  ASSERT_NO_FATAL_FAILURE(MakePhantoms());
  const Ran ran = Run();
  ASSERT_EQ(ran.status, 0) << ran.output;
  const std::string table = FileText(Path("out/table.md"));
  EXPECT_THAT(ran.output, HasSubstr(table));
  EXPECT_THAT(table, HasSubstr("| DINs against the simulated reader | 2 |"));
  EXPECT_THAT(table, HasSubstr("| paper: DINs against 3DQI | | -3 (-101 to 360) |"));
  EXPECT_TRUE(FileText(Path("out/dins-reader/bland_altman.png")).starts_with("\x89PNG"));

  // The same numbers by the commands that the table is made of.
  ASSERT_EQ(Dins("reader " + Path("data/phantoms") + " --out " + Path("r") + " --seed 3 --bias 1 --missed 0").status,
            0);
  ASSERT_EQ(Dins("evaluate " + Path("r/reader") + " " + Path("r/truth") + " --out " + Path("e")).status, 0);
  EXPECT_EQ(FileText(Path("e/evaluation.json")), FileText(Path("out/reader-truth/evaluation.json")));
}

TEST_F(VolumeExperimentTest, DataWithoutTheDataSetIsAWrongArgument) {
  folder_.Write("IV.toml", kFile);
  folder_.Write("data/other", "");
  const Ran ran = Run();
  EXPECT_EQ(ran.status, 2) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("--data: '" + Path("data") + "' lacks a phantom of the data set phantoms: '" +
                                    Path("data/phantoms/s1") + "'"));
  EXPECT_FALSE(std::filesystem::exists(Path("out")));
}

TEST_F(VolumeExperimentTest, MasksAreMadeOnceAndAnotherReaderGetsMasksOfItsOwn) {
  ASSERT_NO_FATAL_FAILURE(MakePhantoms());
  ASSERT_EQ(Run().status, 0);
  const auto folders = [&] {
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::directory_iterator(Path("out/volumes"))) found.push_back(entry.path());
    return found;
  };
  ASSERT_EQ(folders().size(), 1U);
  const std::filesystem::path mask = folders()[0] / "dins" / "s1.nii.gz";
  const auto made = std::filesystem::last_write_time(mask);
  const std::string table = FileText(Path("out/table.md"));
  ASSERT_EQ(Run().status, 0);
  EXPECT_EQ(std::filesystem::last_write_time(mask), made);
  EXPECT_EQ(FileText(Path("out/table.md")), table);
  folder_.Write("IV.toml", Replaced(kFile, "bias_mm = 1.0", "bias_mm = -1.0"));
  ASSERT_EQ(Run().status, 0);
  EXPECT_EQ(folders().size(), 2U);
  EXPECT_NE(FileText(Path("out/table.md")), table);
}

TEST_F(VolumeExperimentTest, ChoosesNoRowsAndNamesACaseThatIsMissing) {
  ASSERT_NO_FATAL_FAILURE(MakePhantoms());
  const Ran chosen = Run("--only dins");
  EXPECT_EQ(chosen.status, 1) << chosen.output;
  EXPECT_THAT(chosen.output, HasSubstr("table IV has no rows"));
  folder_.Write("IV.toml", Replaced(kFile, "\"s2\"", "\"s9\""));
  const Ran ran = Run();
  EXPECT_EQ(ran.status, 2) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("'" + Path("data/phantoms/s9") + "' has no study/"));
}

}  // namespace
}  // namespace dinsd
