#include "daemon/experiment/run_experiment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "daemon/experiment/experiment_table.h"
#include "daemon/experiment/table_comparison.h"

// The walk through the rows and what is said of them, with steps that train and click nothing.

namespace dinsd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class FakeSteps : public ExperimentSteps {
 public:
  std::vector<ExperimentCase> Cases(const std::string&) override {
    std::vector<ExperimentCase> cases;
    for (int i = 0; i < 12; ++i) {
      const std::string name = (i < 10 ? "c0" : "c") + std::to_string(i);
      cases.push_back({name, i < 9 ? "train" : "val", "digest of " + name});
    }
    return cases;
  }
  std::string MethodSha256(const ExperimentRow& row, const ExperimentData& data) override {
    return row.method + settings + data.weights;
  }
  std::string Trouble(const ExperimentRow& row) override { return row.method == "magic" ? "no such method" : ""; }
  TrainingOutcome Train(const TrainingOrder& order, const OnTrainingStep& on_step) override {
    if (stop_at == trained.size()) throw ExperimentStopped();
    trained.push_back(order);
    on_step(5, 10, 1);
    return {order.name, 10, 1, true, ""};
  }
  InteractionRun Evaluate(const EvaluationOrder& order) override {
    if (order.row->label == "breaks") throw std::runtime_error("case c09 failed: no reason");
    InteractionRun run{order.row->label, "sha", order.set, "", order.clicks, order.target, order.bootstrap, {}};
    for (const std::string& name : order.cases) {
      // Another seed, another DSC; the target of 0.8 is reached at click 2 by cases with an even number.
      const double dice = 0.5 + 0.1 * static_cast<double>(trained.empty() ? 0 : trained.back().plan->options.seed);
      run.cases.push_back({name, "i", "t", {dice, name.back() % 2 == 0 ? 0.9 : 0.7, 0.7}, 3, ""});
    }
    evaluated.push_back(order);
    return run;
  }
  std::optional<RunRecord> Kept(const EvaluationOrder& order) override {
    const auto found = records.find(order.name);
    return found == records.end() ? std::nullopt : std::optional(found->second);
  }
  void Keep(const EvaluationOrder& order, const RunRecord& record) override { records[order.name] = record; }

  std::map<std::string, RunRecord> records;
  std::string settings;
  std::size_t stop_at = SIZE_MAX;
  std::vector<TrainingOrder> trained;
  std::vector<EvaluationOrder> evaluated;
};

TrainingPlan PlanOf(std::uint64_t seed) {
  TrainingPlan plan;
  plan.options.seed = seed;
  plan.text = "seed " + std::to_string(seed);
  return plan;
}

Experiment TwoRows() {
  Experiment experiment;
  experiment.table = "II";
  experiment.title = "a title";
  experiment.paper = "another data set.";
  experiment.measures = {{"dsc_at_stop", MeasureKind::kDscAtStop, 0},
                         {"clicks", MeasureKind::kClicks, 0},
                         {"dsc@1", MeasureKind::kDsc, 1}};
  experiment.clicks = 3;
  experiment.data.push_back({.set = "blocks", .difference = "blocks.", .choose = 2, .seeds = {1, 2}});
  ExperimentRow row;
  row.name = "first";
  row.label = "First";
  row.paper = {{"clicks", 15.3}};
  row.trainings = {{PlanOf(1), PlanOf(2)}};
  experiment.rows = {row, row};
  experiment.rows[1].name = "second";
  experiment.rows[1].label = "Second";
  experiment.rows[1].trainings = {{PlanOf(3), PlanOf(4)}};
  return experiment;
}

TEST(RunExperiment, TrainsEverySeedOfEveryRowAndCountsInThePapersWay) {
  FakeSteps steps;
  const Experiment experiment = TwoRows();
  const ExperimentResult result = RunExperiment(experiment, {}, steps, {});
  EXPECT_EQ(steps.trained.size(), 4U);
  EXPECT_EQ(steps.trained[0].split.choose.size(), 2U);
  EXPECT_EQ(steps.trained[0].split.train.size(), 7U);
  EXPECT_THAT(steps.evaluated[0].cases, ElementsAre("c09", "c10", "c11"));
  const RowResult& row = result.data[0].rows[0];
  // c10 reaches the target after 2 clicks with 0.9; the others end after the budget of 3 with 0.7.
  EXPECT_NEAR(CellOf(row, experiment.measures[0], experiment)->mean, (0.9 + 0.7 + 0.7) / 3, 1e-12);
  EXPECT_NEAR(CellOf(row, experiment.measures[1], experiment)->mean, (2 + 3 + 3) / 3.0, 1e-12);
  const TableCell first = *CellOf(row, experiment.measures[2], experiment);
  EXPECT_NEAR(first.mean, 0.65, 1e-12);
  EXPECT_NEAR(*first.seed_sd, 0.1 / std::sqrt(2.0), 1e-12);
}

