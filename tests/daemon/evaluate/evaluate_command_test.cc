#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "daemon/evaluate/file_text.h"
#include "pipeline/phantom/phantom_files.h"
#include "pipeline/write/nifti_writer.h"
#include "tests/daemon/run_dins.h"
#include "tests/daemon/tiny_weights.h"
#include "tests/temp_folder.h"

// `dins evaluate` as a person calls it: two folders, a simulation with weights that nobody has trained, a comparison.

namespace dinsd {
namespace {

using testing::HasSubstr;

Ran Evaluate(const std::string& words) {
  return Dins("evaluate " + words);
}

class EvaluateCommandTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = new TempFolder;
    WritePhantom(MakePhantom({.preset = PhantomPreset::kSmall, .seed = 3}), folder->path() / "set" / "p1");
    WritePhantom(MakePhantom({.preset = PhantomPreset::kSmall, .seed = 4}), folder->path() / "set" / "p2");
    WriteTinyWeights(folder->path() / "w1.safetensors", 1);
    WriteTinyWeights(folder->path() / "w2.safetensors", 2);
  }
  static void TearDownTestSuite() {
    delete folder;
    folder = nullptr;
  }

  static std::string Path(const std::string& relative) { return (folder->path() / relative).string(); }

  static Ran Simulate(const std::string& weights, const std::string& out, const std::string& more = "") {
    return Evaluate("--simulate " + Path("set") + " --device cpu --clicks 3 --weights " + Path(weights) + " --out " +
                    Path(out) + " --method-name " + weights + " " + more);
  }

  static TempFolder* folder;
};
TempFolder* EvaluateCommandTest::folder = nullptr;

TEST_F(EvaluateCommandTest, SimulatesTheSameBytesForEveryNumberOfCasesAtATime) {
  const Ran one = Simulate("w1.safetensors", "one");
  ASSERT_EQ(one.status, 0) << one.output;
  EXPECT_THAT(one.output, HasSubstr("area under DSC"));
  const Ran two = Simulate("w1.safetensors", "two", "--parallel 2");
  ASSERT_EQ(two.status, 0) << two.output;
  for (const std::string file : {"run.json", "run.csv", "run.html", "dsc_over_clicks.svg"}) {
    EXPECT_EQ(FileText(Path("one/" + file)), FileText(Path("two/" + file))) << file;
    EXPECT_NE(FileText(Path("one/" + file)), "");
  }
  const auto run = nlohmann::json::parse(FileText(Path("one/run.json")));
  EXPECT_EQ(run.at("cases").size(), 2U);
  EXPECT_EQ(run.at("cases")[0].at("dsc").size(), 3U);
}

TEST_F(EvaluateCommandTest, TakesKeptCasesOfTheSameWeightsOnly) {
  ASSERT_EQ(Simulate("w1.safetensors", "kept").status, 0);
  auto kept = nlohmann::json::parse(FileText(Path("kept/cases/p1.json")));
  kept["case"]["dsc"] = {0.125, 0.25, 0.5};
  std::ofstream(Path("kept/cases/p1.json")) << kept.dump();
  const auto first_dice = [] {
    return nlohmann::json::parse(FileText(Path("kept/run.json"))).at("cases")[0].at("dsc")[0].get<double>();
  };
  ASSERT_EQ(Simulate("w1.safetensors", "kept").status, 0);
  EXPECT_EQ(first_dice(), 0.125);
  ASSERT_EQ(Simulate("w2.safetensors", "kept").status, 0);
  EXPECT_NE(first_dice(), 0.125);
}

