#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "gpu/voxel_types.h"
#include "pipeline/baseline/baseline_options.h"
#include "pipeline/baseline/seeds.h"

namespace dinsd {

/// Speed of a front at each voxel, 1 on flat ground and towards 0 at edges: 1 / (1 + (|gradient| / k)^2), the gradient
/// of the Gaussian-smoothed image, k its percentile (ActiveContourOptions). `spacing` z y x in units of the sigma.
[[nodiscard]] std::vector<float> EdgeSpeed(std::span<const double> image, const Size3& size, const Vec3& spacing,
                                           const ActiveContourOptions& options);

/// Mask (1 = inside) of a geodesic active contour. It begins where fronts of the given speed that start at the
/// foreground seeds and at the background seeds meet, slowed by the power share_power of `share`, the intensity's
/// ForegroundShare, or of its rest (not slowed where empty), and then follows curvature, the pull of edges and a
/// pressure outwards; background seeds are barriers (speed 0). Seeds keep their side. Empty without a foreground seed,
/// everything without a background seed. Arrays dense, axis order z, y, x. Runs in the calling thread. Throws
/// std::runtime_error with what ITK said. Method: Caselles, Kimmel and Sapiro, IJCV 22(1), 1997; fast marching and
/// level set of ITK.
[[nodiscard]] std::vector<std::uint8_t> ActiveContour(std::span<const float> speed, const Size3& size,
                                                      const Vec3& spacing, std::span<const Seed> seeds,
                                                      const ActiveContourOptions& options,
                                                      std::span<const double> share = {});

}  // namespace dinsd
