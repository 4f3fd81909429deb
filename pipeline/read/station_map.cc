#include "pipeline/read/station_map.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <numeric>
#include <string>

#include "pipeline/read/input_error.h"

namespace dinsd {
namespace {

constexpr double kDirectionTolerance = 1e-3;  // of a cosine
constexpr double kSpacingTolerance = 1e-3;    // of the spacing

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
};

// Along the world's z, to the edges of the outermost voxels.
Range HeightOf(const GridGeometry& grid) {
  Range range;
  for (unsigned corner = 0; corner < 8; ++corner) {
    std::array<double, 3> index{};
    for (unsigned axis = 0; axis < 3; ++axis)
      index[axis] = (corner >> axis & 1U) != 0 ? static_cast<double>(grid.size[axis]) - 0.5 : -0.5;
    const double z = LpsFromIndex(grid, index)[2];
    range = {std::min(range.low, z), std::max(range.high, z)};
  }
  return range;
}

std::string Station(std::size_t s) {
  return "station " + std::to_string(s + 1);
}

std::string Millimetres(double mm) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.4g mm", mm);
  return text.data();
}

[[noreturn]] void Mismatch(std::size_t s, const char* field, const std::string& why) {
  throw InputError("STATION_MISMATCH", "", field, Station(s) + " counted from the head " + why);
}

void CheckLikeFirst(const std::vector<GridGeometry>& grids, std::size_t s) {
  constexpr std::array<const char*, 3> kFields = {"PixelSpacing", "PixelSpacing", "ImagePositionPatient"};
  const GridGeometry& first = grids.front();
  for (std::size_t n = 0; n < 9; ++n) {
    if (std::abs(grids[s].direction[n] - first.direction[n]) > kDirectionTolerance)
      Mismatch(s, "ImageOrientationPatient", "has another orientation than the first");
  }
  for (std::size_t axis = 0; axis < 3; ++axis) {
    if (std::abs(grids[s].spacing[axis] - first.spacing[axis]) <= kSpacingTolerance * first.spacing[axis]) continue;
    Mismatch(s, kFields.at(axis),
             std::string(axis == 2 ? "has slices " : "has pixels ") + Millimetres(grids[s].spacing[axis]) +
                 " apart, the first " + Millimetres(first.spacing[axis]));
  }
}

// Where a station lies on the lattice of the first one.
StationBlock BlockOf(const GridGeometry& grid, const GridGeometry& first) {
  StationBlock block{.size = grid.size};
  const std::array<double, 3> index = IndexFromLps(first, grid.origin);
  for (std::size_t axis = 0; axis < 3; ++axis) {
    block.offset[axis] = std::llround(index[axis]);
    block.moved[axis] = static_cast<double>(block.offset[axis]) - index[axis];
  }
  return block;
}

std::int64_t Shared(const StationBlock& a, const StationBlock& b, std::size_t axis) {
  return std::min(a.offset[axis] + a.size[axis], b.offset[axis] + b.size[axis]) -
         std::max(a.offset[axis], b.offset[axis]);
}

// Half of the shorter one's extent, in voxels.
bool ShareHalf(const StationBlock& a, const StationBlock& b, std::size_t axis) {
  return 2 * Shared(a, b, axis) >= std::min(a.size[axis], b.size[axis]);
}

// The in-plane axis along which the first and the last lie farther apart.
std::size_t AxisOf(const std::vector<StationBlock>& blocks) {
  const auto step = [&](std::size_t axis) {
    return std::abs(2 * blocks.back().offset[axis] + blocks.back().size[axis] - 2 * blocks.front().offset[axis] -
                    blocks.front().size[axis]);
  };
  return step(0) > step(1) ? 0 : 1;
}

// Moves all blocks so that the common grid begins at the least offset of each axis.
GridGeometry CommonGrid(const GridGeometry& first, std::vector<StationBlock>& blocks) {
  GridGeometry grid = first;
  std::array<double, 3> begin{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    std::int64_t low = 0, high = 0;
    for (const StationBlock& block : blocks) {
      low = std::min(low, block.offset[axis]);
      high = std::max(high, block.offset[axis] + block.size[axis]);
    }
    for (StationBlock& block : blocks) block.offset[axis] -= low;
    begin[axis] = static_cast<double>(low);
    grid.size[axis] = high - low;
  }
  if (begin != std::array<double, 3>{}) grid.origin = LpsFromIndex(first, begin);
  return grid;
}

class Seams {
 public:
  Seams(StationMap& map, double min_overlap_mm) : map_(map), min_overlap_mm_(min_overlap_mm) {}

