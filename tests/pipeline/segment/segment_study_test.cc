#include "pipeline/segment_study.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/click_hold.h"
#include "model/weights_error.h"
#include "tests/pipeline/segment/test_study.h"

namespace dinsd {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::uint16_t At(const LabelMap& map, const Ijk& v) {
  return map.labels[Offset(map.grid.SizeZyx(), {v[2], v[1], v[0]})];
}

TEST(SegmentStudy, FindsClickedLesionsAndKeepsTheRestApart) {
  TestStudy study;
  study.Bar({10, 2, 10}, {16, 6, 16}).Bar({30, 3, 40}, {34, 5, 44}).Bar({40, 1, 5}, {44, 3, 9});
  study.Lesion({Plus({12, 3, 12}), Minus({20, 3, 12})}).Lesion({Plus({31, 4, 41})});
  LoadedModel model = FakeModel();
  const StudyResult result = SegmentStudy(study.Request(), model, {});
  ASSERT_EQ(result.lesions.size(), 2U);
  EXPECT_EQ(result.lesions[0].voxels, 6 * 4 * 6);
  EXPECT_EQ(result.lesions[1].voxels, 4 * 2 * 4);
  EXPECT_DOUBLE_EQ(result.lesions[0].volume_ml, 144 * 1.5 * 1.5 * 10 / 1000);
  EXPECT_EQ(result.lesions[0].slices_spanned, 4) << "along j, the slice axis";
  EXPECT_EQ(result.lesions[1].slices_spanned, 2);
  EXPECT_THAT(result.lesions[1].flags, ElementsAre("below_measurable"));
  EXPECT_EQ(result.unprompted_voxels, 4 * 2 * 4);
  EXPECT_EQ(result.unprompted_components, 1);
  EXPECT_EQ(At(result.mask, {12, 3, 12}), 1);
  EXPECT_EQ(At(result.mask, {31, 4, 41}), 2);
  EXPECT_EQ(At(result.mask, {41, 2, 6}), 0);
  EXPECT_EQ(At(result.unprompted, {41, 2, 6}), 1);
  EXPECT_DOUBLE_EQ(result.total_ml, result.lesions[0].volume_ml + result.lesions[1].volume_ml);
  EXPECT_EQ(result.mode, "whole");
  EXPECT_TRUE(result.empty_reason.empty());
  EXPECT_FALSE(result.is_out_of_domain);
  EXPECT_EQ(result.mask.grid, result.volume.grid);
}

TEST(SegmentStudy, TellsWhereItsResultComesFrom) {
  TestStudy study;
  study.Bar({10, 2, 10}, {16, 6, 16}).Lesion({Plus({12, 3, 12})});
  LoadedModel model = FakeModel();
  const StudyResult result = SegmentStudy(study.Request({.threshold = 0.6}), model, {});
  EXPECT_EQ(result.weights_name, "fake.safetensors");
  EXPECT_EQ(result.weights_sha256, std::string(64, 'a'));
  EXPECT_EQ(result.device, "cpu");
  EXPECT_DOUBLE_EQ(result.options.threshold, 0.6);
  EXPECT_EQ(result.prompts.file, "image.nii.gz.prompts.json");
  EXPECT_EQ(result.study.identity.patient, "P-1");
  EXPECT_EQ(result.resolved.lesions.size(), 1U);
  EXPECT_EQ(result.timings.size(), 5U);
  EXPECT_GT(result.peak_memory_gib, 0);
}

TEST(SegmentStudy, GivesTheSameMaskInBoxesWhereLesionsFitTheirWindows) {
  TestStudy study;
  study.Bar({10, 2, 10}, {16, 6, 16})
      .Bar({30, 3, 40}, {34, 5, 44})
      .Lesion({Plus({12, 3, 12})})
      .Lesion({Plus({31, 4, 41})});
  LoadedModel model = FakeModel();
  const StudyResult whole = SegmentStudy(study.Request({.mode = SegmentMode::kWhole}), model, {});
  const StudyResult boxes = SegmentStudy(study.Request({.mode = SegmentMode::kBoxes}), model, {});
  EXPECT_EQ(boxes.mode, "boxes");
  EXPECT_EQ(whole.mask.labels, boxes.mask.labels);
}

TEST(SegmentStudy, TakesBoxesForMoreClicksThanTrainingUsed) {
  TestStudy study;
  study.Bar({10, 2, 10}, {16, 6, 16});
  study.Lesion({Plus({11, 3, 12}), Plus({12, 3, 12}), Plus({13, 3, 12}), Plus({14, 3, 12})});
  LoadedModel model = FakeModel();
  const StudyResult result = SegmentStudy(study.Request(), model, {});
  EXPECT_EQ(result.mode, "boxes");
  EXPECT_THAT(result.mode_reason, HasSubstr("4 clicks of one sign"));
  EXPECT_THAT(result.lesions[0].flags, ElementsAre("CLICK_BUDGET"));
  const StudyResult whole = SegmentStudy(study.Request({.mode = SegmentMode::kWhole}), model, {});
  EXPECT_THAT(whole.warnings, ElementsAre(HasSubstr("CLICK_BUDGET")));
}

TEST(SegmentStudy, WarnsOfClicksThatMissTheMask) {
  TestStudy study;
  study.Bar({10, 2, 10}, {16, 6, 16}).Lesion({Plus({20, 3, 12})}).Background({Minus({12, 3, 12})});
  LoadedModel model = FakeModel();
  const StudyResult result = SegmentStudy(study.Request(), model, {});
  EXPECT_THAT(result.lesions[0].flags, ElementsAre("CLICK_NOT_BRIGHT", "click_outside", "empty"));
  EXPECT_THAT(result.lesions[0].warnings, ElementsAre(HasSubstr("(20, 3, 12) lies outside the mask")));
  EXPECT_THAT(result.warnings, ElementsAre(HasSubstr("background click at voxel (12, 3, 12)")));
  EXPECT_THAT(result.empty_reason, HasSubstr("1 parts, but no positive click"));
  EXPECT_DOUBLE_EQ(result.total_ml, 0);
}

TEST(SegmentStudy, FlagsALesionWhoseClickTheNetworkDidNotFollow) {
  TestStudy study;
  study.Bar({10, 2, 10}, {16, 6, 16}).Bar({30, 3, 40}, {34, 5, 44});
  study.Lesion({Plus({12, 3, 12})}).Lesion({Plus({31, 4, 41}), Plus({40, 4, 41})});
  for (const SegmentMode mode : {SegmentMode::kWhole, SegmentMode::kBoxes}) {
    LoadedModel model = FakeModel();
    model.segmenter = HoldingClicks(std::move(model.segmenter), {.reach_mm = 5, .contrast = 1, .confidence = 0.9});
    const StudyResult result = SegmentStudy(study.Request({.mode = mode}), model, {});
    EXPECT_THAT(result.lesions[0].flags, Not(Contains("click_held")));
    EXPECT_THAT(result.lesions[1].flags, Contains("click_held"));
    EXPECT_THAT(result.lesions[1].warnings, Contains(HasSubstr("1 of 2 clicks otherwise")));
    EXPECT_THAT(result.lesions[1].flags, Not(Contains("click_outside"))) << "the click is in the mask now";
  }
}

TEST(SegmentStudy, FlagsALesionOnTheOtherSideThanItsLaterality) {
  TestStudy study;
  study.pixel_mm = 6;  // 282 mm wide, the middle at column 23.5
  study.Bar({10, 2, 10}, {16, 6, 16}).Bar({30, 3, 40}, {34, 5, 44});
  study.Lesion({Plus({12, 3, 12})}, "R").Lesion({Plus({31, 4, 41})}, "R");
  LoadedModel model = FakeModel();
  const StudyResult result = SegmentStudy(study.Request(), model, {});
  EXPECT_THAT(result.lesions[0].flags, Not(Contains("side_conflict")));
  EXPECT_THAT(result.lesions[1].flags, Contains("side_conflict"));
  EXPECT_THAT(result.warnings, Contains(HasSubstr("1 of 2 lesions lie on the other side")));
}

TEST(SegmentStudy, SaysWhyNothingWasFound) {
  TestStudy study;
  study.Bar({10, 2, 10}, {16, 6, 16}).Lesion({Plus({20, 3, 12})});
  LoadedModel model = FakeModel([](float, float, float) { return 0.25F; });
  const StudyResult result = SegmentStudy(study.Request(), model, {});
  EXPECT_THAT(result.empty_reason, HasSubstr("largest probability is 0.250, the threshold 0.500"));
}

TEST(SegmentStudy, RunsNothingWhereNoLesionIsMarked) {
  TestStudy study;
  study.Bar({10, 2, 10}, {16, 6, 16});
  LoadedModel model = FakeModel();
  const StudyResult result = SegmentStudy(study.Request(), model, {});
  EXPECT_EQ(result.mode, "none");
  EXPECT_THAT(result.empty_reason, HasSubstr("no lesion is marked"));
  EXPECT_EQ(result.unprompted_voxels, 0) << "a guess that nobody asked for";
  EXPECT_TRUE(dynamic_cast<FakeSegmenter&>(*model.segmenter).sizes.empty());
}

TEST(SegmentStudy, FlagsOrRefusesAStudyOutsideItsDomain) {
  TestStudy study;
  study.sequence = "stir";
  study.Bar({10, 2, 10}, {16, 6, 16}).Lesion({Plus({12, 3, 12})});
  LoadedModel model = FakeModel();
  const StudyResult result = SegmentStudy(study.Request(), model, {});
  EXPECT_TRUE(result.is_out_of_domain);
  EXPECT_THAT(result.warnings, ElementsAre(HasSubstr("out of domain")));
  try {
    (void)SegmentStudy(study.Request({.refuse_out_of_domain = true}), model, {});
    FAIL() << "was not refused";
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), "OUT_OF_DOMAIN");
    EXPECT_EQ(error.verdict(), InputVerdict::kRejected);
  }
}

