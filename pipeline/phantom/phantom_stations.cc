#include "pipeline/phantom/phantom_stations.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "model/train/counter_random.h"
#include "pipeline/phantom/anatomy.h"

namespace dinsd {
namespace {

constexpr double kLeastScale = 0.7, kMostScale = 1.4;
constexpr double kMostNoise = 0.01;  // of the largest value

struct Rows {
  std::int64_t begin = 0, end = 0;
};

// Of each station; neighbours share `overlap` rows.
std::vector<Rows> RowsOf(std::int64_t rows, std::int64_t count, std::int64_t overlap) {
  std::vector<Rows> stations;
  const std::int64_t all = rows + (count - 1) * overlap;
  for (std::int64_t s = 0; s < count; ++s) {
    const std::int64_t begin = all * s / count - s * overlap;
    stations.push_back({begin, all * (s + 1) / count - s * overlap});
  }
  return stations;
}

// Whole numbers, as a scanner stores them.
Volume CutOut(const Volume& image, const Rows& rows, double scale, double noise, CounterRandom& random) {
  Volume station{image.grid, {}};
  station.grid.size[1] = rows.end - rows.begin;
  station.grid.origin = LpsFromIndex(image.grid, {0, static_cast<double>(rows.begin), 0});
  for (std::int64_t k = 0; k < image.grid.size[2]; ++k) {
    for (std::int64_t j = rows.begin; j < rows.end; ++j) {
      for (std::int64_t i = 0; i < image.grid.size[0]; ++i) {
        const auto value = static_cast<double>(image.voxels[Offset(image.grid.SizeZyx(), {k, j, i})]);
        const double seen = value * scale + random.Uniform(-noise, noise);
        station.voxels.push_back(static_cast<float>(std::clamp(std::round(seen), 0.0, 65535.0)));
      }
    }
  }
  return station;
}

}  // namespace

void PhantomStations::Check() const {
  if (count < 1 || count > kMostStations) {
    throw std::invalid_argument("stations must be 1 to " + std::to_string(kMostStations));
  }
  if (!(overlap_mm > 0 && overlap_mm <= 1000)) throw std::invalid_argument("overlap_mm must be above 0, at most 1000");
}

std::vector<Volume> CutIntoStations(const Phantom& phantom, const PhantomStations& stations) {
  stations.Check();
  const GridGeometry& grid = phantom.image.grid;
  const std::int64_t overlap = std::llround(stations.overlap_mm / grid.spacing[1]);
  const std::vector<Rows> rows = RowsOf(grid.size[1], stations.count, overlap);
  if (stations.count > 1 && (overlap < 1 || 2 * overlap >= rows.front().end - rows.front().begin)) {
    throw std::invalid_argument("stations of " + std::to_string(rows.front().end - rows.front().begin) +
                                " rows cannot overlap by " + std::to_string(overlap));
  }
  const double largest =
      static_cast<double>(*std::max_element(phantom.image.voxels.begin(), phantom.image.voxels.end()));
  std::vector<Volume> cut;
  for (const Rows& one : rows) {
    CounterRandom random(phantom.options.seed, kStationStream + (std::uint64_t{1} << 32) * (cut.size() + 1));
    const double scale = random.Uniform(kLeastScale, kMostScale);
    const double noise = random.Uniform(0, kMostNoise * largest);
    cut.push_back(CutOut(phantom.image, one, scale, noise, random));
  }
  return cut;
}

}  // namespace dinsd
