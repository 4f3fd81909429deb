#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace dinsd {

/// A ball on a grid of voxels: what of its volume is left when each voxel counts whose centre lies inside.
struct SampledBall {
  double diameter_mm = 0;
  std::array<double, 3> spacing_mm{1, 1, 1};  // centre to centre, slices first, then within them
  std::array<double, 3> centre{};             // in voxels, beside the centre of voxel (0, 0, 0); same order
};

/// How many voxel centres lie inside (on the surface too). Exact for any size; time goes by its lines of voxels.
[[nodiscard]] std::int64_t VoxelsInside(const SampledBall& ball);

/// Standard deviation of the logarithm of a ball's volume on voxels of `spacing_mm` (slices first), over `positions`
/// places of its centre within a voxel, all equally likely, drawn by `seed`. A place where no voxel is hit counts as
/// half a voxel. 0 for a volume of 0. Thread-safe.
///
/// This is the least that a volume is unsure by, were it outlined without error: nobody knows where a tumour lies
/// between the slices. It is that of a ball of the same volume; a flat tumour lies on fewer slices and is less sure.
[[nodiscard]] double SamplingLogSd(double volume_ml, const std::array<double, 3>& spacing_mm, int positions = 200,
                                   std::uint64_t seed = 1);

}  // namespace dinsd