TEST(SegmentStudy, AsksForClicksWhereThereAreNone) {
  TestStudy study;
  StudyRequest request = study.Request();
  std::filesystem::remove(study.folder() / "image.nii.gz.prompts.json");
  request.study = InspectStudy(study.folder(), "study", ListStudyFiles(study.folder()), request.read);
  LoadedModel model = FakeModel();
  try {
    (void)SegmentStudy(request, model, {});
    FAIL() << "was segmented";
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), "PROMPTS_MISSING");
    EXPECT_EQ(error.verdict(), InputVerdict::kNeedsPrompts);
  }
}

TEST(SegmentStudy, NoticesAnImageThatChangedAfterInspection) {
  TestStudy study;
  study.Bar({10, 2, 10}, {16, 6, 16}).Lesion({Plus({12, 3, 12})});
  const StudyRequest request = study.Request();
  WriteNifti(study.folder() / "image.nii.gz",
             Volume{study.grid(), std::vector<float>(study.grid().SizeZyx().VoxelCount(), 7)});
  LoadedModel model = FakeModel();
  try {
    (void)SegmentStudy(request, model, {});
    FAIL() << "was segmented";
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), "INPUT_CHANGED");
  }
}

TEST(SegmentStudy, TellsItsProgressAndStopsWhenTold) {
  TestStudy study;
  study.Bar({10, 2, 10}, {16, 6, 16}).Lesion({Plus({12, 3, 12})}).Lesion({Plus({40, 3, 50})});
  LoadedModel model = FakeModel();
  const StudyRequest request = study.Request({.mode = SegmentMode::kBoxes, .average_flips = true});
  std::vector<std::string> stages;
  std::vector<double> shares;
  (void)SegmentStudy(request, model, [&](const std::string& stage, double share) {
    stages.push_back(stage);
    shares.push_back(share);
    return true;
  });
  EXPECT_TRUE(std::is_sorted(shares.begin(), shares.end()));
  EXPECT_GE(shares.front(), 0);
  EXPECT_LE(shares.back(), 1);
  EXPECT_EQ(std::count(stages.begin(), stages.end(), "window of lesion 2 of 2"), 8) << "one for each flip";
  for (std::size_t stop = 1; stop <= stages.size(); ++stop) {
    std::size_t calls = 0;
    EXPECT_THROW((void)SegmentStudy(request, model, [&](const std::string&, double) { return ++calls < stop; }),
                 StudyStopped);
    EXPECT_EQ(calls, stop);
  }
}

