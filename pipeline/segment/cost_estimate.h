#pragma once

#include <cstdint>

#include "model/model_manifest.h"

namespace dinsd {

/// What running the network costs, estimated before it is run.
struct CostEstimate {
  double memory_gib = 0;   // peak of the process
  double cpu_seconds = 0;  // on two cores of the machine that the constants were measured on
};

/// Multiplications that the network makes per voxel of its grid, from its table of layers at this width.
[[nodiscard]] double MultiplicationsPerVoxel(int width);

/// The cost of a study of `image_voxels` whose passes take `largest_pass` voxels of the network grid at most and
/// `all_passes` together. Linear in voxels; the constants are measured (see cost_estimate.cc), so that the memory is an
/// upper figure within about a fifth and the time an order of magnitude on another machine.
[[nodiscard]] CostEstimate EstimateCost(const ModelManifest& manifest, std::int64_t image_voxels,
                                        std::int64_t largest_pass, std::int64_t all_passes);

/// The largest pass whose estimated memory is at most `memory_gib`; 0 where not even the image fits.
[[nodiscard]] std::int64_t LargestPassWithin(const ModelManifest& manifest, std::int64_t image_voxels,
                                             double memory_gib);

}  // namespace dinsd
