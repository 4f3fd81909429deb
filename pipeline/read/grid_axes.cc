#include "pipeline/read/grid_axes.h"

#include <cmath>

#include "pipeline/read/input_error.h"

namespace dinsd {
namespace {

const double kShearCosine = std::sin(0.1 * M_PI / 180);  // cosine of 90 degrees less 0.1

double Dot(const std::array<double, 3>& a, const std::array<double, 3>& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

}  // namespace

double GridAxes::Length(std::size_t axis) const {
  return std::sqrt(Dot(step[axis], step[axis]));
}

GridGeometry GridOf(const GridAxes& axes, const std::array<std::int64_t, 3>& size, const std::string& file,
                    const char* sheared_code) {
  GridGeometry grid{.size = size, .origin = axes.origin};
  for (std::size_t a = 0; a < 3; ++a) {
    const std::size_t b = (a + 1) % 3;
    grid.spacing[a] = axes.Length(a);
    if (!(std::abs(Dot(axes.step[a], axes.step[b])) <= kShearCosine * axes.Length(a) * axes.Length(b)) ||
        !(grid.spacing[a] > 0) || !std::isfinite(grid.spacing[a])) {
      throw InputError(sheared_code, file, "orientation",
                       "axes " + std::to_string(a + 1) + " and " + std::to_string(b + 1) + " are not at right angles");
    }
    for (std::size_t row = 0; row < 3; ++row) grid.direction[row * 3 + a] = axes.step[a][row] / grid.spacing[a];
  }
  return grid;
}

void CheckVoxelCount(const std::array<std::int64_t, 3>& size, const std::string& file, const char* field,
                     const ReadLimits& limits) {
  std::uint64_t room = limits.max_voxels;
  for (const std::int64_t n : size) room /= static_cast<std::uint64_t>(n);
  if (room > 0) return;
  throw InputError("LIMIT_EXCEEDED", file, field,
                   std::to_string(size[0]) + "x" + std::to_string(size[1]) + "x" + std::to_string(size[2]) +
                       " voxels, " + std::to_string(limits.max_voxels) + " allowed");
}

}  // namespace dinsd