TEST(RunExperiment, ShippedWeightsOfAnotherKindAreAnotherRun) {
  Experiment experiment = TwoRows();
  experiment.rows[0].method = "shipped";
  experiment.data[0].seeds = {1};
  FakeSteps steps;
  (void)RunExperiment(experiment, {}, steps, {});
  experiment.data[0].weights = "sarcoma";
  FakeSteps other;
  (void)RunExperiment(experiment, {}, other, {});
  EXPECT_EQ(steps.evaluated.at(0).shipped, "");
  EXPECT_EQ(other.evaluated.at(0).shipped, "sarcoma");
  EXPECT_NE(steps.evaluated.at(0).name, other.evaluated.at(0).name);
}

TEST(RunExperiment, ARowThatCannotBeRunSaysWhyAndStopsNoOther) {
  Experiment experiment = TwoRows();
  experiment.rows.push_back(experiment.rows[0]);
  experiment.rows[0].refused = "x.toml:7: unknown key `row.train.network`";
  experiment.rows[1].label = "breaks";
  experiment.rows[2].method = "magic";
  experiment.rows.push_back(TwoRows().rows[0]);
  FakeSteps steps;
  const ExperimentResult result = RunExperiment(experiment, {}, steps, {});
  const std::string table = TableMarkdown(experiment, result);
  EXPECT_THAT(table, HasSubstr("not run: x.toml:7: unknown key"));
  EXPECT_THAT(table, HasSubstr("not run: case c09 failed"));
  EXPECT_THAT(table, HasSubstr("not run: no such method"));
  EXPECT_TRUE(result.data[0].rows[3].not_run.empty());
  EXPECT_FALSE(CellOf(result.data[0].rows[1], experiment.measures[0], experiment));
}

TEST(RunExperiment, MinutesAreThoseUntilTheTargetOrTheEnd) {
  const Measure minutes{"minutes", MeasureKind::kMinutes, 0};
  InteractionCase a_case{"a", "", "", {0.5, 0.9, 0.9}, 3, "", {30, 30, 600}};
  EXPECT_NEAR(MeasureOf(minutes, a_case, 0.8).value(), 1.0, 1e-12);
  EXPECT_NEAR(MeasureOf(minutes, a_case, 0.95).value(), 11.0, 1e-12);
  a_case.clicks_made = 2;  // no error was left
  EXPECT_FALSE(MeasureOf(minutes, a_case, 0.95)) << "times of other clicks than were made";
  a_case.seconds = {30, 30};
  EXPECT_NEAR(MeasureOf(minutes, a_case, 0.95).value(), 1.0, 1e-12);
  a_case.seconds = {};
  EXPECT_FALSE(MeasureOf(minutes, a_case, 0.8));
}

TEST(RunExperiment, ARowWithoutTimesSaysThatTheyWereNotMeasured) {
  Experiment experiment = TwoRows();
  experiment.measures = {{"minutes", MeasureKind::kMinutes, 0}};
  FakeSteps steps;
  EXPECT_THAT(TableMarkdown(experiment, RunExperiment(experiment, {}, steps, {})), HasSubstr("not measured"));
}

