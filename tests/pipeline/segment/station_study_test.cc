#include "pipeline/segment/station_study.h"

#include <gmock/gmock.h>

#include <cmath>
#include <numeric>

#include "pipeline/read/station_image.h"
#include "tests/pipeline/segment/station_kit.h"
#include "tests/random.h"

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

// Clicks in mm that were made on the screen of another station than the one that owns their points.
TEST(StationStudy, GivesTheSameWhicheverStationTheClicksName) {
  StationsOfBars study;
  LoadedModel model = FakeModel();
  StudyRequest request = WithBars(study).Request();
  request.prompts = FindPrompts(request.root, request.study, {});
  ASSERT_TRUE(request.prompts);
  for (std::size_t s = 0; s < 4; ++s) {
    request.prompts->prompts.image.series_uid = StationSeriesUid(study.phantom.options, {.count = 4}, s);
    EXPECT_EQ(SegmentStudy(request, model, {}).mask.labels, study.phantom.truth.labels) << "station " << s + 1;
  }
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

double MeanOf(const std::vector<float>& voxels) {
  return std::accumulate(voxels.begin(), voxels.end(), 0.0) / static_cast<double>(voxels.size());
}

double SdOf(const std::vector<float>& voxels) {
  double squares = 0;
  for (const float v : voxels) squares += (v - MeanOf(voxels)) * (v - MeanOf(voxels));
  return std::sqrt(squares / static_cast<double>(voxels.size()));
}

TEST(StationStudy, AllStationsGoInBoxesWhereTheWholeWould) {
  StationsOfBars study;  // eight clicks, two of them in the first station; three are the most for one pass
  LoadedModel model = FakeModel();
  const StudyResult result = SegmentStudy(WithBars(study).Request(), model, {});
  EXPECT_EQ(result.mode, "boxes");
  EXPECT_THAT(result.mode_reason, testing::StartsWith("station 1 boxes: "));
}

TEST(StationStudy, StationsAreNormalisedAsTheWholeIs) {
  TestRandom random(7);
  const GridGeometry grid = PlainGrid({6, 60, 4}, {2, 2, 8});
  Volume whole{grid, {}};  // brighter towards the feet, so that each station has another mean
  for (std::size_t at = 0; at < grid.SizeZyx().VoxelCount(); ++at) {
    const auto row = static_cast<double>(IndexAt(grid.SizeZyx(), at).y);
    whole.voxels.push_back(static_cast<float>(100 + 4 * row + 50 * random.Unit()));
  }
  StudyVolumes volumes;
  std::vector<GridGeometry> grids;
  for (const std::int64_t begin : {0, 16, 36}) {
    grids.push_back(PlainGrid({6, 24, 4}, {2, 2, 8}));
    grids.back().origin[1] = 2.0 * static_cast<double>(begin);
  }
  volumes.map = MapStations(grids, 1);
  const std::vector<double> coils = {1, 0.6, 1.7};
  for (std::size_t s = 0; s < grids.size(); ++s) {
    Volume part{grids[s], {}};
    for (std::size_t at = 0; at < grids[s].SizeZyx().VoxelCount(); ++at) {
      const Index3 v = IndexAt(grids[s].SizeZyx(), at);
      const std::int64_t j = v.y + volumes.map.stations[s].offset[1];
      part.voxels.push_back(static_cast<float>(coils[s] * whole.voxels[Offset(grid.SizeZyx(), {v.z, j, v.x})]));
    }
    volumes.parts.push_back(part);
  }
  volumes.whole = {
      volumes.map.grid,
      JoinStations<float>(volumes.map, {volumes.parts[0].voxels, volumes.parts[1].voxels, volumes.parts[2].voxels}, 0)};
  ASSERT_EQ(volumes.map.grid.size, grid.size);
  const std::vector<IntensityScale> scales = StationScales(volumes);
  for (std::size_t s = 0; s < scales.size(); ++s) {
    const std::vector<float>& part = volumes.parts[s].voxels;
    const double mean = MeanOf(part), sd = SdOf(part);
    for (std::size_t at = 0; at < part.size(); at += 7) {
      const Index3 v = IndexAt(grids[s].SizeZyx(), at);
      const std::int64_t j = v.y + volumes.map.stations[s].offset[1];
      const double of_whole =
          (static_cast<double>(whole.voxels[Offset(grid.SizeZyx(), {v.z, j, v.x})]) - MeanOf(whole.voxels)) /
          SdOf(whole.voxels);
      ASSERT_NEAR(scales[s].factor * (static_cast<double>(part[at]) - mean) / sd + scales[s].shift, of_whole, 1e-4);
    }
  }
}

TEST(StationStudy, NoPassIsLargerThanAStation) {
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
