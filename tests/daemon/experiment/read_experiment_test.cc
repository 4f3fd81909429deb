#include "daemon/experiment/read_experiment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/folders.h"
#include "tests/temp_folder.h"

namespace dinsd {
namespace {

using testing::HasSubstr;

constexpr const char* kGood = R"(table = "II"
title = "a title"
paper = "a sentence"
measures = ["dsc_at_stop", "clicks"]
clicks = 5
[train]
width = 4
steps = 10
[quick]
cases = 1
[quick.train]
steps = 2
[[data]]
set = "blocks"
difference = "blocks"
source = "made up"
licence = "MIT"
seeds = [3, 4]
[data.train]
spacing_mm = 1.0
[[row]]
name = "edt"
label = "EDT"
paper = {clicks = 15.3}
train = {guide = "euclidean"}
[[row]]
name = "rw"
label = "RW"
method = "random-walker"
)";

std::string With(const std::string& from, const std::string& to) {
  std::string text = kGood;
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

class ReadExperimentTest : public testing::Test {
 protected:
  Experiment Read(const std::string& text, bool is_quick = false) {
    folder_.Write("x.toml", text);
    return ReadExperiment(folder_.path() / "x.toml", is_quick);
  }
  std::string Refusal(const std::string& text) {
    try {
      (void)Read(text);
    } catch (const std::exception& error) {
      return error.what();
    }
    return "";
  }

  TempFolder folder_;
};

TEST_F(ReadExperimentTest, ADataSetNamesTheKindOfShippedWeights) {
  EXPECT_EQ(Read(kGood).data[0].weights, "");
  EXPECT_EQ(Read(With("seeds = [3, 4]", "weights = \"sarcoma\"")).data[0].weights, "sarcoma");
  EXPECT_THAT(Refusal(With("seeds = [3, 4]", "weights = \"../sarcoma\"")), HasSubstr("`weights` of data must be"));
}

TEST_F(ReadExperimentTest, OnlyARowCanBeCompared) {
  EXPECT_EQ(Read(With("clicks = 5", "clicks = 5\ncompared = \"rw\"")).compared, "rw");
  EXPECT_NE(Refusal(With("clicks = 5", "clicks = 5\ncompared = \"gc\"")).find("must be the name of a row"),
            std::string::npos);
}

TEST_F(ReadExperimentTest, LaysTheOptionsOfDataAndRowOverThoseOfAll) {
  const Experiment experiment = Read(kGood);
  ASSERT_EQ(experiment.rows.size(), 2U);
  const auto& plans = experiment.rows[0].trainings.at(0);
  ASSERT_EQ(plans.size(), 2U);
  EXPECT_EQ(plans[1].options.seed, 4U);
  EXPECT_EQ(plans[0].options.width, 4);
  EXPECT_EQ(plans[0].options.spacing_mm, 1);
  EXPECT_EQ(plans[0].options.guide, "euclidean");
  EXPECT_EQ(plans[0].manifest.guide, "euclidean");
  EXPECT_EQ(plans[0].manifest.training_data, "made up");
  EXPECT_EQ(experiment.rows[0].paper.at("clicks"), 15.3);
  EXPECT_TRUE(experiment.rows[1].trainings.empty());
}

TEST_F(ReadExperimentTest, AQuickRunIsShort) {
  const Experiment experiment = Read(kGood, true);
  EXPECT_EQ(experiment.most_cases, 1);
  EXPECT_EQ(experiment.rows[0].trainings.at(0).size(), 1U);
  EXPECT_EQ(experiment.rows[0].trainings.at(0)[0].options.steps, 2);
}

TEST_F(ReadExperimentTest, RefusesWhatItDoesNotKnowByFileAndLine) {
  EXPECT_THAT(Refusal(With("\"II\"", "\"XII\"")), HasSubstr("x.toml:1: `table`"));
  EXPECT_THAT(Refusal(With("title", "titel")), HasSubstr("x.toml:2: unknown key `titel`"));
  EXPECT_THAT(Refusal(With("width", "wide")), HasSubstr("x.toml:7: unknown key `train.wide`"));
  EXPECT_THAT(Refusal(With("licence = \"MIT\"", "license = \"MIT\"")), HasSubstr("x.toml:17: unknown key `license`"));
  EXPECT_THAT(Refusal(With("label = \"EDT\"", "labell = \"EDT\"")), HasSubstr("x.toml:23: unknown key `labell`"));
  EXPECT_THAT(Refusal(With("{clicks = 15.3}", "{dsc = 0.5}")), HasSubstr("x.toml:24: `paper.dsc`"));
  EXPECT_THAT(Refusal(With("\"clicks\"]", "\"time\"]")), HasSubstr("x.toml:4: `measures`"));
  EXPECT_THAT(Refusal(With("name = \"rw\"", "name = \"edt\"")), HasSubstr("came before"));
  EXPECT_THAT(Refusal(With("width = 4", "width = 0")), HasSubstr("width must be"));
  EXPECT_THAT(Refusal("table = \n"), HasSubstr("x.toml:1:"));
}

TEST_F(ReadExperimentTest, AnOptionThatTheTrainerDoesNotHaveRefusesItsRowOnly) {
  const Experiment experiment = Read(With("guide = \"euclidean\"", "telepathy = true"));
  EXPECT_THAT(experiment.rows[0].refused, HasSubstr("x.toml:25: unknown key `row.train.telepathy`"));
  EXPECT_TRUE(experiment.rows[1].refused.empty());
}

TEST_F(ReadExperimentTest, TheTablesOfThePaperAreDeclared) {
  const std::filesystem::path folder = std::filesystem::path(kSourceFolder) / "tests" / "experiments";
  const std::map<std::string, std::size_t> rows = {{"II", 8},       {"III", 8},      {"V", 6},      {"VI", 8},
                                                   {"figure7", 15}, {"figure8", 13}, {"quirks", 6}, {"peers", 7}};
  for (const auto& [table, count] : rows) {
    for (const bool is_quick : {false, true}) {
      const Experiment experiment = ReadExperiment(folder / (table + ".toml"), is_quick);
      EXPECT_EQ(experiment.table, table);
      EXPECT_EQ(experiment.rows.size(), count) << table;
    }
  }
}

TEST_F(ReadExperimentTest, TablesShareTheTrainingsOfTheSameRow) {
  const std::filesystem::path folder = std::filesystem::path(kSourceFolder) / "tests" / "experiments";
  const Experiment two = ReadExperiment(folder / "II.toml", false), three = ReadExperiment(folder / "III.toml", false);
  for (std::size_t r = 0; r < two.rows.size(); ++r)
    EXPECT_EQ(two.rows[r].trainings.at(0).at(0).text, three.rows[r].trainings.at(0).at(0).text) << two.rows[r].name;
}

}  // namespace
}  // namespace dinsd