TEST(RunExperiment, ComparesOneRowWithEachOther) {
  Experiment experiment = TwoRows();
  experiment.rows.push_back(experiment.rows[0]);
  experiment.rows[2].name = "third";
  experiment.rows[2].label = "Third";
  experiment.rows[2].trainings = {{PlanOf(5), PlanOf(6)}};
  FakeSteps steps;
  const ExperimentResult result = RunExperiment(experiment, {}, steps, {});
  EXPECT_FALSE(ComparisonOf(experiment, result.data[0])) << "none was asked for";
  experiment.compared = "second";
  const MethodComparison comparison = ComparisonOf(experiment, result.data[0]).value();
  EXPECT_EQ(comparison.first, "Second");
  ASSERT_EQ(comparison.rows.size(), 4U) << "two others after 1 and 3 clicks";
  EXPECT_THAT(ComparisonCells(comparison)[1],
              ElementsAre("First", "1", "0.800", "0.600", "+0.200", "+0.200 to +0.200", "-", "-"));
  EXPECT_THAT(ComparisonCells(comparison)[3][0], "Third");
  for (const std::string& page : {TableMarkdown(experiment, result), TableHtml(experiment, result)})
    EXPECT_THAT(page, HasSubstr("fewer than 20 cases, so no test"));
  FakeSteps others;
  const ExperimentResult alone = RunExperiment(experiment, {.rows = {"first"}}, others, {});
  EXPECT_FALSE(ComparisonOf(experiment, alone.data[0]));
}

TEST(RunExperiment, ARecordOfAMethodWithOtherSettingsIsNotTaken) {
  Experiment experiment = TwoRows();
  experiment.rows[0].method = "random-walker";
  FakeSteps steps;
  (void)RunExperiment(experiment, {.rows = {"first"}}, steps, {});
  (void)RunExperiment(experiment, {.rows = {"first"}}, steps, {});
  EXPECT_EQ(steps.evaluated.size(), 1U);
  steps.settings = "with another beta";
  (void)RunExperiment(experiment, {.rows = {"first"}}, steps, {});
  EXPECT_EQ(steps.evaluated.size(), 2U);
}

TEST(RunExperiment, FoldsCoverTheTrainingCasesOnceAndNoCaseIsTrainedAndEvaluated) {
  Experiment experiment = TwoRows();
  experiment.data[0].folds = 3;
  experiment.data[0].seeds = {1};
  FakeSteps steps;
  const ExperimentResult result = RunExperiment(experiment, {.rows = {"first"}}, steps, {});
  ASSERT_EQ(steps.trained.size(), 3U);
  std::vector<std::string> evaluated;
  for (std::size_t fold = 0; fold < 3; ++fold) {
    for (const std::string& name : steps.evaluated[fold].cases) {
      evaluated.push_back(name);
      for (const auto& seen : {steps.trained[fold].split.train, steps.trained[fold].split.choose})
        EXPECT_THAT(seen, testing::Not(testing::Contains(name)));
    }
  }
  std::sort(evaluated.begin(), evaluated.end());
  EXPECT_THAT(evaluated, ElementsAre("c00", "c01", "c02", "c03", "c04", "c05", "c06", "c07", "c08"));
  EXPECT_EQ(result.data[0].rows[0].runs.at(0).cases.size(), 9U);
  EXPECT_EQ(result.data[0].rows[1].not_run, kNotAskedFor);
}

TEST(RunExperiment, AStopEndsItAndWhatWasDoneIsTold) {
  FakeSteps steps;
  steps.stop_at = 2;
  std::vector<std::string> tables;
  const Experiment experiment = TwoRows();
  const ExperimentHooks hooks{
      {}, [&](const ExperimentResult& result) { tables.push_back(TableMarkdown(experiment, result)); }};
  EXPECT_THROW((void)RunExperiment(experiment, {}, steps, hooks), ExperimentStopped);
  ASSERT_EQ(tables.size(), 1U);
  EXPECT_THAT(tables[0], HasSubstr("not asked for"));
}

TEST(RunExperiment, ATrainingIsNamedByAllThatItDependsOn) {
  FakeSteps steps;
  std::vector<ExperimentCase> cases = steps.Cases("blocks");
  const CaseSplit split{{"c00", "c01"}, {"c02"}, {}};
  const std::string name = TrainingName("blocks", PlanOf(1), split, cases);
  EXPECT_EQ(name, TrainingName("blocks", PlanOf(1), {{"c00", "c01"}, {"c02"}, {"c09"}}, cases));
  EXPECT_NE(name, TrainingName("blocks", PlanOf(2), split, cases));
  EXPECT_NE(name, TrainingName("blocks", PlanOf(1), {{"c00"}, {"c01", "c02"}, {}}, cases));
  cases[0].digest = "another image";
  EXPECT_NE(name, TrainingName("blocks", PlanOf(1), split, cases));
}

