#include "pipeline/interval/vary_clicks.h"

#include <gmock/gmock.h>

#include <cmath>
#include <set>

#include "tests/pipeline/segment/study_kit.h"
#include "tests/random.h"

namespace dinsd {
namespace {

using testing::Contains;
using testing::Each;
using testing::Not;

// Two lesions as bars on a grid of 1 x 1 x 4 mm, with clicks of both signs.
class VaryClicksTest : public testing::Test {
 protected:
  VaryClicksTest() {
    Painting<std::uint16_t> painting(grid_, 0);
    painting.Box({5, 5, 2}, {25, 15, 8}, 1).Box({30, 20, 3}, {33, 23, 4}, 2);
    mask_ = {grid_, painting.voxels};
    prompts_.whole = PromptsOfLesions({{Plus({10, 10, 4}), Minus({28, 10, 4}), Plus({20, 10, 5}), Plus({15, 8, 3})},
                                       {Plus({31, 21, 3})},
                                       {Plus({2, 30, 6})}});
    prompts_.whole.background = {Minus({11, 10, 4})};
    prompts_.stations = {prompts_.whole};
    map_ = MapStations({grid_}, 0);
    deep_ = DeepVoxels(mask_, 3);
  }

  [[nodiscard]] StationPrompts Vary(int run, const RunVariation& how = {}, std::uint64_t seed = 1) const {
    return VaryClicks({prompts_, mask_, deep_, map_, how, seed}, run);
  }
  [[nodiscard]] std::uint16_t At(const Ijk& v) const {
    return mask_.labels[Offset(grid_.SizeZyx(), {v[2], v[1], v[0]})];
  }

