#pragma once

#include <span>
#include <vector>

#include "pipeline/baseline/baseline_options.h"
#include "pipeline/baseline/seeds.h"

namespace dinsd {

/// -ln p(intensity | side) of every voxel, for both sides.
struct IntensityCosts {
  std::vector<double> foreground;
  std::vector<double> background;
};

/// Goes by the histograms of the seeds of each side; a side without seeds has the same cost everywhere.
[[nodiscard]] IntensityCosts CostsOfIntensity(std::span<const double> image, std::span<const Seed> seeds,
                                              const IntensityOptions& options);

/// p(intensity | foreground) / (p(intensity | foreground) + p(intensity | background)) of every voxel.
[[nodiscard]] std::vector<double> ForegroundShare(std::span<const double> image, std::span<const Seed> seeds,
                                                  const IntensityOptions& options);

}  // namespace dinsd
