#include "pipeline/segment/station_study.h"

#include <gmock/gmock.h>

#include <numeric>

#include "pipeline/read/station_image.h"
#include "tests/pipeline/segment/station_kit.h"

// A study in stations from files to figures, with a network that takes what is bright for tumour: its mask is the
// truth, so every voxel that is lost or counted twice at a seam shows.

namespace dinsd {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;

// Stations of 48 rows that share 16: rows 0-47, 32-79, 64-111, 96-143; the seams lie before 40, 72 and 104.
StationsOfBars& WithBars(StationsOfBars& study) {
  return study
      .Bar({4, 4, 3}, {8, 12, 6}, {{5, 8, 4}})                                   // in station 1 alone
      .Bar({12, 28, 2}, {16, 50, 6}, {{13, 44, 4}})                              // across the first seam
      .Bar({4, 69, 3}, {9, 75, 6}, {{6, 71, 4}})                                 // across a seam, within its overlap
      .Bar({22, 60, 3}, {26, 120, 6}, {{23, 67, 4}, {24, 90, 4}, {23, 109, 4}})  // across two seams
      .Bar({10, 98, 3}, {14, 104, 6}, {{12, 100, 4}});                           // up to a seam, in its overlap
}

std::vector<std::int64_t> VoxelsOf(const StudyResult& result) {
  std::vector<std::int64_t> voxels;
  for (const LesionResult& lesion : result.lesions) voxels.push_back(lesion.voxels);
  return voxels;
}

std::vector<std::int64_t> TrueVoxels(const StationsOfBars& study) {
  std::vector<std::int64_t> voxels;
  for (std::size_t k = 0; k < study.phantom.lesions.size(); ++k)
    voxels.push_back(study.TrueVoxels(static_cast<std::uint16_t>(k + 1)));
  return voxels;
}

TEST(StationStudy, EveryVoxelOfEveryLesionIsCountedOnce) {
  StationsOfBars study;
  LoadedModel model = FakeModel();
  const StudyResult result = SegmentStudy(WithBars(study).Request(), model, {});
  EXPECT_EQ(result.image.stations.size(), 4U);
  EXPECT_EQ(VoxelsOf(result), TrueVoxels(study));
  EXPECT_EQ(result.mask.labels, study.phantom.truth.labels);
  EXPECT_EQ(result.mask.grid.size, study.phantom.truth.grid.size);
  EXPECT_EQ(result.unprompted_voxels, 0);
  const auto voxels = TrueVoxels(study);
  EXPECT_DOUBLE_EQ(result.total_ml, static_cast<double>(std::accumulate(voxels.begin(), voxels.end(), 0L)) * 0.0225);
}

TEST(StationStudy, FlagsLesionsWhereStationsOverlap) {
  StationsOfBars study;
  LoadedModel model = FakeModel();
  const StudyResult result = SegmentStudy(WithBars(study).Request(), model, {});
  EXPECT_THAT(result.lesions[0].flags, Not(Contains("overlap_zone")));
  for (const std::size_t k : {1, 2, 3, 4}) EXPECT_THAT(result.lesions[k].flags, Contains("overlap_zone")) << k;
  EXPECT_THAT(result.lesions[0].stations, ElementsAre(0));
  EXPECT_THAT(result.lesions[1].stations, ElementsAre(0, 1));
  EXPECT_THAT(result.lesions[3].stations, ElementsAre(1, 2, 3));
  EXPECT_THAT(result.lesions[4].stations, ElementsAre(2)) << "the row below it is the next station's";
  for (const LesionResult& lesion : result.lesions) EXPECT_THAT(lesion.flags, Not(Contains("touches_border")));
}

TEST(StationStudy, EachStationHasAMaskOfWhatItOwns) {
  StationsOfBars study;
  LoadedModel model = FakeModel();
  const StudyResult result = SegmentStudy(WithBars(study).Request(), model, {});
  const std::vector<SeriesMask> masks = SeriesMasksOf(result);
  ASSERT_EQ(masks.size(), 4U);
  std::vector<std::int64_t> sum(study.phantom.lesions.size());
  for (std::size_t s = 0; s < masks.size(); ++s) {
    EXPECT_EQ(masks[s].mask->grid, masks[s].series->grid);
    EXPECT_EQ(masks[s].series->series_uid, StationSeriesUid(study.phantom.options, {.count = 4}, s));
    EXPECT_EQ(masks[s].name, "mask_station_" + std::to_string(s + 1));
    for (const std::uint16_t label : masks[s].mask->labels) {
      if (label > 0) ++sum[label - 1U];
    }
  }
  EXPECT_EQ(sum, TrueVoxels(study));
}

TEST(StationStudy, GivesWhatTheComposedSeriesGives) {
  StationsOfBars stations, composed({.count = 4, .overlap_mm = 24, .has_composed = true});
  LoadedModel model = FakeModel();
  const StudyResult in_stations = SegmentStudy(WithBars(stations).Request(), model, {});
  const StudyResult whole = SegmentStudy(WithBars(composed).Request(), model, {});
  EXPECT_TRUE(whole.image.stations.empty());
  EXPECT_EQ(whole.image.series_uid, IdentityOf(composed.phantom.options).series_uid);
  EXPECT_EQ(VoxelsOf(in_stations), VoxelsOf(whole));
  EXPECT_EQ(SeriesMasksOf(whole).size(), 1U);
  for (const LesionResult& lesion : whole.lesions) EXPECT_THAT(lesion.flags, Not(Contains("overlap_zone")));
}

TEST(StationStudy, StationsInOneSeriesGiveTheSame) {
  StationsOfBars study({.count = 4, .overlap_mm = 24, .in_one_series = true});
  LoadedModel model = FakeModel();
  const StudyResult result = SegmentStudy(WithBars(study).Request(), model, {});
  EXPECT_EQ(result.image.stations.size(), 4U);
  EXPECT_EQ(VoxelsOf(result), TrueVoxels(study));
}

TEST(StationStudy, EachStationIsSeenWithItsOwnIntensities) {
  StationsOfBars study;
  auto fake = std::make_unique<FakeSegmenter>(BrightIsTumour);
  FakeSegmenter& seen = *fake;
  LoadedModel model = FakeModel();
  model.segmenter = std::move(fake);
  (void)SegmentStudy(WithBars(study).Request(), model, {});
  EXPECT_GE(seen.sizes.size(), 4U);
  for (const NetworkInput& input : seen.inputs) {
    EXPECT_LE(input.size.y, 48) << "no pass is longer than a station";
  }
}

TEST(StationStudy, TellsProgressOverAllStations) {
  StationsOfBars study;
  LoadedModel model = FakeModel();
  double last = 0;
  bool tells_station = false;
  (void)SegmentStudy(WithBars(study).Request(), model, [&](const std::string& stage, double share) {
    EXPECT_GE(share, last);
    last = share;
    tells_station = tells_station || stage.find("(station 4)") != std::string::npos;
    return true;
  });
  EXPECT_TRUE(tells_station);
}

}  // namespace
}  // namespace dinsd
