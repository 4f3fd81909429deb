#include "pipeline/interval/rerun.h"

#include <gmock/gmock.h>

#include <cmath>
#include <new>
#include <nlohmann/json.hpp>
#include <stdexcept>

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
    EXPECT_GT(lesion.interval->change_log_sd.value(), 0.05);
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
    (void)SegmentStudy(study.Request({.mode = mode, .interval = {.runs = 3, .even_uncalibrated = true}}), model, {});
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
  const IntervalOptions interval{
      .runs = 3, .variation = {.jitter_mm = 0, .exchange = 0, .shift = 0}, .even_uncalibrated = true};
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
  request.options.interval = {
      .runs = 3, .variation = {.jitter_mm = 2, .drop = 0, .exchange = 0, .shift = 0}, .even_uncalibrated = true};
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
  const IntervalOptions interval{.runs = 3, .even_uncalibrated = true};
  const StudyRequest request = WithTwoLesions(study).Request({.mode = SegmentMode::kBoxes, .interval = interval});
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

// What the network sees of slices that are alike is the same wherever within them it lies: only along the slices would
// a move show. Of edges within the slices it is another image, and its mask stays where it was.
TEST(Rerun, MovesTheImageWithinItsSlicesOnly) {
  const auto inputs_of = [](TestStudy& study, double shift, StudyResult& result) {
    LoadedModel model = FakeModel();
    const IntervalOptions interval{.runs = 3,
                                   .variation = {.jitter_mm = 0, .exchange = 0, .shift = shift, .flips = false},
                                   .even_uncalibrated = true};
    result = SegmentStudy(study.Request({.mode = SegmentMode::kBoxes, .interval = interval}), model, {});
    return dynamic_cast<FakeSegmenter&>(*model.segmenter).inputs;
  };
  const auto farthest = [](const NetworkInput& a, const NetworkInput& b) {
    float most = 0;
    for (std::size_t at = 0; at < a.image.size(); ++at) most = std::max(most, std::abs(a.image[at] - b.image.at(at)));
    return most;
  };
  TestStudy slices, bar;
  slices.Bar({0, 3, 0}, {48, 6, 64}).Lesion({Plus({24, 4, 32})});
  bar.Bar({10, 2, 10}, {22, 6, 22}).Lesion({Plus({12, 3, 12})});
  for (TestStudy* const study : {&slices, &bar}) {
    StudyResult still, moved;
    const std::vector<NetworkInput> of_still = inputs_of(*study, 0, still), of_moved = inputs_of(*study, 0.5, moved);
    const std::size_t windows = of_still.size() / 4;  // of the study itself, then of each of its re-runs
    ASSERT_GE(windows, 1U);
    ASSERT_EQ(of_still.size(), 4 * windows);
    ASSERT_EQ(of_moved.size(), 4 * windows);
    for (std::size_t pass = 0; pass < 4 * windows; ++pass) {
      EXPECT_EQ(farthest(of_still[pass], of_still[pass % windows]), 0) << "nothing is varied here but the place";
      const float by = farthest(of_moved[pass], of_still[pass]);
      if (pass < windows) {
        EXPECT_EQ(by, 0) << "the study itself is not moved";
        continue;
      }
      if (study == &slices) {
        EXPECT_LT(by, 1e-4F);
      } else {
        EXPECT_GT(by, 0.01F);
      }
    }
    EXPECT_EQ(moved.mask.labels, still.mask.labels);
    EXPECT_EQ(moved.volume.voxels, still.volume.voxels);
  }
}

// A network that fails from its n-th pass on.
class FailingSegmenter : public Segmenter {
 public:
  FailingSegmenter(int passes, std::function<void()> fail) : left_(passes), fail_(std::move(fail)) {}

  ProbabilityMap Run(const NetworkInput& input) override {
    if (left_-- <= 0) fail_();
    return inner_.Run(input);
  }

 private:
  FakeSegmenter inner_{BrightIsTumour};
  int left_;
  std::function<void()> fail_;
};

// The mask is made already: nothing that happens afterwards takes it away.
TEST(Rerun, ThatFailsLeavesTheResultComplete) {
  TestStudy study;
  const StudyRequest request = WithTwoLesions(study).Request({.mode = SegmentMode::kWhole, .interval = {.runs = 4}});
  LoadedModel sound = Calibrated(FakeModel());
  const StudyResult whole = SegmentStudy(request, sound, {});
  ASSERT_TRUE(whole.lesions[0].interval);
  const auto result_of = [&](std::function<void()> fail) {
    LoadedModel model = Calibrated(FakeModel());
    model.segmenter = std::make_unique<FailingSegmenter>(4, std::move(fail));  // the study, and the first re-runs
    return SegmentStudy(request, model, {});
  };
  const auto runtime = [] { throw std::runtime_error("CUDA error: a bad day\nat 0x7f00"); };
  const auto memory = [] { throw std::bad_alloc(); };
  for (const std::function<void()>& fail : {std::function<void()>(runtime), std::function<void()>(memory)}) {
    const StudyResult result = result_of(fail);
    EXPECT_EQ(result.mask.labels, whole.mask.labels);
    EXPECT_EQ(result.total_ml, whole.total_ml);
    EXPECT_EQ(result.options.interval.runs, 0);
    ASSERT_EQ(result.warnings.size(), whole.warnings.size() + 1);
    EXPECT_THAT(result.warnings.back(), HasSubstr("masks and volumes are complete"));
    for (const LesionResult& lesion : result.lesions) {
      EXPECT_FALSE(lesion.interval || lesion.spread);
      EXPECT_THAT(lesion.no_interval, HasSubstr("could not be run again: "));
    }
  }
  EXPECT_THAT(result_of(runtime).lesions[0].no_interval, testing::EndsWith("CUDA error: a bad day"));
  EXPECT_THAT(result_of(memory).lesions[0].no_interval, testing::EndsWith("out of memory"));
  LoadedModel broken = Calibrated(FakeModel());
  broken.segmenter = std::make_unique<FailingSegmenter>(0, runtime);
  EXPECT_THROW((void)SegmentStudy(request, broken, {}), std::runtime_error) << "without a mask there is no result";
}

