#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "gpu/voxel_types.h"
#include "pipeline/baseline/baseline_options.h"
#include "pipeline/baseline/seeds.h"

namespace dinsd {

/// A choice between foreground and background for each voxel: its energy is the sum of the costs below, in whole units
/// of a millionth so that sums are exact. Arrays dense, axis order z, y, x.
struct CutProblem {
  Size3 size;
  std::vector<std::int64_t> background_cost;                // of a voxel that is called background
  std::vector<std::int64_t> foreground_cost;                // of a voxel that is called foreground
  std::array<std::vector<std::int64_t>, 3> neighbour_cost;  // z, y, x: of a voxel and the next one along that axis that
                                                            // are called differently; 0 at the end of the axis

  [[nodiscard]] std::int64_t Energy(std::span<const std::uint8_t> foreground) const;
};

/// Energy of Boykov and Jolly. A voxel costs region_weight * -ln p(intensity | its side), p being the histogram of the
/// side's seeds (IntensityOptions); a seed called otherwise costs more than every cut. Neighbours (6) called
/// differently cost exp(-beta / (10 sd) * d^2) / step, d their difference, sd the standard deviation of `image` (as in
/// the random walker), step their distance in units of `spacing` (z y x).
[[nodiscard]] CutProblem MakeCutProblem(std::span<const double> image, const Size3& size, const Vec3& spacing,
                                        std::span<const Seed> seeds, const GraphCutOptions& options);

struct Cut {
  std::vector<std::uint8_t> foreground;  // 1 = foreground; of several least cuts the one with least foreground
  std::int64_t energy = 0;               // of the flow, which is that of the cut
};

/// A choice of least energy. All costs must be 0 or more. Thread-safe. Method: Boykov and Jolly, ICCV 2001; maximum
/// flow of Boykov and Kolmogorov, IEEE TPAMI 26(9), 2004 (Boost.Graph).
[[nodiscard]] Cut LeastCut(const CutProblem& problem);

}  // namespace dinsd
