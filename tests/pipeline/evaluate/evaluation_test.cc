#include "pipeline/evaluate/evaluation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "pipeline/evaluate/chart.h"
#include "pipeline/read/input_error.h"

namespace dinsd {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t kWidth = 12;

LabelMap Row(const std::vector<std::uint16_t>& labels) {
  LabelMap map;
  map.grid.size = {kWidth, 1, 1};
  map.grid.spacing = {2, 3, 5};
  map.labels = labels;
  map.labels.resize(kWidth);
  return map;
}

std::optional<double> Value(const std::vector<std::optional<double>>& values, const std::string& name,
                            const EvaluateOptions& options = {}) {
  const auto metrics = MetricsUnder(options);
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    if (metrics[i].name == name) return values.at(i);
  }
  throw std::out_of_range(name);
}

TEST(MeasureCase, GivesAValueForEveryMetric) {
  const auto values = MeasureCase(Row({1, 1, 0}), Row({0, 1, 1}), {}, "a");
  EXPECT_EQ(values.size(), MetricsUnder({}).size());
  EXPECT_TRUE(std::all_of(values.begin(), values.end() - 12, [](const auto& v) { return v.has_value(); }));
  EXPECT_EQ(Value(values, "dsc"), 0.5);
  EXPECT_DOUBLE_EQ(*Value(values, "voe"), 2.0 / 3);
  EXPECT_EQ(Value(values, "vd_ml"), 0);
  EXPECT_DOUBLE_EQ(*Value(values, "truth_ml"), 0.06);  // 2 voxels of 2 x 3 x 5 mm
  EXPECT_EQ(Value(values, "msd_mm"), 2);               // one voxel of 2 mm along i
  EXPECT_EQ(Value(values, "msd_voxels"), 1);
}

TEST(MeasureCase, IsDefinedForEmptyMasks) {
  const auto both = MeasureCase(Row({}), Row({}), {}, "a");
  EXPECT_EQ(Value(both, "dsc"), 1);
  EXPECT_EQ(Value(both, "arvd"), 0);
  EXPECT_EQ(Value(both, "assd_mm"), 0);
  EXPECT_EQ(Value(both, "hd_of_masks_mm"), 0);
  EXPECT_EQ(Value(both, "pq_iou0.5"), 1);
  EXPECT_EQ(Value(both, "sensitivity_iou0.5"), std::nullopt);
  const auto no_truth = MeasureCase(Row({1}), Row({}), {}, "a");
  EXPECT_EQ(Value(no_truth, "dsc"), 0);
  EXPECT_EQ(Value(no_truth, "arvd"), std::nullopt);
  EXPECT_EQ(Value(no_truth, "rvd"), 2);
  EXPECT_EQ(Value(no_truth, "hd95_mm"), std::nullopt);
  EXPECT_EQ(Value(no_truth, "precision_iou0.5"), 0);
}

TEST(MeasureCase, CountsPiecesOrLabels) {
  const LabelMap truth = Row({1, 1, 0, 1, 1}), prediction = Row({1, 1, 0, 2, 2});
  EXPECT_EQ(Value(MeasureCase(prediction, truth, {}, "a"), "pq_iou0.5"), 1);
  EvaluateOptions by_label;
  by_label.lesions = LesionRule::kLabels;
  const auto values = MeasureCase(prediction, truth, by_label, "a");
  EXPECT_EQ(Value(values, "lesions_truth"), 1);
  EXPECT_EQ(Value(values, "lesions_prediction"), 2);
  EXPECT_EQ(Value(values, "matched_iou0.5"), 1);  // either half has an IoU of 0.5
}

TEST(MeasureCase, RefusesAnotherGrid) {
  LabelMap moved = Row({1});
  moved.grid.origin[2] = 0.1;
  try {
    (void)MeasureCase(moved, Row({1}), {}, "case.nii.gz");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), "GRID_MISMATCH");
    EXPECT_EQ(error.file(), "case.nii.gz");
  }
}

Evaluation Three() {
  Evaluation evaluation;
  const LabelMap truth = Row({0, 1, 1, 1, 1});
  evaluation.rows.push_back({"a", "p1", "t1", MeasureCase(Row({0, 1, 1, 1, 1}), truth, {}, "a"), "", ""});
  evaluation.rows.push_back({"b", "p2", "t2", MeasureCase(Row({}), truth, {}, "b"), "", ""});
  evaluation.rows.push_back({"<img src=x>", "", "t3", {}, "MISSING_PREDICTION", "=1+1 \"no\" file"});
  return evaluation;
}

