#include "pipeline/read/volume.h"

namespace dinsd {
namespace {

// The inverse of a direction matrix. Readers refuse sheared and mirrored-to-zero matrices, so it is never singular.
std::array<double, 9> Inverse(const std::array<double, 9>& m) {
  const double c00 = m[4] * m[8] - m[5] * m[7];
  const double c01 = m[5] * m[6] - m[3] * m[8];
  const double c02 = m[3] * m[7] - m[4] * m[6];
  const double determinant = m[0] * c00 + m[1] * c01 + m[2] * c02;
  return {c00 / determinant, (m[2] * m[7] - m[1] * m[8]) / determinant, (m[1] * m[5] - m[2] * m[4]) / determinant,
          c01 / determinant, (m[0] * m[8] - m[2] * m[6]) / determinant, (m[2] * m[3] - m[0] * m[5]) / determinant,
          c02 / determinant, (m[1] * m[6] - m[0] * m[7]) / determinant, (m[0] * m[4] - m[1] * m[3]) / determinant};
}

}  // namespace

std::array<double, 3> LpsFromIndex(const GridGeometry& grid, const std::array<double, 3>& index_ijk) {
  std::array<double, 3> point = grid.origin;
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t axis = 0; axis < 3; ++axis) {
      point[row] += grid.direction[row * 3 + axis] * index_ijk[axis] * grid.spacing[axis];
    }
  }
  return point;
}

std::array<double, 3> IndexFromLps(const GridGeometry& grid, const std::array<double, 3>& point_lps) {
  const std::array<double, 9> inverse = Inverse(grid.direction);
  std::array<double, 3> index{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    for (std::size_t column = 0; column < 3; ++column) {
      index[axis] += inverse[axis * 3 + column] * (point_lps[column] - grid.origin[column]);
    }
    index[axis] /= grid.spacing[axis];
  }
  return index;
}

}  // namespace dinsd
