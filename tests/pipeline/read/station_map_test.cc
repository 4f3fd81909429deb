#include "pipeline/read/station_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "pipeline/read/input_error.h"
#include "tests/random.h"

namespace dinsd {
namespace {

using Ijk = std::array<std::int64_t, 3>;

constexpr std::array<double, 9> kCoronal = {1, 0, 0, 0, 0, 1, 0, -1, 0};    // columns to the feet
constexpr std::array<double, 9> kColumnsUp = {1, 0, 0, 0, 0, -1, 0, 1, 0};  // columns to the head
constexpr std::array<double, 9> kRowsDown = {0, 1, 0, 0, 0, 1, -1, 0, 0};   // rows to the feet

// One station whose middle lies at `middle_z`, with `rows` rows of 2 mm along the world's z.
GridGeometry StationAt(double middle_z, std::int64_t rows, const std::array<double, 9>& direction = kCoronal) {
  GridGeometry grid{.size = {7, rows, 3}, .spacing = {2, 2, 8}, .direction = direction};
  if (direction == kRowsDown) grid.size = {rows, 7, 3};
  const auto half = static_cast<double>(rows - 1);
  grid.origin = {-6, -8, direction == kColumnsUp ? middle_z - half : middle_z + half};
  return grid;
}

std::string CodeOf(const std::vector<GridGeometry>& grids, double min_overlap_mm = 0) {
  try {
    (void)MapStations(grids, min_overlap_mm);
    return "";
  } catch (const InputError& error) {
    EXPECT_EQ(error.what(), std::string(error.what()));
    EXPECT_FALSE(error.sentence().empty());
    return error.code();
  }
}

// The plain reference: of the stations that cover a voxel, the one in which it lies deepest, counted in rows from the
// nearer end; of two the upper.
std::optional<std::size_t> DeepestStation(const StationMap& map, const Ijk& ijk) {
  std::optional<std::size_t> best;
  std::int64_t deepest = -1;
  for (std::size_t s = 0; s < map.stations.size(); ++s) {
    const StationBlock& block = map.stations[s];
    if (!block.Covers(ijk)) continue;
    const std::int64_t row = ijk[map.axis] - block.offset[map.axis];
    const std::int64_t depth = std::min(row, block.size[map.axis] - 1 - row);
    if (depth > deepest) {
      deepest = depth;
      best = s;
    }
  }
  return best;
}

template <typename Visit>
void ForVoxels(const GridGeometry& grid, const Visit& visit) {
  for (std::int64_t k = 0; k < grid.size[2]; ++k) {
    for (std::int64_t j = 0; j < grid.size[1]; ++j) {
      for (std::int64_t i = 0; i < grid.size[0]; ++i) visit(Ijk{i, j, k});
    }
  }
}

// Two to five stations, head to feet, each overlapping the next by less than half, in any direction of the columns.
std::vector<GridGeometry> RandomStations(TestRandom& random) {
  const std::array<std::array<double, 9>, 3> directions = {kCoronal, kColumnsUp, kRowsDown};
  const auto& direction = directions[static_cast<std::size_t>(random.Below(3))];
  std::vector<GridGeometry> grids;
  const std::int64_t count = 2 + random.Below(4);
  double bottom = 500;
  for (std::int64_t s = 0; s < count; ++s) {
    const std::int64_t rows = 12 + random.Below(9);
    const double overlap = s == 0 ? 0 : 2.0 * static_cast<double>(1 + random.Below(5));
    const double top = bottom + overlap;
    grids.push_back(StationAt(top - static_cast<double>(rows), rows, direction));
    grids.back().origin[0] += 2.0 * static_cast<double>(random.Below(3));  // to the side, by whole voxels
    bottom = top - 2.0 * static_cast<double>(rows);
  }
  return grids;
}

TEST(StationMap, EveryVoxelThatAStationCoversHasOneOwnerThatCoversIt) {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    TestRandom random(seed);
    const StationMap map = MapStations(RandomStations(random), 1);
    ForVoxels(map.grid, [&](const Ijk& ijk) {
      const std::optional<std::size_t> owner = map.OwnerOf(ijk);
      ASSERT_EQ(owner, DeepestStation(map, ijk)) << ijk[0] << ' ' << ijk[1] << ' ' << ijk[2];
      if (owner) {
        ASSERT_TRUE(map.stations[*owner].Covers(ijk));
      }
    });
  }
}

TEST(StationMap, OwnedVoxelsOfAllStationsAreTheWholeOnce) {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    TestRandom random(seed);
    const StationMap map = MapStations(RandomStations(random), 1);
    std::vector<int> whole(map.grid.SizeZyx().VoxelCount(), -1);
    std::size_t covered = 0;
    ForVoxels(map.grid, [&](const Ijk& ijk) {
      if (!map.OwnerOf(ijk)) return;
      whole[Offset(map.grid.SizeZyx(), {ijk[2], ijk[1], ijk[0]})] = static_cast<int>(random.Below(1000));
      ++covered;
    });
    std::vector<std::vector<int>> parts;
    std::size_t owned = 0;
    for (std::size_t s = 0; s < map.stations.size(); ++s) {
      parts.push_back(OwnedPart<int>(map, s, whole, -1));
      owned += static_cast<std::size_t>(std::count_if(parts[s].begin(), parts[s].end(), [](int v) { return v >= 0; }));
    }
    EXPECT_EQ(owned, covered);
    EXPECT_EQ(JoinStations<int>(map, {parts.begin(), parts.end()}, -1), whole);
  }
}