TEST(Evaluation, SummarisesOnlyWhatIsDefinedAndSaysHowMuchIsNot) {
  const Evaluation evaluation = Three();
  for (const MetricSummary& of : SummariseMetrics(evaluation)) {
    if (of.metric.name == "dsc") {
      EXPECT_EQ(of.summary->count, 2);
      EXPECT_EQ(of.summary->mean, 0.5);
    }
    if (of.metric.name == "assd_mm") {
      EXPECT_EQ(of.summary->count, 1);
      EXPECT_EQ(of.undefined, 1);
    }
  }
  EXPECT_EQ(CompareVolumes(evaluation)->under_20_percent, 1);
  EXPECT_DOUBLE_EQ(CompareVolumes(evaluation)->bias_ml, -0.06);
}

TEST(Evaluation, PoolsLesionsOverCases) {
  const auto pooled = PoolLesions(Three());
  ASSERT_EQ(pooled.size(), 2U);
  EXPECT_EQ(pooled[1].truth, 2);
  EXPECT_EQ(pooled[1].matched, 1);
  EXPECT_EQ(pooled[1].sensitivity, 0.5);
  EXPECT_EQ(pooled[1].precision, 1);
  EXPECT_DOUBLE_EQ(pooled[1].f1, 2.0 / 3);
  EXPECT_DOUBLE_EQ(pooled[1].pq, 2.0 / 3);
}

TEST(Evaluation, EscapesWhatFilesAreCalled) {
  const std::string html = EvaluationHtml(Three());
  EXPECT_THAT(html, Not(HasSubstr("<img src=x>")));
  EXPECT_THAT(html, HasSubstr("&lt;img src=x&gt;"));
  EXPECT_THAT(html, HasSubstr("MISSING_PREDICTION"));
  EXPECT_THAT(html, HasSubstr("<svg"));
  EXPECT_THAT(EvaluationCsv(Three()), HasSubstr("MISSING_PREDICTION,\"'=1+1 \"\"no\"\" file\""));
}

TEST(Evaluation, IsWholeInItsJson) {
  const auto json = nlohmann::json::parse(EvaluationJson(Three()));
  EXPECT_EQ(json.at("schema"), "dins-evaluation/1");
  EXPECT_EQ(json.at("cases").size(), 3U);
  EXPECT_EQ(json.at("cases")[0].at("values").at("dsc"), 1.0);
  EXPECT_TRUE(json.at("cases")[1].at("values").at("assd_mm").is_null());
  EXPECT_EQ(json.at("cases")[2].at("error").at("code"), "MISSING_PREDICTION");
  EXPECT_EQ(json.at("summary").at("dsc").at("mean"), 0.5);
  EXPECT_EQ(json.at("bootstrap").at("resamples"), 10000);
}

TEST(Evaluation, RowsSurviveTheirJson) {
  const CaseRow row = Three().rows[1];
  const auto read = RowFromJson(nlohmann::json::parse(RowJson(row, {}).dump()), {});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->name, row.name);
  EXPECT_EQ(read->values, row.values);
  EXPECT_FALSE(RowFromJson(nlohmann::json::parse("{\"case\": \"a\"}"), {}));
  EvaluateOptions other;
  other.iou_thresholds = {0.3};
  EXPECT_FALSE(RowFromJson(RowJson(row, {}), other));
}

TEST(Evaluation, WithoutACaseIsStillAPage) {
  const Evaluation none;
  EXPECT_THAT(EvaluationHtml(none), HasSubstr("0 cases"));
  EXPECT_EQ(BlandAltmanSvg(none), "");
  EXPECT_FALSE(CompareVolumes(none));
}

TEST(Chart, TicksAreRoundNumbers) {
  EXPECT_THAT(RoundTicks(0, 1), testing::Pointwise(testing::DoubleNear(1e-12), {0.0, 0.2, 0.4, 0.6, 0.8, 1.0}));
  EXPECT_THAT(RoundTicks(-30, 70), testing::Pointwise(testing::DoubleNear(1e-9), {-20.0, 0.0, 20.0, 40.0, 60.0}));
}

}  // namespace
}  // namespace dinsd