// Whoever is told of the progress may end the study by what they throw: that is no failure of a re-run.
TEST(Rerun, LetsThroughWhatItsCallerThrows) {
  TestStudy study;
  LoadedModel model = NearsightedModel();
  const StudyRequest request = WithTwoLesions(study).Request({.interval = {.runs = 4}});
  const auto progress = [](const std::string& stage, double) {
    if (stage.starts_with("re-run 2")) throw std::runtime_error("the parent is gone");
    return true;
  };
  EXPECT_THROW((void)SegmentStudy(request, model, progress), std::runtime_error);
}

TEST(Rerun, IsEndedWhereTheStudyWouldTakeLongerThanItMay) {
  TestStudy study;
  StudyRequest request = WithTwoLesions(study).Request({.interval = {.runs = 4}});
  LoadedModel model = NearsightedModel();
  const StudyResult whole = SegmentStudy(request, model, {});
  request.limit_seconds = 1e-6;
  const StudyResult result = SegmentStudy(request, model, {});
  EXPECT_EQ(result.mask.labels, whole.mask.labels);
  EXPECT_THAT(result.lesions[0].no_interval, HasSubstr("would have taken longer than it may"));
  EXPECT_FALSE(result.lesions[0].spread);
  EXPECT_THAT(result.warnings, Contains(HasSubstr("would have taken longer than it may")));
  request.limit_seconds = 3600;
  EXPECT_TRUE(SegmentStudy(request, model, {}).lesions[0].interval);
}

// `dins segment --interval-runs N` says so: without a spread no weights could be calibrated.
TEST(Rerun, IsMadeForTheSpreadAloneWhereItIsAskedFor) {
  TestStudy study;
  LoadedModel model = FakeModel();
  const StudyResult result =
      SegmentStudy(WithTwoLesions(study).Request({.interval = {.runs = 3, .even_uncalibrated = true}}), model, {});
  ASSERT_TRUE(result.lesions[0].spread);
  EXPECT_THAT(result.lesions[0].spread->volumes_ml, SizeIs(3));
  EXPECT_FALSE(result.lesions[0].interval);
  EXPECT_THAT(result.lesions[0].no_interval, HasSubstr("not calibrated"));
  EXPECT_EQ(result.options.interval.runs, 3);
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
    EXPECT_EQ(result.lesions[0].spread.has_value(), result.lesions[0].no_interval.empty()) << "runs in vain";
    EXPECT_EQ(result.options.interval.runs > 0, result.lesions[0].spread.has_value()) << "as its provenance tells";
    return result.lesions[0].no_interval;
  };
  EXPECT_EQ(why({.interval = {.runs = 4}}), "");
  EXPECT_THAT(why({}), HasSubstr("[interval] runs is 0"));
  EXPECT_THAT(why({.interval = {.runs = 4}}, [](LoadedModel& m) { m.manifest.interval.reset(); }),
              HasSubstr("uncalibrated: these weights are not calibrated"));
  EXPECT_THAT(why({.interval = {.runs = 3}}), HasSubstr("uncalibrated: 3 re-runs, the weights were calibrated with 4"));
  const auto on_slices = [](double mm) { return [mm](LoadedModel& m) { m.manifest.interval->slice_mm = mm; }; };
  EXPECT_THAT(why({.interval = {.runs = 4}}, on_slices(2 * study.slice_mm)),
              HasSubstr("mm apart, the weights were calibrated"));
  EXPECT_EQ(why({.interval = {.runs = 4}}, on_slices(1.05 * study.slice_mm)), "");
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

// Changes were calibrated on lesions of three slices and more.
TEST(HowSure, AThinLesionHasAnIntervalOfItsVolumeAndNoneOfItsChange) {
  TestStudy study;
  study.Bar({10, 2, 10}, {22, 6, 22})
      .Bar({30, 3, 40}, {38, 5, 48})
      .Lesion({Plus({12, 3, 12})})
      .Lesion({Plus({33, 4, 43})});
  LoadedModel model = Calibrated(FakeModel());
  const StudyResult result = SegmentStudy(study.Request({.interval = {.runs = 4}}), model, {});
  ASSERT_EQ(result.lesions[0].slices_spanned, 4);
  ASSERT_EQ(result.lesions[1].slices_spanned, 2);
  EXPECT_TRUE(result.lesions[0].interval.value().change_log_sd);
  EXPECT_FALSE(result.lesions[1].interval.value().change_log_sd);
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