TEST(SegmentStudy, IsPreliminaryWithAProposedClick) {
  TestStudy study;
  study.Bar({10, 2, 10}, {16, 6, 16}).Lesion({Plus({12, 3, 12})});
  StudyRequest request = study.Request();
  PairedPrompts prompts = *FindPrompts(request.root, request.study, request.read.limits);
  prompts.prompts.lesions[0].clicks[0].status = ClickStatus::kProposed;
  request.prompts = prompts;
  LoadedModel model = FakeModel();
  EXPECT_TRUE(SegmentStudy(request, model, {}).is_preliminary);
}

void ExpectRefusal(TestStudy& study, const std::string& code) {
  LoadedModel model = FakeModel();
  try {
    (void)SegmentStudy(study.Request(), model, {});
    FAIL() << "was segmented";
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), code);
    EXPECT_EQ(error.file(), "image.nii.gz");
    EXPECT_EQ(error.verdict(), InputVerdict::kRejected);
  }
}

TEST(SegmentStudy, SeesNoTumourInAnImageOfOneValue) {
  TestStudy study;
  study.Lesion({Plus({12, 3, 12})});
  ExpectRefusal(study, "NO_CONTRAST");
}

TEST(SegmentStudy, WarnsOfAnIntensityThatWeakensAllOthers) {
  TestStudy study;
  study.Bar({10, 2, 10}, {16, 6, 16}).Bar({40, 1, 5}, {41, 2, 6}, 2e4F).Lesion({Plus({12, 3, 12})});
  LoadedModel model = FakeModel();
  const StudyResult result = SegmentStudy(study.Request(), model, {});
  EXPECT_THAT(result.warnings, Contains(HasSubstr("INTENSITY_OUTLIER: voxel (40, 1, 5) is 20000")));
  EXPECT_GT(result.lesions[0].voxels, 0);
}

