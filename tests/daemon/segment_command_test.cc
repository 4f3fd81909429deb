#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "pipeline/read/label_file.h"
#include "pipeline/read/volume_file.h"
#include "pipeline/report/method.h"
#include "pipeline/write/nifti_writer.h"
#include "pipeline/write/result_folder.h"
#include "tests/daemon/dins_command.h"

// The commands of a person: `dins segment`, `explain`, `simulate` and `score` on a small phantom, with weights that
// nobody has trained.

namespace dinsd {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST_F(DinsCommandTest, SegmentWritesAWholeResultAndTheSameOneAgain) {
  for (const std::string out : {"r1", "r2"}) {
    const Ran ran = Dins("segment " + Path("study") + " --mode boxes --out " + Path(out) + Weights());
    ASSERT_EQ(ran.status, 0) << ran.output;
    EXPECT_THAT(ran.output, HasSubstr("unprompted"));
    EXPECT_THAT(ran.output, HasSubstr("OUT OF DOMAIN"));
  }
  const auto result = nlohmann::json::parse(Content(Path("r1/result.json")));
  const std::string key = result.at("jobKey");
  EXPECT_NE(VerifyResultFolder(Path("r1"), key), "");
  EXPECT_NE(VerifyResultFolder(Path("r2"), key), "") << "same inputs, clicks, weights and options: same key";
  EXPECT_EQ(Content(Path("r1/mask.nii.gz")), Content(Path("r2/mask.nii.gz")));
  const LabelMap mask = ReadLabelFile(Path("r1/mask.nii.gz"));
  const LabelMap truth = ReadLabelFile(Path("truth/truth.nii.gz"));
  EXPECT_EQ(mask.grid.size, truth.grid.size);
  for (const auto& entry : std::filesystem::directory_iterator(folder->path())) {
    EXPECT_THAT(entry.path().filename().string(), Not(HasSubstr("staging")));
  }
  const Ran again = Dins("segment " + Path("study") + " --out " + Path("r1") + Weights());
  EXPECT_EQ(again.status, 1);
  EXPECT_THAT(again.output, HasSubstr("exists already"));

  const Ran score = Dins("score " + Path("r1/mask.nii.gz") + " --json --truth " + Path("truth/truth.nii.gz"));
  ASSERT_EQ(score.status, 0) << score.output;
  const auto figures = nlohmann::json::parse(score.output);
  EXPECT_GE(figures.at("whole_dsc"), 0);
  EXPECT_GT(figures.at("lesions").size(), 0U);
  EXPECT_EQ(figures.at("bins").size(), 3U);
}

TEST_F(DinsCommandTest, SegmentTakesAnImageFileToo) {
  const Ran ran = Dins("segment " + Path("study/image.nii.gz") + " --mode whole --out " + Path("file") + Weights());
  ASSERT_EQ(ran.status, 0) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("mode whole (asked for)"));
}

TEST_F(DinsCommandTest, SegmentLeavesNothingBehindWhereItRefuses) {
  folder->Write("bad.prompts.json", "{\"schema\": \"dinsd-prompts/1\"}");
  const Ran ran =
      Dins("segment " + Path("study") + " --prompts " + Path("bad.prompts.json") + " --out " + Path("bad") + Weights());
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.output, HasSubstr("PROMPT_SCHEMA"));
  EXPECT_FALSE(std::filesystem::exists(Path("bad")));
  const Ran memory = Dins("segment " + Path("study") + " --max-memory 0.001 --out " + Path("bad") + Weights());
  EXPECT_EQ(memory.status, 1);
  EXPECT_THAT(memory.output, HasSubstr("MEMORY_LIMIT"));
  const Ran domain = Dins("segment " + Path("study") + " --refuse-out-of-domain --out " + Path("bad") + Weights());
  EXPECT_EQ(domain.status, 1);
  EXPECT_THAT(domain.output, HasSubstr("OUT_OF_DOMAIN"));
  EXPECT_FALSE(std::filesystem::exists(Path("bad")));
}