TEST_F(EvaluateCommandTest, ComparesRunsOfSeveralMethods) {
  ASSERT_EQ(Simulate("w1.safetensors", "a").status, 0);
  ASSERT_EQ(Simulate("w2.safetensors", "b").status, 0);
  const std::string words = "--compare " + Path("a/run.json") + " " + Path("b/run.json") + " --at 1 3 --out ";
  const Ran ran = Evaluate(words + Path("c1"));
  ASSERT_EQ(ran.status, 0) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("w2.safetensors"));
  ASSERT_EQ(Evaluate(words + Path("c2")).status, 0);
  EXPECT_EQ(FileText(Path("c1/comparison.json")), FileText(Path("c2/comparison.json")));
  const auto comparison = nlohmann::json::parse(FileText(Path("c1/comparison.json")));
  EXPECT_EQ(comparison.at("rows").size(), 2U);
  EXPECT_TRUE(comparison.at("rows")[0].at("p").is_null()) << "two cases are too few to test";
  const Ran twice =
      Evaluate("--compare " + Path("a/run.json") + " " + Path("a/run.json") + " --at 1 --out " + Path("c3"));
  EXPECT_EQ(twice.status, 1);
  EXPECT_THAT(twice.output, HasSubstr("RUNS_DIFFER"));
}

TEST_F(EvaluateCommandTest, RunsSeveralMethodsAndComparesThem) {
  const std::string words = "--simulate " + Path("set") + " --device cpu --clicks 3 --method " +
                            Path("w1.safetensors") + " --method random-walker-box --out " + Path("several");
  const Ran ran = Evaluate(words);
  ASSERT_EQ(ran.status, 0) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("w1 against"));
  const auto walker = nlohmann::json::parse(FileText(Path("several/random-walker-box/run.json")));
  EXPECT_EQ(walker.at("method"), "random-walker-box");
  EXPECT_GT(walker.at("cases")[0].at("dsc")[2].get<double>(), 0);
  EXPECT_EQ(nlohmann::json::parse(FileText(Path("several/comparison.json"))).at("rows").size(), 2U);
}

TEST_F(EvaluateCommandTest, NamesTheMethodsThatItKnows) {
  const std::string set = "--simulate " + Path("set") + " --out " + Path("none");
  const Ran unknown = Evaluate(set + " --method random-walk");
  EXPECT_EQ(unknown.status, 1);
  EXPECT_THAT(unknown.output, HasSubstr("random-walker-box"));
  EXPECT_EQ(Evaluate(set + " --method random-walker random-walker").status, 1);
  EXPECT_EQ(Evaluate(set + " --method random-walker --weights " + Path("w1.safetensors")).status, 1);
}

TEST_F(EvaluateCommandTest, WritesEverythingAndFailsWhereAPairIsMissing) {
  LabelMap map;
  map.grid.size = {4, 4, 4};
  map.labels.assign(64, 0);
  map.labels[21] = map.labels[22] = 1;
  for (const std::string file : {"p/a.nii.gz", "q/a.nii.gz", "q/b.nii.gz"}) {
    std::filesystem::create_directories(std::filesystem::path(Path(file)).parent_path());
    WriteNifti(Path(file), map);
  }
  const Ran ran = Evaluate(Path("p") + " " + Path("q") + " --out " + Path("pairs"));
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.output, HasSubstr("1 of 2 cases could not be compared"));
  EXPECT_THAT(FileText(Path("pairs/cases.csv")), HasSubstr("MISSING_PREDICTION"));
  EXPECT_THAT(FileText(Path("pairs/evaluation.html")), HasSubstr("MISSING_PREDICTION"));
  EXPECT_THAT(FileText(Path("pairs/summary.csv")), HasSubstr("dsc,1,0,1,"));
  EXPECT_THAT(FileText(Path("pairs/bland_altman.svg")), HasSubstr("<svg"));
}

TEST_F(EvaluateCommandTest, WantsOneOfItsThreeKinds) {
  EXPECT_EQ(Evaluate("--out " + Path("none")).status, 1);
  EXPECT_EQ(Evaluate(Path("p") + " " + Path("q") + " --simulate x --out " + Path("none")).status, 1);
  EXPECT_EQ(Evaluate(Path("p") + " --out " + Path("none")).status, 1);
}

}  // namespace
}  // namespace dinsd
