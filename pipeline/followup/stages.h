#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include "pipeline/followup/registration_options.h"
#include "pipeline/followup/working_image.h"

namespace dinsd {

// The three optimisations, each on ITK in the calling thread: the same inputs give the same bytes. `check` is called at
// every step and may throw. They throw RegistrationError REG_FAILED with what ITK said.

using StageCheck = std::function<void()>;

/// Improves the affine part of `map` by a rigid motion about the body's middle, from coarse to fine. Method: Mattes
/// mutual information and regular step gradient descent of ITK's registration framework v4.
void FitRigid(const WorkingImage& today, const WorkingImage& prior, std::span<const std::size_t> samples, int levels,
              const RegistrationOptions& options, const StageCheck& check, SpatialMap& map);

/// The same with all twelve degrees of freedom, at full resolution.
void FitAffine(const WorkingImage& today, const WorkingImage& prior, std::span<const std::size_t> samples,
               const RegistrationOptions& options, const StageCheck& check, SpatialMap& map);

/// The displacements that make `warped`, the prior image as far as it has been brought over, more like `today`; both on
/// one grid. Every control point moves by less than pass.grid_mm * spline_reach. Method: ITK's Mattes mutual
/// information of B-splines, of which the framework v3 knows that they are local (v4 fills a column for every parameter
/// at every sample), and L-BFGS-B (Byrd et al., SIAM J. Sci. Comput. 16(5), 1995).
[[nodiscard]] SplineLattice FitSpline(const WorkingImage& today, const WorkingImage& warped, const SplinePass& pass,
                                      const RegistrationOptions& options, const StageCheck& check);

}  // namespace dinsd