TEST(StationMap, AVoxelOfTheWholeLiesWhereItsOwnersVoxelDoes) {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    TestRandom random(seed);
    const std::vector<GridGeometry> grids = RandomStations(random);
    const StationMap map = MapStations(grids, 1);
    ForVoxels(map.grid, [&](const Ijk& ijk) {
      const std::optional<std::size_t> owner = map.OwnerOf(ijk);
      if (!owner) return;
      std::array<double, 3> there{}, here{};
      for (std::size_t axis = 0; axis < 3; ++axis) {
        here[axis] = static_cast<double>(ijk[axis]);
        there[axis] = here[axis] - static_cast<double>(map.stations[*owner].offset[axis]);
      }
      const auto a = LpsFromIndex(map.grid, here), b = LpsFromIndex(grids[*owner], there);
      for (std::size_t axis = 0; axis < 3; ++axis) ASSERT_NEAR(a[axis], b[axis], 1e-9);
    });
  }
}

TEST(StationMap, TheSeamLiesInTheMiddleOfTheOverlap) {
  const StationMap map = MapStations({StationAt(100, 20), StationAt(72, 20)}, 0);  // 12 mm, 6 rows in common
  EXPECT_EQ(map.axis, 1U);
  EXPECT_EQ(map.grid.size, (Ijk{7, 34, 3}));
  EXPECT_EQ(map.OwnerOf({0, 16, 0}), 0U);
  EXPECT_EQ(map.OwnerOf({0, 17, 0}), 1U);
  EXPECT_FALSE(map.IsInOverlap({0, 13, 0}));
  EXPECT_TRUE(map.IsInOverlap({0, 14, 0}));
  EXPECT_TRUE(map.IsInOverlap({0, 19, 0}));
  EXPECT_FALSE(map.IsInOverlap({0, 20, 0}));
  EXPECT_EQ(map.OwnerOf({0, 34, 0}), std::nullopt);
}

TEST(StationMap, AStationBetweenTheVoxelsIsMovedByLessThanHalfOfOne) {
  GridGeometry second = StationAt(72, 20);
  second.origin[2] += 0.5;
  const StationMap map = MapStations({StationAt(100, 20), second}, 0);
  EXPECT_EQ(map.stations[1].offset, (Ijk{0, 14, 0}));
  EXPECT_NEAR(map.stations[1].moved[1], 0.25, 1e-9);
}

TEST(StationMap, OneGridIsItsOwnMap) {
  const GridGeometry grid = StationAt(33.3, 20);
  const StationMap map = MapStations({grid}, 10);
  EXPECT_EQ(map.grid, grid);
  ForVoxels(grid, [&](const Ijk& ijk) {
    ASSERT_EQ(map.OwnerOf(ijk), 0U);
    ASSERT_FALSE(map.IsInOverlap(ijk));
  });
}

TEST(StationMap, RefusesWhatIsNoWholeByName) {
  const GridGeometry first = StationAt(100, 20);
  EXPECT_EQ(CodeOf({first, StationAt(68, 20)}, 8), "");
  EXPECT_EQ(CodeOf({first, StationAt(68, 20)}, 8.1), "STATION_OVERLAP") << "8 mm in common";
  EXPECT_EQ(CodeOf({first, StationAt(58, 20)}), "STATION_OVERLAP") << "2 mm apart";
  EXPECT_EQ(CodeOf({first, StationAt(80, 20)}), "STATION_OVERLAP") << "half in common";
  GridGeometry other = StationAt(68, 20);
  other.spacing[2] = 7;
  EXPECT_EQ(CodeOf({first, other}), "STATION_MISMATCH");
  other = StationAt(68, 20);
  other.spacing[0] = 2.1;
  EXPECT_EQ(CodeOf({first, other}), "STATION_MISMATCH");
  other = StationAt(68, 20);
  other.direction = {std::cos(0.02), 0, std::sin(0.02), 0, 0, 1, 0, -1, 0};
  EXPECT_EQ(CodeOf({first, other}), "STATION_MISMATCH");
  other = StationAt(68, 20);
  other.origin[0] += 8;  // of 14 mm
  EXPECT_EQ(CodeOf({first, other}), "STATION_MISMATCH");
}

TEST(Stations, LieBelowOneAnotherWhereNoTwoShareHalf) {
  EXPECT_TRUE(LieBelowOneAnother({StationAt(68, 20), StationAt(100, 20), StationAt(36, 20)}));
  EXPECT_TRUE(LieBelowOneAnother({StationAt(0, 20), StationAt(300, 20)})) << "far apart";
  EXPECT_FALSE(LieBelowOneAnother({StationAt(100, 20), StationAt(100, 20)})) << "one place twice";
  EXPECT_FALSE(LieBelowOneAnother({StationAt(100, 20), StationAt(68, 20), StationAt(70, 20)}));
  EXPECT_THAT(HeadToFeet({StationAt(68, 20), StationAt(100, 20), StationAt(36, 20)}), testing::ElementsAre(1, 0, 2));
}

}  // namespace
}  // namespace dinsd