TEST(SegmentStudy, RefusesAnIntensityThatDrownsAllOthers) {
  TestStudy study;
  study.Bar({10, 2, 10}, {16, 6, 16}).Bar({40, 1, 5}, {41, 2, 6}, 3e38F).Lesion({Plus({12, 3, 12})});
  ExpectRefusal(study, "INTENSITY_OUTLIER");
}

TEST(SegmentStudy, RefusesPixelsThatTheNetworkWasNeverMeantFor) {
  TestStudy study;
  study.pixel_mm = 250;
  study.Bar({10, 2, 10}, {16, 6, 16}).Lesion({Plus({12, 3, 12})});
  ExpectRefusal(study, "SPACING_OUT_OF_RANGE");
}

TEST(SegmentStudy, RefusesSlicesThatNoScannerMakes) {
  for (const double spacing : {1e7, 51.0, 0.09}) {
    TestStudy study;
    study.slice_mm = spacing;
    study.Bar({10, 2, 10}, {16, 6, 16}).Lesion({Plus({12, 3, 12})});
    ExpectRefusal(study, "SPACING_OUT_OF_RANGE");
  }
}

TEST(SegmentStudy, WarnsWhereTheSlicesAreThinnerThanTheirPixels) {
  const auto warnings_of = [](double slice_mm) {
    TestStudy study;
    study.slice_mm = slice_mm;
    study.Bar({10, 2, 10}, {16, 6, 16}).Lesion({Plus({12, 3, 12})});
    LoadedModel model = FakeModel();
    return SegmentStudy(study.Request(), model, {}).warnings;
  };
  EXPECT_THAT(warnings_of(1.2), Contains(HasSubstr("slice_axis_doubtful: slices were taken along axis j")));
  EXPECT_THAT(warnings_of(2), Not(Contains(HasSubstr("slice_axis_doubtful"))));
}