// Re-runs cost several times the segmentation: they are not made in vain, unless somebody asks for their spread.
TEST_F(DinsCommandTest, SegmentRunsAgainWithUncalibratedWeightsOnlyWhereItIsAskedTo) {
  const std::string segment = "segment " + Path("study") + " --mode boxes" + Weights();
  const Ran usual = Dins(segment + " --out " + Path("usual"));
  ASSERT_EQ(usual.status, 0) << usual.output;
  EXPECT_THAT(usual.output, HasSubstr("no intervals: uncalibrated: these weights are not calibrated"));
  const Ran asked = Dins(segment + " --interval-runs 3 --out " + Path("asked"));
  ASSERT_EQ(asked.status, 0) << asked.output;
  const auto json = [](const std::string& file) { return nlohmann::json::parse(Content(Path(file))); };
  const nlohmann::json without = json("usual/report.json"), with = json("asked/report.json");
  EXPECT_EQ(without.at("run").at("interval"), (nlohmann::json{{"runs", 0}}));
  EXPECT_EQ(with.at("run").at("interval").at("runs"), 3);
  EXPECT_FALSE(with.at("run").at("interval").contains("even_uncalibrated")) << "rows that were measured hold";
  for (std::size_t k = 0; k < with.at("lesions").size(); ++k) {
    EXPECT_TRUE(without.at("lesions").at(k).at("spread").is_null());
    const nlohmann::json& lesion = with.at("lesions").at(k);
    EXPECT_TRUE(lesion.at("interval").is_null());
    EXPECT_THAT(lesion.at("no_interval").get<std::string>(), HasSubstr("not calibrated"));
    EXPECT_EQ(lesion.at("spread").is_object(), lesion.at("volume_ml").get<double>() > 0);
  }
  EXPECT_THAT(asked.output, HasSubstr("no intervals: uncalibrated"));
  EXPECT_EQ(Content(Path("asked/mask.nii.gz")), Content(Path("usual/mask.nii.gz")));
  EXPECT_NE(json("asked/result.json").at("jobKey"), json("usual/result.json").at("jobKey"));
  EXPECT_EQ(without.at("software"), ThisSoftware());
}

TEST_F(DinsCommandTest, SegmentRefusesTooFewReRuns) {
  for (const char* runs : {"1", "2", "101", "some"}) {
    const Ran ran = Dins("segment " + Path("study") + " --interval-runs " + runs + " --out " + Path("few") + Weights());
    EXPECT_NE(ran.status, 0) << runs;
    EXPECT_THAT(ran.output, HasSubstr("--interval-runs")) << runs;
    EXPECT_THAT(ran.output, HasSubstr("0, or 3 to 100")) << runs;
    EXPECT_FALSE(std::filesystem::exists(Path("few")));
  }
}

TEST_F(DinsCommandTest, ExplainSaysWhatWouldHappenAndWhy) {
  const Ran ran = Dins("explain " + Path("study") + " --device cpu --weights " + Path("w.safetensors"));
  ASSERT_EQ(ran.status, 0) << ran.output;
  for (const char* words : {"TAKEN", "patient pseudonym: present", "label 1:", "percentile", "w.safetensors, width 2",
                            "out of domain", "device: cpu", "mode: ", "estimated: memory"}) {
    EXPECT_THAT(ran.output, HasSubstr(words));
  }
}

TEST_F(DinsCommandTest, ExplainTellsARefusalToo) {
  folder->Write("lone/image.nii.gz", Content(Path("study/image.nii.gz")));
  const Ran ran = Dins("explain " + Path("lone") + " --device cpu --weights " + Path("w.safetensors"));
  ASSERT_EQ(ran.status, 1) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("without both the study has no history"));
  EXPECT_THAT(ran.output, HasSubstr("waiting for clicks"));
  EXPECT_THAT(ran.output, HasSubstr("PROMPTS_MISSING"));
  EXPECT_THAT(ran.output, HasSubstr("only --results tells")) << "nobody knows here what the daemon has";
}

TEST_F(DinsCommandTest, SimulatePrintsEachClickAndDrawsThem) {
  const Ran ran = Dins("simulate " + Path("study") + " --clicks 2 --truth " + Path("truth/truth.nii.gz") +
                       " --picture " + Path("dsc.svg") + " --mask " + Path("simulated.nii.gz") + Weights());
  ASSERT_EQ(ran.status, 0) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("2 clicks, DSC"));
  EXPECT_THAT(Content(Path("dsc.svg")), HasSubstr("<circle"));
  EXPECT_EQ(ReadLabelFile(Path("simulated.nii.gz")).grid.size, ReadLabelFile(Path("truth/truth.nii.gz")).grid.size);
}

TEST_F(DinsCommandTest, RefusesWeightsOfAnotherGuideAndASigmaThatIsNone) {
  const std::string truth = " --truth " + Path("truth/truth.nii.gz");
  for (const std::string& command : {"segment " + Path("study") + " --out " + Path("g"),
                                     "simulate " + Path("study") + truth, "explain " + Path("study")}) {
    const std::string weights = " --device cpu --weights " + Path("w.safetensors");
    const Ran guide = Dins(command + " --guide geodesic" + weights);
    EXPECT_EQ(guide.status, 1) << command;
    EXPECT_THAT(guide.output,
                testing::AllOf(HasSubstr("WEIGHTS_GUIDE"), HasSubstr("'expdt'"), HasSubstr("'geodesic'")));
    EXPECT_THAT(Dins(command + " --guide songs" + weights).output, HasSubstr("euclidean-half"));
    EXPECT_THAT(Dins(command + " --sigma 1,5,5" + weights).output, HasSubstr("Z,Y,X,UNIT"));
    EXPECT_THAT(Dins(command + " --sigma 0,5,5,mm" + weights).output, HasSubstr("0.1 to 1000"));
  }
  EXPECT_FALSE(std::filesystem::exists(Path("g")));
}

