#pragma once

#include <optional>
#include <span>

#include "gpu/voxel_types.h"

namespace dinsd {

/// Spread of the exponential-distance guide map.
struct GuideMapOptions {
  Vec3 sigma{1, 5, 5};  // in voxels of the grid the map is made on, z y x; each > 0
  double gamma = 1;     // value at a click, in (0, 1]

  /// Throws std::invalid_argument that names the field.
  void Check() const;
};

/// Largest absolute difference between the map and the formula in float64: a single-precision result.
inline constexpr float kGuideMapAbsTolerance = 1e-6F;

/// Writes the exponential-distance guide map of `clicks` into `out`.
///
/// out[v] = gamma * max over clicks c of exp(-sum_d (v_d - c_d)^2 / (2 sigma_d^2)), in [0, gamma]; all zero without
/// clicks. Indices and sigma are voxels of `size`, axis order z, y, x; `out` is dense, x fastest, size.VoxelCount()
/// long. Values that single precision cannot hold (beyond about 14 sigma) are 0. Thread-safe. Throws
/// std::invalid_argument if a click lies outside or `out` has another length. Equal to
/// the formula within kGuideMapAbsTolerance. Method: Zhang et al., DINs, arXiv 2106.03388 (ExpDT).
void ExponentialGuideMap(const Size3& size, std::span<const Index3> clicks, const GuideMapOptions& options,
                         std::span<float> out);

/// The same for click positions that need not be voxel centres (training scales clicks to the network grid first).
void ExponentialGuideMapAt(const Size3& size, std::span<const Vec3> points, const GuideMapOptions& options,
                           std::span<float> out);

#ifdef DINSD_WITH_CUDA
/// CUDA twin of ExponentialGuideMapAt, equal to it within kGuideMapAbsTolerance. `device_out` is a dense array on the
/// current device, size.VoxelCount() long; the work is queued on `stream` (a cudaStream_t, null = the default stream)
/// and the call returns without waiting for it. Throws std::invalid_argument as above, and std::runtime_error with
/// CUDA's sentence.
void ExponentialGuideMapCuda(const Size3& size, std::span<const Vec3> points, const GuideMapOptions& options,
                             float* device_out, void* stream);
#endif

/// Writes the Euclidean distance of each voxel to its nearest click, in voxels; all zero without clicks (the
/// reference's value for a polarity without clicks). Exact: the nearest single-precision number. Shapes and errors as
/// above.
void EuclideanGuideMap(const Size3& size, std::span<const Index3> clicks, std::span<float> out);

/// The same for click positions that need not be voxel centres.
void EuclideanGuideMapAt(const Size3& size, std::span<const Vec3> points, std::span<float> out);

/// Weights of length and intensity in the cost of a step that blends both: alpha + beta * (|difference| + 1e-5), times
/// the length.
struct GeodesicBlend {
  double alpha = 1;  // >= 0
  double beta = 1;   // >= 0; not both 0
};

/// How a geodesic distance is made of length and intensity. A step to one of the 26 neighbours costs its length, times
/// (d + 1e-5) / ((1 - lambda) (d + 1e-5) + lambda) with d = |intensity difference|, or times what `blend` says.
struct GeodesicOptions {
  double lambda = 1;      // 0 = length only, 1 = length times (d + 1e-5)
  Vec3 spacing{1, 1, 1};  // z y x
  int iterations = 1;     // forward and backward scans
  std::optional<GeodesicBlend> blend;

  void Check() const;
};

/// Writes the geodesic distance of each voxel to its nearest click by raster scans in place: each iteration is a
/// forward pass over 13 of the 26 neighbours and a backward pass over their opposites (the scan order of GeodisTK, Wang
/// et al., DeepIGeoS, TPAMI 2019). `intensity` has the shape of `out`. All zero without clicks. What a path costs that
/// is not yet the cheapest one: never below ExactGeodesicGuideMap (but for single-precision sums, see
/// kGeodesicRelTolerance), and equal to it after enough iterations. Errors as above.
void GeodesicGuideMap(const Size3& size, std::span<const Index3> clicks, std::span<const float> intensity,
                      const GeodesicOptions& options, std::span<float> out);

/// The cheapest path's cost by Dijkstra's algorithm in double precision: what the raster scans tend to. Ignores
/// options.iterations. Shapes and errors as above; about a hundred times as slow as one scan.
void ExactGeodesicGuideMap(const Size3& size, std::span<const Index3> clicks, std::span<const float> intensity,
                           const GeodesicOptions& options, std::span<float> out);

/// Largest difference between raster scans that have settled and the exact map, relative to the exact value: the scans
/// add in single precision, the exact map in double.
inline constexpr float kGeodesicRelTolerance = 1e-4F;

}  // namespace dinsd
