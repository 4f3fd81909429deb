#include "pipeline/segment/cost_estimate.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace dinsd {
namespace {

constexpr double kGib = 1024.0 * 1024.0 * 1024.0;

// Measured with `dins segment` on two cores, float32: width 12 on 4.3 and 9.3 million network voxels (1.5 and 2.9 GiB,
// 4.9 and 10.4 s), width 1 on 332 million (15.1 GiB).
constexpr double kProcessGib = 0.3;           // program, LibTorch and weights
constexpr double kBytesPerImageVoxel = 34;    // image, array, masks, label maps
constexpr double kBytesPerChannel = 18;       // of the first level, per network voxel
constexpr double kBytesPerNetworkVoxel = 36;  // image, guides, probability
constexpr double kMultiplicationsPerSecond = 45e9;

constexpr std::size_t kLevels = 5;
using PerLevel = std::array<double, kLevels>;
constexpr PerLevel kShareOfVoxels = {1, 1.0 / 4, 1.0 / 16, 1.0 / 64, 1.0 / 512};
constexpr PerLevel kTaps = {9, 9, 27, 27, 27};

}  // namespace

double MultiplicationsPerVoxel(int width) {
  PerLevel channels{};
  for (std::size_t level = 0; level < kLevels; ++level) {
    channels[level] = std::min(width * std::exp2(static_cast<double>(level)), 320.0);
  }
  double sum = 2 * channels[0];  // the last layer
  for (std::size_t level = 0; level < kLevels; ++level) {
    const double own = channels[level];
    const double in = level == 0 ? 3 : channels[level - 1];
    double per_voxel = kTaps[level] * own * (in + own);                                              // on the way down
    if (level + 1 < kLevels) per_voxel += kTaps[level] * own * 3 * own + own * channels[level + 1];  // on the way up
    sum += kShareOfVoxels[level] * per_voxel;
  }
  return sum;
}

CostEstimate EstimateCost(const ModelManifest& manifest, std::int64_t image_voxels, std::int64_t largest_pass,
                          std::int64_t all_passes) {
  const double per_voxel = kBytesPerNetworkVoxel + kBytesPerChannel * manifest.width;
  const double bytes =
      kBytesPerImageVoxel * static_cast<double>(image_voxels) + per_voxel * static_cast<double>(largest_pass);
  return {kProcessGib + bytes / kGib,
          MultiplicationsPerVoxel(manifest.width) * static_cast<double>(all_passes) / kMultiplicationsPerSecond};
}

std::int64_t LargestPassWithin(const ModelManifest& manifest, std::int64_t image_voxels, double memory_gib) {
  const double rest = memory_gib - EstimateCost(manifest, image_voxels, 0, 0).memory_gib;
  const double per_voxel = EstimateCost(manifest, 0, 1, 0).memory_gib - EstimateCost(manifest, 0, 0, 0).memory_gib;
  return std::max<std::int64_t>(0, static_cast<std::int64_t>(rest / per_voxel));
}

}  // namespace dinsd