TEST_F(DinsCommandTest, TakesASigmaForTheCase) {
  const Ran ran = Dins("segment " + Path("study") + " --guide expdt --sigma 2,6,6,mm --out " + Path("s") + Weights());
  ASSERT_EQ(ran.status, 0) << ran.output;
  const auto provenance = nlohmann::json::parse(Content(Path("s/provenance.json")));
  EXPECT_EQ(provenance.at("options").at("sigma").at("unit"), "mm");
  EXPECT_EQ(provenance.at("options").at("guide"), "expdt");
  EXPECT_THAT(
      Dins("explain " + Path("study") + " --sigma 2,6,6,mm --device cpu --weights " + Path("w.safetensors")).output,
      HasSubstr("guide: expdt, sigma 2, 6, 6 (z, y, x) in mm, asked for"));
}

TEST_F(DinsCommandTest, PrepareRefusesAMaskThatLiesElsewhere) {
  const std::filesystem::path set = folder->path() / "set";
  folder->Write("set/images/a.nii.gz", Content(Path("study/image.nii.gz")));
  folder->Write("set/splits.csv", "set,a,train\n");
  Volume mask = ReadVolumeFile(Path("truth/truth.nii.gz"));
  std::filesystem::create_directories(set / "masks");
  WriteNifti(set / "masks/a.nii.gz", mask);
  EXPECT_EQ(Dins("prepare " + set.string() + " --out " + Path("cases")).status, 0);
  mask.grid.origin[0] += 50;
  WriteNifti(set / "masks/a.nii.gz", mask);
  const Ran ran = Dins("prepare " + set.string() + " --out " + Path("cases"));
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.output, HasSubstr("different grids"));
  EXPECT_EQ(Dins("prepare " + set.string() + " --choose zzz --out " + Path("cases")).status, 1);
}

TEST_F(DinsCommandTest, PrepareTakesNoCaseButThoseOfTheTrainingSplit) {
  for (const char* name : {"a", "b", "c"}) {
    folder->Write("abc/images/" + std::string(name) + ".nii.gz", Content(Path("study/image.nii.gz")));
    folder->Write("abc/masks/" + std::string(name) + ".nii.gz", Content(Path("truth/truth.nii.gz")));
  }
  folder->Write("abc/splits.csv",
                "set,case,split\nabc,a,train\nabc,b,test\nabc, c, val \r\nother,a,tarin\nabc,a,train");
  const Ran ran = Dins("prepare " + Path("abc") + " --out " + Path("abc.cases"));
  ASSERT_EQ(ran.status, 0) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("1 of split test: never prepared\n[1/3] abc a"));
  const auto files = std::filesystem::directory_iterator(Path("abc.cases"));
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);
}

TEST_F(DinsCommandTest, RefusesASplitThatIsNotKnownOrNotTheOnlyOne) {
  folder->Write("ab/images/a.nii.gz", "");
  const std::string place = Path("ab/splits.csv") + ": line ";
  const auto expect_refusal = [&](const std::string& lines, const std::string& words) {
    folder->Write("ab/splits.csv", "set,case,split\nab,a,train\n" + lines);
    for (const std::string& command : {"prepare " + Path("ab") + " --out " + Path("ab.cases"), "plan " + Path("ab"),
                                       "card " + Path("ab") + " --weights " + Path("w.safetensors")}) {
      const Ran ran = Dins(command);
      EXPECT_EQ(ran.status, 1) << command;
      EXPECT_THAT(ran.output, HasSubstr(place + words)) << command;
    }
  };
  expect_refusal("ab,b,tarin\n", "3: case 'b' is of split 'tarin'");
  expect_refusal("ab,b,Train\n", "3: case 'b' is of split 'Train'");
  expect_refusal("ab,b,train,val\n", "3: case 'b' is of split 'train,val'");
  expect_refusal("ab,b\n", "3: case 'b' is of split ''");
  expect_refusal("\nab,a,val\n", "4: case 'a' is of split 'val', and of split 'train' in a line before");
}

TEST_F(DinsCommandTest, NoScoreIsAtLeastNotANumber) {
  const std::string truth = Path("truth/truth.nii.gz");
  EXPECT_EQ(Dins("score " + truth + " --truth " + truth + " --at-least 0.99").status, 0);
  EXPECT_NE(Dins("score " + truth + " --truth " + truth + " --at-least nan").status, 0);
}

TEST_F(DinsCommandTest, PhantomOverwritesNothingAndClampsNoSeed) {
  const Ran ran = Dins("phantom --preset small --seed 3 --out " + Path("study"));
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.output, HasSubstr("not empty"));
  EXPECT_EQ(Dins("phantom --preset small --seed -1 --out " + Path("p")).status, 2);
  EXPECT_EQ(Dins("phantom --preset small --seed 99999999999999999999999 --out " + Path("p")).status, 2);
}

TEST_F(DinsCommandTest, RefusesAWrongCommandLineWithStatus2) {
  EXPECT_EQ(Dins("segment").status, 2);
  EXPECT_EQ(Dins("simulate " + Path("study")).status, 2);
}

}  // namespace
}  // namespace dinsd
