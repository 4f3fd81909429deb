#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>

#include "pipeline/evaluate/comparison.h"
#include "pipeline/evaluate/paired_tests.h"
#include "pipeline/read/input_error.h"

namespace dinsd {
namespace {

using testing::HasSubstr;
using testing::Not;

InteractionCase Case(const std::string& name, const std::vector<double>& dice) {
  return {name, std::string("i-").append(name), std::string("t-").append(name),
          dice, static_cast<int>(dice.size()),  ""};
}

InteractionRun RunOf(const std::string& method, const std::vector<InteractionCase>& cases, int budget = 3) {
  return {method, "sha", "set", "val", budget, 0.8, {}, cases};
}

// `count` cases whose DSC after each click is that of the plain one plus `gain`, with some scatter.
InteractionRun Many(const std::string& method, int count, double gain) {
  std::vector<InteractionCase> cases;
  for (int i = 0; i < count; ++i) {
    const double scatter = 0.01 * ((i * 7) % 11) * (gain == 0 ? 0 : 1);
    cases.push_back(
        Case(std::string("c").append(std::to_string(i)), {0.3 + gain + scatter, 0.4 + gain - scatter, 0.5 + gain}));
  }
  return RunOf(method, cases);
}

std::string CodeOf(const std::function<void()>& call) {
  try {
    call();
  } catch (const InputError& error) {
    return error.code();
  }
  return "no error";
}

TEST(InteractionRun, SummarisesClicks) {
  const auto summary = SummariseRun(RunOf("dins", {Case("a", {0.5, 0.8, 0.9}), Case("b", {0.1, 0.2, 0.3})}));
  ASSERT_TRUE(summary);
  EXPECT_DOUBLE_EQ(summary->dice[1].mean, 0.5);
  EXPECT_EQ(summary->survival.reached, 1);
  EXPECT_EQ(summary->survival.median, 2);
  EXPECT_DOUBLE_EQ(summary->survival.restricted_mean, 2.5);
  EXPECT_DOUBLE_EQ(summary->clicks.mean, 2.5);
  EXPECT_DOUBLE_EQ(summary->area.mean, (0.75 + 0.2) / 2);
}

TEST(InteractionRun, LeavesOutCasesThatFailed) {
  InteractionRun run = RunOf("dins", {Case("a", {0.5, 0.8, 0.9})});
  run.cases.push_back({"b", "", "", {}, 0, "<b>cannot</b> be read"});
  EXPECT_EQ(SummariseRun(run)->dice[0].count, 1);
  EXPECT_THAT(RunHtml(run), HasSubstr("&lt;b&gt;cannot"));
  EXPECT_THAT(RunHtml(run), Not(HasSubstr("<b>cannot")));
  EXPECT_THAT(RunCsv(run), HasSubstr("b,,,,,,,,<b>cannot</b> be read,,\r\n"));
  run.cases.erase(run.cases.begin());
  EXPECT_FALSE(SummariseRun(run));
  EXPECT_THAT(RunHtml(run), HasSubstr("cannot"));
}

TEST(InteractionRun, SurvivesItsJson) {
  InteractionRun run = RunOf("dins", {Case("a", {0.5, 0.8, 0.1 + 0.2})});
  run.cases.push_back({"b", "", "", {}, 0, "cannot be read"});
  const InteractionRun read = ParseRun(RunJson(run), "run.json");
  EXPECT_EQ(RunJson(read), RunJson(run));
  EXPECT_EQ(read.cases[0].dice, run.cases[0].dice);
  EXPECT_EQ(read.cases[1].error, "cannot be read");
}

TEST(InteractionRun, IsRefusedWhereItsJsonIsNotOne) {
  const std::string good = RunJson(RunOf("dins", {Case("a", {0.5, 0.8, 0.9})}));
  const auto with = [&](const std::string& pointer, const nlohmann::json& value) {
    nlohmann::json json = nlohmann::json::parse(good);
    json[nlohmann::json::json_pointer(pointer)] = value;
    return CodeOf([&] { (void)ParseRun(json.dump(), "run.json"); });
  };
  EXPECT_EQ(with("/method", "other"), "no error");
  EXPECT_EQ(with("/schema", "dins-evaluation/1"), "RUN_FORMAT");
  EXPECT_EQ(with("/cases/0/dsc", {0.5, 0.8}), "RUN_FORMAT");
  EXPECT_EQ(with("/cases/0/dsc", {0.5, 0.8, 1.5}), "RUN_FORMAT");
  EXPECT_EQ(with("/cases/0/dsc", {0.5, 0.8, "x"}), "RUN_FORMAT");
  EXPECT_EQ(with("/cases/1", nlohmann::json::parse(good).at("cases").at(0)), "RUN_FORMAT");  // twice
  EXPECT_EQ(with("/budget", 0), "RUN_FORMAT");
  EXPECT_EQ(CodeOf([] { (void)ParseRun("{", "run.json"); }), "RUN_FORMAT");
  EXPECT_EQ(CodeOf([] { (void)ParseRun("[]", "run.json"); }), "RUN_FORMAT");
}

TEST(CompareMethods, TestsWhereThereAreTwentyCases) {
  const MethodComparison comparison =
      CompareMethods({Many("ours", 20, 0.1), Many("b", 20, 0), Many("c", 20, 0.05)}, {1, 3}, {});
  ASSERT_EQ(comparison.rows.size(), 4U);
  EXPECT_EQ(comparison.rows[0].other, "b");
  EXPECT_EQ(comparison.rows[3].clicks, 3);
  EXPECT_NEAR(comparison.rows[2].difference, 0.1, 1e-12);
  ASSERT_TRUE(comparison.rows[0].p);
  // Both p-values are the smallest that 20 pairs can give: Holm doubles one, and the other may not fall below it.
  EXPECT_DOUBLE_EQ(*comparison.rows[0].p, 2 * std::pow(0.5, 20));
  EXPECT_DOUBLE_EQ(*comparison.rows[0].p_holm, 2 * *comparison.rows[0].p);
  EXPECT_DOUBLE_EQ(*comparison.rows[1].p_holm, *comparison.rows[0].p_holm);
}

TEST(CompareMethods, GivesIntervalsOnlyWhereThereAreFewer) {
  const MethodComparison comparison = CompareMethods({Many("ours", 19, 0.1), Many("b", 19, 0)}, {1}, {});
  EXPECT_FALSE(comparison.rows[0].p);
  EXPECT_FALSE(comparison.rows[0].p_holm);
  ASSERT_TRUE(comparison.rows[0].interval);
  EXPECT_GT(comparison.rows[0].interval->low, 0);
  EXPECT_THAT(ComparisonHtml(comparison), HasSubstr("not tested"));
}

TEST(CompareMethods, PairsCasesByNameWhateverTheirOrder) {
  InteractionRun turned = Many("b", 5, 0);
  std::reverse(turned.cases.begin(), turned.cases.end());
  InteractionRun ours = Many("ours", 5, 0);
  for (InteractionCase& a_case : ours.cases) a_case.dice[0] = 0.01 * (a_case.name[1] - '0');
  for (InteractionCase& a_case : turned.cases) a_case.dice[0] = 0.01 * (a_case.name[1] - '0');
  const MethodComparison comparison = CompareMethods({ours, turned}, {1}, {});
  EXPECT_EQ(comparison.rows[0].interval, (Interval{0, 0}));
}

TEST(CompareMethods, LeavesACaseThatFailedOnceOutOfAllAndNamesIt) {
  InteractionRun failed = Many("b", 5, 0);
  failed.cases[2] = {"c2", "i-c2", "t-c2", {}, 0, "out of memory"};
  const MethodComparison comparison = CompareMethods({Many("ours", 5, 0.1), failed}, {1}, {});
  EXPECT_EQ(comparison.cases.size(), 4U);
  EXPECT_THAT(comparison.left_out, testing::ElementsAre("c2"));
  EXPECT_THAT(ComparisonHtml(comparison), HasSubstr("<strong>c2</strong> failed"));
}

TEST(CompareMethods, RefusesRunsOfOtherCases) {
  const InteractionRun ours = Many("ours", 5, 0.1);
  const auto code = [&](InteractionRun other, int clicks = 1) {
    return CodeOf([&] { (void)CompareMethods({ours, std::move(other)}, {clicks}, {}); });
  };
  EXPECT_EQ(code(Many("b", 5, 0)), "no error");
  EXPECT_EQ(code(Many("b", 6, 0)), "RUNS_DIFFER");
  EXPECT_EQ(code(Many("ours", 5, 0)), "RUNS_DIFFER");
  EXPECT_EQ(code(Many("b", 5, 0), 4), "RUN_FORMAT");
  InteractionRun other = Many("b", 5, 0);
  other.dataset = "another";
  EXPECT_EQ(code(other), "RUNS_DIFFER");
  other = Many("b", 5, 0);
  other.cases[3].truth_sha256 = "another truth";
  EXPECT_EQ(code(other), "RUNS_DIFFER");
  EXPECT_EQ(CodeOf([&] { (void)CompareMethods({ours}, {1}, {}); }), "RUN_EMPTY");
}

TEST(CompareMethods, GivesTheSameBytesTwiceAndEscapes) {
  const auto compare = [] { return CompareMethods({Many("<i>ours</i>", 20, 0.1), Many("=b", 20, 0)}, {1, 2}, {}); };
  EXPECT_EQ(ComparisonJson(compare()), ComparisonJson(compare()));
  EXPECT_EQ(ComparisonCsv(compare()), ComparisonCsv(compare()));
  EXPECT_THAT(ComparisonHtml(compare()), Not(HasSubstr("<i>ours")));
  EXPECT_THAT(ComparisonCsv(compare()), HasSubstr(",'=b,"));
  const auto json = nlohmann::json::parse(ComparisonJson(compare()));
  EXPECT_EQ(json.at("rows").size(), 2U);
  EXPECT_EQ(json.at("methods").size(), 2U);
}

}  // namespace
}  // namespace dinsd
