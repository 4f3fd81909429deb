#include "pipeline/write/nifti_quaternion.h"

#include <algorithm>
#include <cmath>

namespace dinsd {
namespace {

double Determinant(const std::array<double, 9>& m) {
  return m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6]) + m[2] * (m[3] * m[7] - m[4] * m[6]);
}

// The quaternion (a, b, c, d) of a rotation, a >= 0. The largest part comes from the diagonal and the others from sums
// and differences across it divided by that part, so nothing small is divided by (Shepperd 1978).
std::array<double, 4> UnitQuaternion(const std::array<double, 9>& m) {
  const std::array<double, 4> squares4 = {1 + m[0] + m[4] + m[8], 1 + m[0] - m[4] - m[8], 1 - m[0] + m[4] - m[8],
                                          1 - m[0] - m[4] + m[8]};
  const auto largest = static_cast<std::size_t>(std::max_element(squares4.begin(), squares4.end()) - squares4.begin());
  const double ab = m[7] - m[5], ac = m[2] - m[6], ad = m[3] - m[1];  // 4 times the products
  const double bc = m[3] + m[1], bd = m[2] + m[6], cd = m[7] + m[5];
  const std::array<std::array<double, 4>, 4> rows = {
      {{squares4[0], ab, ac, ad}, {ab, squares4[1], bc, bd}, {ac, bc, squares4[2], cd}, {ad, bd, cd, squares4[3]}}};
  std::array<double, 4> q = rows[largest];
  const double norm = std::sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3]) * (q[0] < 0 ? -1 : 1);
  for (double& part : q) part /= norm;
  return q;
}

}  // namespace

NiftiQuaternion QuaternionOf(const std::array<double, 9>& direction) {
  NiftiQuaternion stored;
  std::array<double, 9> rotation = direction;
  if (Determinant(direction) < 0) {
    stored.mirror = -1;
    for (const std::size_t i : {2, 5, 8}) rotation[i] = -rotation[i];
  }
  const std::array<double, 4> q = UnitQuaternion(rotation);
  for (std::size_t i = 0; i < 3; ++i) stored.bcd[i] = static_cast<float>(q[i + 1]);
  return stored;
}

std::array<double, 9> RotationOf(const NiftiQuaternion& quaternion) {
  constexpr double kHalfTurn = 1e-7;
  double b = quaternion.bcd[0], c = quaternion.bcd[1], d = quaternion.bcd[2];
  double a = 1 - (b * b + c * c + d * d);
  if (a < kHalfTurn) {
    const double norm = std::sqrt(b * b + c * c + d * d);
    b /= norm;
    c /= norm;
    d /= norm;
    a = 0;
  } else {
    a = std::sqrt(a);
  }
  const double k = quaternion.mirror;
  return {a * a + b * b - c * c - d * d, 2 * (b * c - a * d),           k * 2 * (b * d + a * c),
          2 * (b * c + a * d),           a * a + c * c - b * b - d * d, k * 2 * (c * d - a * b),
          2 * (b * d - a * c),           2 * (c * d + a * b),           k * (a * a + d * d - b * b - c * c)};
}

}  // namespace dinsd
