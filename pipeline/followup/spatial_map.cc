#include "pipeline/followup/spatial_map.h"

#include <algorithm>
#include <cmath>

namespace dinsd {
namespace {

using Matrix3 = std::array<double, 9>;

double DeterminantOf(const Matrix3& m) {
  return m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6]) + m[2] * (m[3] * m[7] - m[4] * m[6]);
}

Point3 Times(const Matrix3& m, const Point3& p) {
  Point3 q{};
  for (std::size_t row = 0; row < 3; ++row) q[row] = m[row * 3] * p[0] + m[row * 3 + 1] * p[1] + m[row * 3 + 2] * p[2];
  return q;
}

// m^-1 p by Cramer's rule.
Point3 Solve(const Matrix3& m, const Point3& p) {
  const double determinant = DeterminantOf(m);
  Point3 q{};
  for (std::size_t column = 0; column < 3; ++column) {
    Matrix3 replaced = m;
    for (std::size_t row = 0; row < 3; ++row) replaced[row * 3 + column] = p[row];
    q[column] = DeterminantOf(replaced) / determinant;
  }
  return q;
}

// The four cubic B-splines that reach a place t (0 to 1) between two control points.
std::array<double, 4> Weights(double t) {
  const double s = 1 - t;
  return {s * s * s / 6, (3 * t * t * t - 6 * t * t + 4) / 6, (3 * s * s * s - 6 * s * s + 4) / 6, t * t * t / 6};
}

}  // namespace

Point3 ToFrame(const std::array<double, 9>& frame, const Point3& lps) {
  Point3 q{};
  for (std::size_t axis = 0; axis < 3; ++axis)
    q[axis] = frame[axis] * lps[0] + frame[3 + axis] * lps[1] + frame[6 + axis] * lps[2];
  return q;
}

Point3 FromFrame(const std::array<double, 9>& frame, const Point3& in_frame) {
  return Times(frame, in_frame);
}

Point3 SplineLattice::DisplacementAt(const Point3& p) const {
  std::array<std::int64_t, 3> first{};
  std::array<std::array<double, 4>, 3> weights{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const auto last = static_cast<double>(count[axis] - 2);
    const double at = std::clamp((p[axis] - origin[axis]) / spacing[axis], 1.0, last);
    const double cell = std::min(std::floor(at), last - 1);
    first[axis] = static_cast<std::int64_t>(cell) - 1;
    weights[axis] = Weights(at - cell);
  }
  Point3 moved{};
  const auto points = static_cast<std::size_t>(PointCount());
  for (std::size_t k = 0; k < 4; ++k) {
    for (std::size_t j = 0; j < 4; ++j) {
      const double share = weights[2][k] * weights[1][j];
      const auto row = static_cast<std::size_t>(
          ((first[2] + static_cast<std::int64_t>(k)) * count[1] + first[1] + static_cast<std::int64_t>(j)) * count[0] +
          first[0]);
      for (std::size_t i = 0; i < 4; ++i) {
        const double weight = share * weights[0][i];
        for (std::size_t axis = 0; axis < 3; ++axis) moved[axis] += weight * coefficients[axis * points + row + i];
      }
    }
  }
  return moved;
}

Point3 SpatialMap::ToPriorInFrame(const Point3& today) const {
  Point3 q = today;
  for (auto spline = splines.rbegin(); spline != splines.rend(); ++spline) {
    const Point3 moved = spline->DisplacementAt(q);
    for (std::size_t axis = 0; axis < 3; ++axis) q[axis] += moved[axis];
  }
  Point3 prior = Times(matrix, q);
  for (std::size_t axis = 0; axis < 3; ++axis) prior[axis] += offset[axis];
  return prior;
}

Point3 SpatialMap::ToTodayInFrame(const Point3& prior) const {
  constexpr int kMostSteps = 60;
  constexpr double kCloseMm = 0.005;
  Point3 q = Solve(matrix, {prior[0] - offset[0], prior[1] - offset[1], prior[2] - offset[2]});
  if (splines.empty()) return q;
  for (int step = 0; step < kMostSteps; ++step) {
    const Point3 reached = ToPriorInFrame(q);
    const Point3 missing = Solve(matrix, {prior[0] - reached[0], prior[1] - reached[1], prior[2] - reached[2]});
    for (std::size_t axis = 0; axis < 3; ++axis) q[axis] += missing[axis];
    if (std::hypot(missing[0], missing[1], missing[2]) < kCloseMm) break;
  }
  return q;
}

Point3 SpatialMap::ToPrior(const Point3& today_lps) const {
  return FromFrame(frame, ToPriorInFrame(ToFrame(frame, today_lps)));
}

Point3 SpatialMap::ToToday(const Point3& prior_lps) const {
  return FromFrame(frame, ToTodayInFrame(ToFrame(frame, prior_lps)));
}

double SpatialMap::JacobianInFrame(const Point3& today) const {
  constexpr double kStepMm = 1;
  Matrix3 slope{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    Point3 ahead = today, behind = today;
    ahead[axis] += kStepMm;
    behind[axis] -= kStepMm;
    ahead = ToPriorInFrame(ahead);
    behind = ToPriorInFrame(behind);
    for (std::size_t row = 0; row < 3; ++row) slope[row * 3 + axis] = (ahead[row] - behind[row]) / (2 * kStepMm);
  }
  return DeterminantOf(slope);
}

double SpatialMap::Determinant() const {
  return DeterminantOf(matrix);
}

}  // namespace dinsd