  GridGeometry grid_ = PlainGrid({40, 32, 10}, {1, 1, 4});
  LabelMap mask_;
  StationPrompts prompts_;
  StationMap map_;
  std::vector<InsideVoxels> deep_;
};

std::vector<Ijk> PlacesOf(const ResolvedLesion& lesion, Polarity sign) {
  std::vector<Ijk> places;
  for (const ResolvedClick& click : lesion.clicks) {
    if (click.sign == sign) places.push_back(click.ijk);
  }
  return places;
}

TEST_F(VaryClicksTest, DeepVoxelsLieInTheMiddle) {
  EXPECT_THAT(deep_[0], Contains(Ijk{10, 10, 4}));
  EXPECT_THAT(deep_[0], Not(Contains(Ijk{5, 5, 2})));
  for (const Ijk& v : deep_[0]) EXPECT_EQ(At(v), 1);
  EXPECT_THAT(deep_[1], Contains(Ijk{31, 21, 3}));
  EXPECT_TRUE(deep_[2].empty()) << "nothing was segmented there";
}

TEST_F(VaryClicksTest, PositiveClicksStayInsideTheirLesionAndNegativeOnesOutsideOfAny) {
  std::set<std::size_t> counts;
  std::set<Ijk> places;
  for (int run = 1; run <= 300; ++run) {
    const ResolvedPrompts varied = Vary(run).whole;
    for (const std::size_t k : {0U, 1U}) {
      const std::vector<Ijk> positive = PlacesOf(varied.lesions[k], Polarity::kPositive);
      ASSERT_FALSE(positive.empty()) << "a lesion keeps a click";
      for (const Ijk& v : positive) {
        ASSERT_EQ(At(v), k + 1);
        ASSERT_NE(v, (Ijk{11, 10, 4})) << "where a click says that it is none";
        places.insert(v);
      }
    }
    counts.insert(PlacesOf(varied.lesions[0], Polarity::kPositive).size());
    ASSERT_EQ(PlacesOf(varied.lesions[0], Polarity::kNegative).size(), 1U) << "a correction is never left out";
    ASSERT_EQ(At(PlacesOf(varied.lesions[0], Polarity::kNegative)[0]), 0);
    ASSERT_EQ(varied.lesions[2].clicks[0].ijk, (Ijk{2, 30, 6})) << "no voxel to be moved in";
    ASSERT_EQ(varied.background[0].ijk, (Ijk{11, 10, 4}));
  }
  EXPECT_THAT(counts, testing::ElementsAre(1U, 2U, 3U));
  EXPECT_GT(places.size(), 200U);
}

TEST_F(VaryClicksTest, AreAFunctionOfSeedAndRun) {
  EXPECT_EQ(PlacesOf(Vary(1).whole.lesions[0], Polarity::kPositive),
            PlacesOf(Vary(1).whole.lesions[0], Polarity::kPositive));
  const auto all = [&](std::uint64_t seed) {
    std::vector<std::vector<Ijk>> places;
    for (int run = 1; run <= 5; ++run)
      places.push_back(PlacesOf(Vary(run, {}, seed).whole.lesions[0], Polarity::kPositive));
    return places;
  };
  EXPECT_NE(all(1), all(2));
  EXPECT_NE(all(1)[0], all(1)[1]);
}

TEST_F(VaryClicksTest, MoveByAtMostTheJitter) {
  for (int run = 1; run <= 100; ++run) {
    const ResolvedPrompts varied = Vary(run, {.jitter_mm = 3, .drop = 0, .exchange = 0}).whole;
    ASSERT_EQ(varied.lesions[0].clicks.size(), 4U);
    for (std::size_t c = 0; c < 4; ++c) {
      const Ijk &from = prompts_.whole.lesions[0].clicks[c].ijk, &to = varied.lesions[0].clicks[c].ijk;
      const double mm = std::hypot(static_cast<double>(to[0] - from[0]), static_cast<double>(to[1] - from[1]),
                                   4 * static_cast<double>(to[2] - from[2]));
      ASSERT_LE(mm, 3 + std::hypot(0.5, 0.5, 2)) << "to the nearest voxel";
    }
  }
}

TEST_F(VaryClicksTest, WithoutAnyVariationAreAsGiven) {
  const ResolvedPrompts varied = Vary(7, {.jitter_mm = 0, .drop = 0, .exchange = 0}).whole;
  for (std::size_t k = 0; k < 3; ++k) {
    ASSERT_EQ(varied.lesions[k].clicks.size(), prompts_.whole.lesions[k].clicks.size());
    for (std::size_t c = 0; c < varied.lesions[k].clicks.size(); ++c)
      EXPECT_EQ(varied.lesions[k].clicks[c].ijk, prompts_.whole.lesions[k].clicks[c].ijk);
  }
}

// Upper rows 0 to 17, lower rows 14 to 31: what both cover is a click of both, on their own grids.
TEST_F(VaryClicksTest, AClickIsOneOfEveryStationThatCoversIt) {
  GridGeometry upper = grid_, lower = grid_;
  upper.direction = lower.direction = {1, 0, 0, 0, 0, 1, 0, -1, 0};
  upper.size[1] = lower.size[1] = 18;
  lower.origin[2] = -14;
  map_ = MapStations({upper, lower}, 1);
  prompts_.stations = {prompts_.whole, prompts_.whole};
  for (int run = 1; run <= 50; ++run) {
    const StationPrompts varied = Vary(run);
    for (std::size_t k = 0; k < 2; ++k) {
      for (const ResolvedClick& click : varied.whole.lesions[k].clicks) {
        const auto has = [&](std::size_t s, std::int64_t row) {
          const auto& clicks = varied.stations[s].lesions[k].clicks;
          return std::any_of(clicks.begin(), clicks.end(), [&](const ResolvedClick& c) {
            return c.sign == click.sign && c.ijk == Ijk{click.ijk[0], row, click.ijk[2]};
          });
        };
        ASSERT_EQ(has(0, click.ijk[1]), click.ijk[1] < 18);
        ASSERT_EQ(has(1, click.ijk[1] - 14), click.ijk[1] >= 14);
      }
    }
  }
}

}  // namespace
}  // namespace dinsd
