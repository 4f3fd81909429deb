#pragma once

#include <span>
#include <vector>

#include "gpu/voxel_types.h"
#include "pipeline/baseline/baseline_options.h"
#include "pipeline/baseline/seeds.h"

namespace dinsd {

/// The probability that a random walker that starts at a voxel meets a foreground seed before a background seed.
///
/// Steps lead to the 6 neighbours; under WalkerSteps::kSlope the weight of a step is exp(-beta / (10 sd) * d^2) +
/// 1e-10, with d the difference of `image` along the step over the step's `spacing` (z y x) and sd the population
/// standard deviation of `image`, as scikit-image's random_walker has it (equal within 1e-6 where the tolerance is
/// 1e-10). kFlow: d is the difference itself and the weight is divided by the spacing squared. With a `prior` (a
/// probability a voxel) every voxel also has a step of weight prior_weight to seeds that are foreground with that
/// probability (Grady, CVPR 2005). Arrays dense, axis order z, y, x. Without a foreground seed all 0, without a
/// background seed all 1. `guess` (empty, or a probability a voxel) is where the iteration starts. Thread-safe. Throws
/// std::runtime_error where the iteration does not come to its tolerance. Method: Grady, IEEE TPAMI 28(11), 2006;
/// conjugate gradient (Eigen) with the diagonal as preconditioner.
[[nodiscard]] std::vector<double> WalkerProbability(std::span<const double> image, const Size3& size,
                                                    const Vec3& spacing, std::span<const Seed> seeds,
                                                    const RandomWalkerOptions& options,
                                                    std::span<const double> guess = {},
                                                    std::span<const double> prior = {});

}  // namespace dinsd
