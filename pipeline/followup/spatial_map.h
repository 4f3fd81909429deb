#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "pipeline/read/volume.h"

namespace dinsd {

using Point3 = std::array<double, 3>;

/// Cubic B-spline displacements on a lattice of control points, as of itk::BSplineTransform. Outside of what the
/// lattice covers the displacement of its border holds.
struct SplineLattice {
  std::array<std::int64_t, 3> count{};  // control points along each axis, at least 4
  Point3 origin{};                      // mm of control point (0, 0, 0)
  Point3 spacing{};                     // mm
  std::vector<double> coefficients;     // mm: all of axis 0, then of 1, then of 2; the first index is the fastest

  [[nodiscard]] std::int64_t PointCount() const { return count[0] * count[1] * count[2]; }
  [[nodiscard]] Point3 DisplacementAt(const Point3& p) const;

  friend bool operator==(const SplineLattice&, const SplineLattice&) = default;
};

/// Takes places of the image of today to places of the prior one, both in LPS mm: prior = frame * (matrix * q + offset)
/// with q = the splines, last to first, applied to frame^T * today. `frame` holds the axes of today's grid as columns,
/// so that the third coordinate runs along the slice axis.
struct SpatialMap {
  std::array<double, 9> frame{1, 0, 0, 0, 1, 0, 0, 0, 1};
  std::array<double, 9> matrix{1, 0, 0, 0, 1, 0, 0, 0, 1};  // row-major
  Point3 offset{};                                          // mm
  std::vector<SplineLattice> splines;

  [[nodiscard]] Point3 ToPrior(const Point3& today_lps) const;
  /// The inverse, to within 0.01 mm where the map does not fold.
  [[nodiscard]] Point3 ToToday(const Point3& prior_lps) const;

  // The same in mm along the axes of the frame.
  [[nodiscard]] Point3 ToPriorInFrame(const Point3& today) const;
  [[nodiscard]] Point3 ToTodayInFrame(const Point3& prior) const;

  /// How many times as large a small piece of the body was at the place of the prior image, by differences over 2 mm.
  [[nodiscard]] double JacobianInFrame(const Point3& today) const;
  /// Of the affine part.
  [[nodiscard]] double Determinant() const;

  friend bool operator==(const SpatialMap&, const SpatialMap&) = default;
};

[[nodiscard]] Point3 ToFrame(const std::array<double, 9>& frame, const Point3& lps);
[[nodiscard]] Point3 FromFrame(const std::array<double, 9>& frame, const Point3& in_frame);

}  // namespace dinsd
