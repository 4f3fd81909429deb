#include "pipeline/read/same_grid.h"

#include <cmath>

namespace dinsd {
namespace {

bool IsNear(const std::array<double, 3>& p, const std::array<double, 3>& q, double tolerance_mm) {
  for (std::size_t axis = 0; axis < 3; ++axis) {
    if (!(std::abs(p[axis] - q[axis]) <= tolerance_mm)) return false;
  }
  return true;
}

}  // namespace

bool IsSameGrid(const GridGeometry& a, const GridGeometry& b, double tolerance_mm) {
  if (a.size != b.size) return false;
  for (unsigned corner = 0; corner < 8; ++corner) {
    std::array<double, 3> ijk{};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      if ((corner >> axis & 1U) != 0) ijk[axis] = static_cast<double>(a.size[axis] - 1);
    }
    if (!IsNear(LpsFromIndex(a, ijk), LpsFromIndex(b, ijk), tolerance_mm)) return false;
  }
  return true;
}

}  // namespace dinsd