  void Put() {
    std::vector<StationBlock*> rising;
    for (StationBlock& block : map_.stations) rising.push_back(&block);
    std::stable_sort(rising.begin(), rising.end(), [&](const StationBlock* a, const StationBlock* b) {
      return a->offset[map_.axis] < b->offset[map_.axis];
    });
    rising.front()->owned_begin = 0;
    for (std::size_t n = 0; n + 1 < rising.size(); ++n) PutBetween(*rising[n], *rising[n + 1]);
    rising.back()->owned_end = map_.grid.size[map_.axis];
  }

 private:
  void PutBetween(StationBlock& low, StationBlock& high) const {
    CheckPair(low, high);
    const std::int64_t begin = high.offset[map_.axis], end = low.offset[map_.axis] + low.size[map_.axis];
    const bool low_is_first = &low < &high;  // and so nearer to the head
    const std::int64_t seam = low_is_first ? (begin + end + 1) / 2 : (begin + end) / 2;
    low.owned_end = high.owned_begin = seam;
  }

  void CheckPair(const StationBlock& low, const StationBlock& high) const {
    const auto number = [&](const StationBlock& block) {
      return static_cast<std::size_t>(&block - map_.stations.data());
    };
    for (std::size_t axis = 0; axis < 3; ++axis) {
      if (axis == map_.axis || ShareHalf(low, high, axis)) continue;
      Mismatch(std::max(number(low), number(high)), "ImagePositionPatient", "does not lie below the one before it");
    }
    const double shared_mm = static_cast<double>(Shared(low, high, map_.axis)) * map_.grid.spacing[map_.axis];
    const std::size_t upper = std::min(number(low), number(high));
    const std::string pair = Station(upper) + " and the next, counted from the head, ";
    if (shared_mm < 0) Refuse(pair + "lie " + Millimetres(-shared_mm) + " apart");
    if (shared_mm < min_overlap_mm_)
      Refuse(pair + "overlap by " + Millimetres(shared_mm) + ", at least " + Millimetres(min_overlap_mm_) +
             " are needed");
    if (ShareHalf(low, high, map_.axis)) Refuse(pair + "share half of one or more: " + Millimetres(shared_mm));
  }

  [[noreturn]] static void Refuse(const std::string& why) {
    throw InputError("STATION_OVERLAP", "", "ImagePositionPatient", why);
  }

  StationMap& map_;
  double min_overlap_mm_;
};

}  // namespace

bool StationBlock::Covers(const std::array<std::int64_t, 3>& ijk) const {
  for (std::size_t axis = 0; axis < 3; ++axis) {
    if (ijk[axis] < offset[axis] || ijk[axis] >= offset[axis] + size[axis]) return false;
  }
  return true;
}

// The owner of the row, unless it does not reach so far to the side and its neighbour does.
std::optional<std::size_t> StationMap::OwnerOf(const std::array<std::int64_t, 3>& ijk) const {
  std::optional<std::size_t> other;
  for (std::size_t s = 0; s < stations.size(); ++s) {
    const StationBlock& station = stations[s];
    if (!station.Covers(ijk)) continue;
    if (ijk[axis] >= station.owned_begin && ijk[axis] < station.owned_end) return s;
    if (!other) other = s;
  }
  return other;
}

bool StationMap::IsInOverlap(const std::array<std::int64_t, 3>& ijk) const {
  return std::count_if(stations.begin(), stations.end(), [&](const StationBlock& s) { return s.Covers(ijk); }) > 1;
}

std::vector<std::size_t> HeadToFeet(const std::vector<GridGeometry>& grids) {
  std::vector<double> middles;
  middles.reserve(grids.size());
  for (const GridGeometry& grid : grids) middles.push_back(HeightOf(grid).low + HeightOf(grid).high);
  std::vector<std::size_t> order(grids.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return middles[a] > middles[b]; });
  return order;
}

bool LieBelowOneAnother(const std::vector<GridGeometry>& grids) {
  std::vector<Range> heights;
  for (const std::size_t s : HeadToFeet(grids)) heights.push_back(HeightOf(grids[s]));
  for (std::size_t n = 1; n < heights.size(); ++n) {
    const double shared = std::min(heights[n].high, heights[n - 1].high) - std::max(heights[n].low, heights[n - 1].low);
    const double shorter = std::min(heights[n].high - heights[n].low, heights[n - 1].high - heights[n - 1].low);
    if (2 * shared >= shorter) return false;
  }
  return true;
}

StationMap MapStations(const std::vector<GridGeometry>& grids, double min_overlap_mm) {
  if (grids.empty()) throw std::invalid_argument("MapStations: no station");
  StationMap map;
  for (std::size_t s = 0; s < grids.size(); ++s) {
    CheckLikeFirst(grids, s);
    map.stations.push_back(BlockOf(grids[s], grids.front()));
  }
  map.axis = AxisOf(map.stations);
  map.grid = CommonGrid(grids.front(), map.stations);
  Seams(map, min_overlap_mm).Put();
  return map;
}

}  // namespace dinsd