TEST(SegmentStudy, ChecksItsOptions) {
  TestStudy study;
  study.Lesion({Plus({12, 3, 12})});
  LoadedModel model = FakeModel();
  EXPECT_THROW((void)SegmentStudy(study.Request({.threshold = 1}), model, {}), std::invalid_argument);
}

TEST(SegmentStudy, RefusesWeightsOfAnotherGuideThanTheOneAskedFor) {
  TestStudy study;
  study.Bar({10, 2, 10}, {16, 6, 16}).Lesion({Plus({12, 3, 12})});
  LoadedModel model = FakeModel();
  EXPECT_NO_THROW((void)SegmentStudy(study.Request({.guide = "expdt"}), model, {}));
  EXPECT_THAT(
      [&] { (void)SegmentStudy(study.Request({.guide = "geodesic"}), model, {}); },
      testing::ThrowsMessage<WeightsError>(testing::AllOf(HasSubstr("WEIGHTS_GUIDE"), HasSubstr("fake.safetensors"),
                                                          HasSubstr("'expdt'"), HasSubstr("'geodesic'"))));
  model.manifest.guide = "euclidean";
  EXPECT_THAT([&] { (void)SegmentStudy(study.Request({.sigma = GuideSpread{}}), model, {}); },
              testing::ThrowsMessage<WeightsError>(HasSubstr("'euclidean'")));
}

TEST(SegmentStudy, ShowsTheNetworkTheGuideOfItsWeights) {
  TestStudy study;
  study.Bar({10, 2, 10}, {16, 6, 16}).Lesion({Plus({12, 3, 12})});
  // What lies within 3 network voxels of a click is tumour.
  LoadedModel model = FakeModel([](float, float positive, float) { return positive <= 3 ? 1.0F : 0.0F; });
  model.manifest.guide = "euclidean";
  const StudyResult result = SegmentStudy(study.Request({.mode = SegmentMode::kWhole}), model, {});
  ASSERT_EQ(result.lesions.size(), 1U);
  EXPECT_EQ(At(result.mask, {15, 3, 12}), 1);
  EXPECT_EQ(At(result.mask, {16, 3, 12}), 0);
  EXPECT_EQ(At(result.mask, {12, 6, 12}), 1);
  EXPECT_EQ(At(result.mask, {12, 7, 12}), 0);
}

TEST(SegmentStudy, TakesASigmaOfTheCaseInPlaceOfThatOfTheWeights) {
  TestStudy study;
  study.Bar({10, 2, 10}, {16, 6, 16}).Lesion({Plus({24, 4, 30})});
  LoadedModel model = FakeModel([](float, float positive, float) { return positive; });
  const auto voxels = [&](const SegmentOptions& options) {
    return SegmentStudy(study.Request(options), model, {}).lesions.at(0).voxels;
  };
  const std::int64_t own = voxels({.mode = SegmentMode::kWhole});
  EXPECT_EQ(own, voxels({.mode = SegmentMode::kWhole, .sigma = GuideSpread{{1, 4, 4}, SigmaUnit::kNetworkVoxel}}));
  EXPECT_GT(voxels({.mode = SegmentMode::kWhole, .sigma = GuideSpread{{20, 12, 12}, SigmaUnit::kMm}}), 2 * own);
}

}  // namespace
}  // namespace dinsd
