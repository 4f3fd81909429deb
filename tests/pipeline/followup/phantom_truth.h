#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "pipeline/followup/spatial_map.h"
#include "pipeline/phantom/phantom.h"
#include "pipeline/phantom/warp.h"

namespace dinsd {

/// Where each place of a phantom's patient lies at two timepoints: the phantom's own displacements.
class PhantomTruth {
 public:
  PhantomTruth(const PhantomOptions& prior, const PhantomOptions& today, const GridGeometry& grid)
      : prior_(prior.seed, prior.timepoint, RegionOf(grid)), today_(today.seed, today.timepoint, RegionOf(grid)) {}

  /// The place today (LPS mm) of a place of the prior image.
  [[nodiscard]] Point3 ToToday(const Point3& prior) const {
    const BodyPoint p = today_.ToScanner(
        prior_.ToBody({static_cast<float>(prior[0]), static_cast<float>(prior[1]), static_cast<float>(prior[2])}));
    return {p.x, p.y, p.z};
  }

 private:
  static BodyBox RegionOf(const GridGeometry& grid) {
    const Point3 a = LpsFromIndex(grid, {0, 0, 0});
    const Point3 b = LpsFromIndex(grid, {static_cast<double>(grid.size[0] - 1), static_cast<double>(grid.size[1] - 1),
                                         static_cast<double>(grid.size[2] - 1)});
    BodyBox box;
    box.low = {static_cast<float>(std::min(a[0], b[0])), static_cast<float>(std::min(a[1], b[1])),
               static_cast<float>(std::min(a[2], b[2]))};
    box.high = {static_cast<float>(std::max(a[0], b[0])), static_cast<float>(std::max(a[1], b[1])),
                static_cast<float>(std::max(a[2], b[2]))};
    return box.Grown(120);
  }

  Warp prior_, today_;
};

/// Middle of each label from 1 on, LPS mm; nothing for a label that no voxel has.
[[nodiscard]] inline std::vector<std::optional<Point3>> CentresOf(const LabelMap& map, std::size_t labels) {
  std::vector<Point3> sum(labels, Point3{});
  std::vector<double> count(labels, 0);
  std::size_t at = 0;
  for (std::int64_t k = 0; k < map.grid.size[2]; ++k) {
    for (std::int64_t j = 0; j < map.grid.size[1]; ++j) {
      for (std::int64_t i = 0; i < map.grid.size[0]; ++i, ++at) {
        const std::size_t label = map.labels[at];
        if (label == 0 || label > labels) continue;
        const Point3 index = {static_cast<double>(i), static_cast<double>(j), static_cast<double>(k)};
        for (std::size_t d = 0; d < 3; ++d) sum[label - 1][d] += index[d];
        ++count[label - 1];
      }
    }
  }
  std::vector<std::optional<Point3>> centres(labels);
  for (std::size_t n = 0; n < labels; ++n) {
    if (count[n] > 0)
      centres[n] = LpsFromIndex(map.grid, {sum[n][0] / count[n], sum[n][1] / count[n], sum[n][2] / count[n]});
  }
  return centres;
}

}  // namespace dinsd
