#pragma once

#include <array>

namespace dinsd {

/// A rotation as NIfTI-1 stores it: the parts b, c, d of a unit quaternion whose part a = sqrt(1 - b^2 - c^2 - d^2) is
/// not stored (0 where that square is under 1e-7, as NIfTI's own library reads it), and a mirror factor (1 or -1) of
/// the third axis.
struct NiftiQuaternion {
  std::array<float, 3> bcd{0, 0, 0};
  float mirror = 1;
};

/// The stored form of a direction matrix (row-major, columns are the axes, orthonormal up to rounding).
[[nodiscard]] NiftiQuaternion QuaternionOf(const std::array<double, 9>& direction);

/// The direction matrix that a reader makes of it.
[[nodiscard]] std::array<double, 9> RotationOf(const NiftiQuaternion& quaternion);

}  // namespace dinsd
