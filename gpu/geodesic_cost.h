#pragma once

#include <cmath>

#include "gpu/guide_map.h"

namespace dinsd {

/// Calls `run` with the factor that turns a step's length into its cost, a function of the absolute intensity
/// difference: both solvers of a geodesic map go by it.
template <typename Run>
void WithStepFactor(const GeodesicOptions& options, Run&& run) {
  constexpr double kIntensityFloor = 1e-5;
  if (options.blend) {
    run([alpha = options.blend->alpha, beta = options.blend->beta](double difference) {
      return alpha + beta * (difference + kIntensityFloor);
    });
  } else if (options.lambda == 1) {
    run([](double difference) { return difference + kIntensityFloor; });
  } else {
    run([lambda = options.lambda](double difference) {
      const double floored = difference + kIntensityFloor;
      return floored / ((1 - lambda) * floored + lambda);
    });
  }
}

/// The length of a step to a neighbour at `offset`.
[[nodiscard]] inline double StepLength(const Index3& offset, const Vec3& spacing) {
  const double z = static_cast<double>(offset.z) * spacing.z;
  const double y = static_cast<double>(offset.y) * spacing.y;
  const double x = static_cast<double>(offset.x) * spacing.x;
  return std::sqrt(z * z + y * y + x * x);
}

/// Checks the arrays and puts `far` everywhere but at the clicks, which get 0; false where there is no click, and then
/// the map is 0 and done. Throws std::invalid_argument.
bool BeginGeodesic(const Size3& size, std::span<const Index3> clicks, std::span<const float> intensity,
                   const GeodesicOptions& options, float far, std::span<float> out);

}  // namespace dinsd
