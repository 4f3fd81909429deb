#include "pipeline/interval/rerun.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "pipeline/interval/how_sure.h"
#include "pipeline/report/report.h"
#include "tests/pipeline/segment/station_kit.h"
#include "tests/pipeline/segment/test_study.h"

// Whole studies with re-runs, by networks whose answer is known.

namespace dinsd {
namespace {

using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::SizeIs;

const IntervalCalibration kCalibration{
    .runs = 4, .volume = {.factor = 1, .floor = 0.1}, .change = {.factor = 0.5, .floor = 0.05}, .fitted_on = "tests"};

TestStudy& WithTwoLesions(TestStudy& study) {
  return study.Bar({10, 2, 10}, {22, 6, 22})
      .Bar({30, 3, 40}, {38, 6, 48})
      .Lesion({Plus({12, 3, 12}), Plus({18, 4, 18})})
      .Lesion({Plus({33, 4, 43})});
}

LoadedModel Calibrated(LoadedModel model) {
  model.manifest.interval = kCalibration;
  return model;
}

// Tumour is what is bright and near enough to a click: its volume hangs on where the clicks lie.
LoadedModel NearsightedModel() {
  LoadedModel model =
      FakeModel([](float image, float positive, float) { return image > 0.5F && positive > 0.4F ? 0.9F : 0.1F; });
  model.manifest.sigma = {1, 3, 3};
  return Calibrated(std::move(model));
}

TEST(Rerun, ChangesNoVolumeAndNoMask) {
  TestStudy study;
  LoadedModel model = NearsightedModel();
  const StudyResult without = SegmentStudy(WithTwoLesions(study).Request(), model, {});
  const StudyResult with = SegmentStudy(study.Request({.interval = {.runs = 4}}), model, {});
  EXPECT_EQ(with.mask.labels, without.mask.labels);
  EXPECT_EQ(with.unprompted.labels, without.unprompted.labels);
  EXPECT_EQ(with.total_ml, without.total_ml);
  EXPECT_EQ(with.volume.voxels, without.volume.voxels);
  EXPECT_EQ(with.warnings, without.warnings);
  for (std::size_t k = 0; k < 2; ++k) {
    EXPECT_EQ(with.lesions[k].voxels, without.lesions[k].voxels);
    EXPECT_EQ(with.lesions[k].flags, without.lesions[k].flags);
    EXPECT_EQ(with.lesions[k].warnings, without.lesions[k].warnings);
  }
}

TEST(Rerun, TellsHowFarAVolumeHangsOnItsClicks) {
  TestStudy study;
  LoadedModel model = NearsightedModel();
  const StudyResult result = SegmentStudy(WithTwoLesions(study).Request({.interval = {.runs = 6}}), model, {});
  for (const LesionResult& lesion : result.lesions) {
    ASSERT_TRUE(lesion.spread && lesion.interval) << lesion.no_interval;
    EXPECT_THAT(lesion.spread->volumes_ml, SizeIs(6));
    EXPECT_GT(lesion.spread->run_log_sd, 0.01);
    EXPECT_LT(lesion.interval->low_ml, lesion.volume_ml);
    EXPECT_GT(lesion.interval->high_ml, lesion.volume_ml);
    EXPECT_GT(lesion.interval->change_log_sd, 0.05);
    EXPECT_EQ(lesion.interval->runs, 6);
    EXPECT_EQ(lesion.no_interval, "");
  }
}

TEST(Rerun, SeesNoSpreadWhereTheNetworkDoesNotCare) {
  TestStudy study;
  LoadedModel model = Calibrated(FakeModel());
  const RunVariation still{.shift = 0};
  model.manifest.interval->variation = still;
  const StudyResult result =
      SegmentStudy(WithTwoLesions(study).Request({.interval = {.runs = 4, .variation = still}}), model, {});
  for (const LesionResult& lesion : result.lesions) {
    ASSERT_TRUE(lesion.spread && lesion.interval);
    EXPECT_THAT(lesion.spread->volumes_ml, Each(testing::DoubleEq(lesion.volume_ml)));
    EXPECT_EQ(lesion.spread->run_log_sd, 0);
    EXPECT_GT(lesion.spread->sampling_log_sd, 0);
    EXPECT_GT(lesion.interval->high_ml, lesion.interval->low_ml) << "the floor of the calibration";
  }
}

TEST(Rerun, IsTheSameForOneSeedAndAnotherForAnother) {
  TestStudy study;
  LoadedModel model = NearsightedModel();
  const auto lesions = [&](std::int64_t seed) {
    const StudyResult result = SegmentStudy(study.Request({.interval = {.runs = 4, .seed = seed}}), model, {});
    return ReportJson(result, {}).at("lesions").dump();
  };
  WithTwoLesions(study);
  const std::string first = lesions(1);
  EXPECT_EQ(lesions(1), first);
  EXPECT_NE(lesions(2), first);
}

TEST(Rerun, GoesInWindowsWhereTheyAreCheaperOrTheStudyDid) {
  TestStudy study;
  study.Bar({10, 2, 10}, {16, 6, 16}).Lesion({Plus({12, 3, 12})});
  const auto sizes_in = [&](SegmentMode mode, const std::function<void(ModelManifest&)>& edit) {
    LoadedModel model = FakeModel();
    edit(model.manifest);
    (void)SegmentStudy(study.Request({.mode = mode, .interval = {.runs = 3}}), model, {});
    return dynamic_cast<FakeSegmenter&>(*model.segmenter).sizes;
  };
  const auto whole = sizes_in(SegmentMode::kWhole, [](ModelManifest&) {});
  ASSERT_EQ(whole.size(), 4U);
  EXPECT_EQ(whole[0], (Size3{10, 64, 48}));
  EXPECT_EQ(whole[1], (Size3{10, 32, 32})) << "one window";
  const auto boxes = sizes_in(SegmentMode::kBoxes, [](ModelManifest&) {});
  EXPECT_THAT(boxes, Each(Size3{10, 32, 32}));
  const auto large = sizes_in(SegmentMode::kWhole, [](ModelManifest& m) { m.training_crop = {10, 512, 512}; });
  EXPECT_THAT(large, Each(Size3{10, 64, 48})) << "a window would be the whole";
}

// What the network sees is mirrored, in another way each time, and brought back.
TEST(Rerun, MirrorsTheImageInEachRun) {
  TestStudy study;
  study.Bar({10, 2, 10}, {16, 6, 16}).Lesion({Plus({12, 3, 12})});
  LoadedModel model = FakeModel();
  const IntervalOptions interval{.runs = 3, .variation = {.jitter_mm = 0, .exchange = 0, .shift = 0}};
  const StudyResult result =
      SegmentStudy(study.Request({.mode = SegmentMode::kBoxes, .interval = interval}), model, {});
  const auto& inputs = dynamic_cast<FakeSegmenter&>(*model.segmenter).inputs;
  ASSERT_EQ(inputs.size(), 4U);
  const auto mirrored = [&](unsigned axes) {
    std::vector<float> image;
    const Size3 size = inputs[0].size;
    for (std::size_t at = 0; at < inputs[0].image.size(); ++at) {
      Index3 v = IndexAt(size, at);
      if ((axes & 1U) != 0) v.x = size.x - 1 - v.x;
      if ((axes & 2U) != 0) v.y = size.y - 1 - v.y;
      image.push_back(inputs[0].image[Offset(size, v)]);
    }
    return image;
  };
  EXPECT_EQ(inputs[1].image, mirrored(1));
  EXPECT_EQ(inputs[2].image, mirrored(2));
  EXPECT_EQ(inputs[3].image, mirrored(3));
  EXPECT_THAT(result.lesions[0].spread->volumes_ml, Each(testing::DoubleEq(result.lesions[0].volume_ml)));
}

TEST(Rerun, CountsALesionAcrossStationsOnce) {
  StationsOfBars study;
  study.Bar({4, 4, 3}, {8, 12, 6}, {{5, 8, 4}})
      .Bar({12, 28, 2}, {16, 50, 6}, {{13, 44, 4}})
      .Bar({22, 60, 3}, {26, 120, 6}, {{23, 67, 4}, {24, 90, 4}, {23, 109, 4}});
  StudyRequest request = study.Request();
  request.options.interval = {.runs = 3, .variation = {.jitter_mm = 2, .drop = 0, .exchange = 0, .shift = 0}};
  LoadedModel model = FakeModel();
  const StudyResult result = SegmentStudy(request, model, {});
  EXPECT_EQ(result.mask.labels, study.phantom.truth.labels);
  for (const LesionResult& lesion : result.lesions) {
    ASSERT_TRUE(lesion.spread);
    EXPECT_THAT(lesion.spread->volumes_ml, Each(testing::DoubleNear(lesion.volume_ml, 1e-9))) << lesion.id;
  }
}

TEST(Rerun, TellsItsProgressAndIsStopped) {
  TestStudy study;
  LoadedModel model = NearsightedModel();
  const StudyRequest request = WithTwoLesions(study).Request({.mode = SegmentMode::kBoxes, .interval = {.runs = 3}});
  std::vector<std::string> stages;
  std::vector<double> shares;
  (void)SegmentStudy(request, model, [&](const std::string& stage, double share) {
    stages.push_back(stage);
    shares.push_back(share);
    return true;
  });
  EXPECT_TRUE(std::is_sorted(shares.begin(), shares.end()));
  EXPECT_LE(shares.back(), 1);
  EXPECT_THAT(stages, Contains("re-run 2 of 3: window of lesion 2 of 2"));
  for (std::size_t stop = 1; stop <= stages.size(); ++stop) {
    std::size_t calls = 0;
    EXPECT_THROW((void)SegmentStudy(request, model, [&](const std::string&, double) { return ++calls < stop; }),
                 StudyStopped);
  }
}

// An interval that does not hold for a study is not given: each reason by itself.
TEST(HowSure, GivesNoIntervalWhereTheCalibrationDoesNotHold) {
  TestStudy study;
  WithTwoLesions(study);
  const auto why = [&](const SegmentOptions& options, const std::function<void(LoadedModel&)>& edit = {}) {
    LoadedModel model = NearsightedModel();
    if (edit) edit(model);
    const StudyResult result = SegmentStudy(study.Request(options), model, {});
    EXPECT_EQ(result.lesions[0].interval.has_value(), result.lesions[0].no_interval.empty());
    EXPECT_EQ(result.lesions[0].spread.has_value(), options.interval.runs > 0);
    return result.lesions[0].no_interval;
  };
  EXPECT_EQ(why({.interval = {.runs = 4}}), "");
  EXPECT_THAT(why({}), HasSubstr("[interval] runs is 0"));
  EXPECT_THAT(why({.interval = {.runs = 4}}, [](LoadedModel& m) { m.manifest.interval.reset(); }),
              HasSubstr("uncalibrated: nobody has measured"));
  EXPECT_THAT(why({.interval = {.runs = 3}}), HasSubstr("uncalibrated: 3 re-runs, the weights were calibrated with 4"));
  EXPECT_THAT(why({.interval = {.runs = 4, .variation = {.jitter_mm = 9}}}), HasSubstr("varied in another way"));
  EXPECT_THAT(why({.threshold = 0.4, .interval = {.runs = 4}}), HasSubstr("threshold of 0.5"));
  EXPECT_THAT(why({.average_flips = true, .interval = {.runs = 4}}), HasSubstr("without averaging"));
  EXPECT_THAT(why({.sigma = GuideSpread{{1, 3, 3}, SigmaUnit::kNetworkVoxel}, .interval = {.runs = 4}}),
              HasSubstr("own sigma"));
  study.sequence = "t1";
  EXPECT_THAT(why({.interval = {.runs = 4}}), HasSubstr("out of domain"));
}

TEST(HowSure, ALesionWithoutVoxelOrPositiveClickHasNone) {
  TestStudy study;
  study.Bar({10, 2, 10}, {22, 6, 22}).Lesion({Plus({12, 3, 12})}).Lesion({Plus({40, 4, 50})});
  LoadedModel model = NearsightedModel();
  const StudyResult result = SegmentStudy(study.Request({.interval = {.runs = 4}}), model, {});
  EXPECT_TRUE(result.lesions[0].interval);
  EXPECT_FALSE(result.lesions[1].interval || result.lesions[1].spread);
  EXPECT_EQ(result.lesions[1].no_interval, "nothing was segmented");
}

TEST(HowSure, NothingIsRunAgainWhereNothingIsMarked) {
  TestStudy study;
  study.Bar({10, 2, 10}, {16, 6, 16});
  LoadedModel model = NearsightedModel();
  const StudyResult result = SegmentStudy(study.Request({.interval = {.runs = 4}}), model, {});
  EXPECT_EQ(result.mode, "none");
  EXPECT_TRUE(dynamic_cast<FakeSegmenter&>(*model.segmenter).sizes.empty());
}

}  // namespace
}  // namespace dinsd