TEST(RunExperiment, WhatWasKeptIsNeitherTrainedNorEvaluatedAgain) {
  FakeSteps first, second;
  const Experiment experiment = TwoRows();
  const std::string table = TableMarkdown(experiment, RunExperiment(experiment, {}, first, {}));
  second.records = first.records;
  EXPECT_EQ(TableMarkdown(experiment, RunExperiment(experiment, {}, second, {})), table);
  EXPECT_TRUE(second.trained.empty());
  EXPECT_TRUE(second.evaluated.empty());
}

TEST(RunExperiment, ARowThatIsLeftOutIsFilledFromItsRecords) {
  FakeSteps steps;
  const Experiment experiment = TwoRows();
  (void)RunExperiment(experiment, {.rows = {"first"}}, steps, {});
  const ExperimentResult result = RunExperiment(experiment, {.rows = {"second"}}, steps, {});
  EXPECT_EQ(steps.trained.size(), 4U);
  EXPECT_EQ(result.data[0].rows[0].not_run, "");
  EXPECT_EQ(result.data[0].rows[0].trainings.size(), 2U);
  EXPECT_TRUE(CellOf(result.data[0].rows[0], experiment.measures[0], experiment));
  steps.records.erase(steps.evaluated[1].name);  // of one of its seeds
  const ExperimentResult fewer = RunExperiment(experiment, {.rows = {"second"}}, steps, {});
  EXPECT_EQ(fewer.data[0].rows[0].not_run, kNotAskedFor);
}

TEST(RunExperiment, ARunIsNamedByItsMethodAndCases) {
  FakeSteps steps;
  const std::vector<ExperimentCase> cases = steps.Cases("blocks");
  const CaseSplit split{{"c00"}, {}, {"c09"}};
  ExperimentRow row = TwoRows().rows[0];
  const std::string name = RunName("blocks", row, "training-1", split, cases);
  row.label = "another word of another table";
  EXPECT_EQ(RunName("blocks", row, "training-1", split, cases), name);
  EXPECT_NE(RunName("blocks", row, "training-2", split, cases), name);
  EXPECT_NE(RunName("blocks", row, "training-1", {{"c00"}, {}, {"c10"}}, cases), name);
  row.in_box = true;
  EXPECT_NE(RunName("blocks", row, "training-1", split, cases), name);
}

TEST(RunExperiment, TheTableSaysHowATrainingEnded) {
  FakeSteps steps;
  const Experiment experiment = TwoRows();
  ExperimentResult result = RunExperiment(experiment, {}, steps, {});
  result.data[0].rows[0].trainings[1] = {"", 20, 1.6, false, ""};
  EXPECT_THAT(TableMarkdown(experiment, result),
              HasSubstr("10 to 20 steps, 1 to 2 min; 1 of 2 ended at the last step, before patience"));
}

TEST(RunExperiment, RefusesAChoiceThatNamesNothing) {
  FakeSteps steps;
  EXPECT_THROW((void)RunExperiment(TwoRows(), {.rows = {"third"}}, steps, {}), std::runtime_error);
  EXPECT_THROW((void)RunExperiment(TwoRows(), {.set = "other"}, steps, {}), std::runtime_error);
}

TEST(RunExperiment, ADataSetThatNobodyAskedForIsNotOnThePage) {
  Experiment experiment = TwoRows();
  experiment.data.push_back(experiment.data[0]);
  experiment.data[1].set = "others";
  for (ExperimentRow& row : experiment.rows) row.trainings.push_back(row.trainings[0]);
  FakeSteps steps;
  const ExperimentResult result = RunExperiment(experiment, {.set = "blocks"}, steps, {});
  EXPECT_THAT(TableMarkdown(experiment, result), testing::Not(HasSubstr("others")));
  EXPECT_THAT(TableCsv(experiment, result), HasSubstr("others"));
}

TEST(RunExperiment, WritesTheSameBytesTwice) {
  const Experiment experiment = TwoRows();
  FakeSteps one, two;
  const ExperimentResult a = RunExperiment(experiment, {}, one, {}), b = RunExperiment(experiment, {}, two, {});
  EXPECT_EQ(TableJson(experiment, a), TableJson(experiment, b));
  EXPECT_EQ(TableCsv(experiment, a), TableCsv(experiment, b));
  EXPECT_EQ(TableHtml(experiment, a), TableHtml(experiment, b));
}

}  // namespace
}  // namespace dinsd
