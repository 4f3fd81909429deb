#include "pipeline/segment/axes.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace dinsd {
namespace {

// World axes in LPS: 0 = to the left, 1 = to the back, 2 = to the head.
constexpr std::size_t kBack = 1;
constexpr std::size_t kHead = 2;

constexpr double kCubeTolerance = 1.01;  // spacings whose ratio is below it count as equal

double Component(const GridGeometry& grid, std::size_t axis, std::size_t world) {
  return grid.direction[world * 3 + axis];
}

std::size_t DominantWorldAxis(const GridGeometry& grid, std::size_t axis) {
  std::size_t dominant = 0;
  for (std::size_t world = 1; world < 3; ++world) {
    if (std::abs(Component(grid, axis, world)) > std::abs(Component(grid, axis, dominant))) dominant = world;
  }
  return dominant;
}

bool RunsBackwards(const GridGeometry& grid, std::size_t axis, bool wants_head_last) {
  const std::size_t world = DominantWorldAxis(grid, axis);
  const bool is_negative = Component(grid, axis, world) < 0;
  return world == kHead && !wants_head_last ? !is_negative : is_negative;
}

// How much the spacing of one axis is unlike that of the two others, which for an in-plane axis is negative.
double Unlikeness(const GridGeometry& grid, std::size_t axis) {
  const double own = std::log(grid.spacing[axis]);
  const double a = std::log(grid.spacing[(axis + 1) % 3]);
  const double b = std::log(grid.spacing[(axis + 2) % 3]);
  return std::abs(own - (a + b) / 2) - std::abs(a - b);
}

// Of cubes the axis from front to back, whatever order the file has its axes in.
std::size_t SliceAxis(const GridGeometry& grid) {
  std::size_t depth = 2;
  for (const std::size_t axis : {std::size_t{1}, std::size_t{0}}) {
    const bool is_better = HasSliceAxis(grid)
                               ? Unlikeness(grid, axis) > Unlikeness(grid, depth)
                               : std::abs(Component(grid, axis, kBack)) > std::abs(Component(grid, depth, kBack));
    if (is_better) depth = axis;
  }
  return depth;
}

std::array<std::size_t, 3> SliceAxisOrder(const GridGeometry& grid) {
  const std::size_t depth = SliceAxis(grid);
  std::array<std::size_t, 2> rest{};
  std::size_t n = 0;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    if (axis != depth) rest[n++] = axis;
  }
  const auto along = [&](std::size_t axis, std::size_t world) { return std::abs(Component(grid, axis, world)); };
  const bool is_upright = std::max(along(rest[0], kHead), along(rest[1], kHead)) > 0.5;
  const std::size_t world = is_upright ? kHead : kBack;
  if (along(rest[0], world) < along(rest[1], world)) std::swap(rest[0], rest[1]);
  return {depth, rest[0], rest[1]};
}

std::array<std::size_t, 3> WorldAxisOrder(const GridGeometry& grid) {
  std::array<std::size_t, 3> order{3, 3, 3};
  for (std::size_t axis = 0; axis < 3; ++axis) order[2 - DominantWorldAxis(grid, axis)] = axis;
  if (std::find(order.begin(), order.end(), std::size_t{3}) != order.end()) {
    throw std::invalid_argument("two image axes run along the same world axis: orientation is ambiguous");
  }
  return order;
}

}  // namespace

bool HasSliceAxis(const GridGeometry& grid) {
  const auto [least, most] = std::minmax_element(grid.spacing.begin(), grid.spacing.end());
  return *most > *least * kCubeTolerance;
}

Size3 AxisMap::Size() const {
  return {size_ijk[source[0]], size_ijk[source[1]], size_ijk[source[2]]};
}

Vec3 AxisMap::SpacingMm() const {
  return {spacing_ijk[source[0]], spacing_ijk[source[1]], spacing_ijk[source[2]]};
}

Index3 AxisMap::ToArray(const std::array<std::int64_t, 3>& ijk) const {
  std::array<std::int64_t, 3> v{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const std::int64_t at = ijk[source[axis]];
    v[axis] = is_reversed[axis] ? size_ijk[source[axis]] - 1 - at : at;
  }
  return {v[0], v[1], v[2]};
}

std::array<std::int64_t, 3> AxisMap::ToGrid(const Index3& v) const {
  const std::array<std::int64_t, 3> at = {v.z, v.y, v.x};
  std::array<std::int64_t, 3> ijk{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    ijk[source[axis]] = is_reversed[axis] ? size_ijk[source[axis]] - 1 - at[axis] : at[axis];
  }
  return ijk;
}

AxisMap ChooseAxes(const GridGeometry& grid, AxisRule rule) {
  AxisMap map{rule == AxisRule::kWorldAxes ? WorldAxisOrder(grid) : SliceAxisOrder(grid), {}, grid.size, grid.spacing};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const bool wants_head_last = rule == AxisRule::kWorldAxes || axis == 0;
    map.is_reversed[axis] = RunsBackwards(grid, map.source[axis], wants_head_last);
  }
  return map;
}

template <typename T>
std::vector<T> ToArray(std::span<const T> voxels, const AxisMap& map) {
  const Size3 size = map.Size();
  std::vector<T> array(voxels.size());
  const Size3 grid{map.size_ijk[2], map.size_ijk[1], map.size_ijk[0]};
  for (std::size_t at = 0; at < voxels.size(); ++at) {
    const Index3 kji = IndexAt(grid, at);
    array[Offset(size, map.ToArray({kji.x, kji.y, kji.z}))] = voxels[at];
  }
  return array;
}

template <typename T>
std::vector<T> FromArray(std::span<const T> array, const AxisMap& map) {
  const Size3 size = map.Size();
  std::vector<T> voxels(array.size());
  const Size3 grid{map.size_ijk[2], map.size_ijk[1], map.size_ijk[0]};
  for (std::size_t at = 0; at < voxels.size(); ++at) {
    const Index3 kji = IndexAt(grid, at);
    voxels[at] = array[Offset(size, map.ToArray({kji.x, kji.y, kji.z}))];
  }
  return voxels;
}

template std::vector<float> ToArray(std::span<const float>, const AxisMap&);
template std::vector<std::uint8_t> ToArray(std::span<const std::uint8_t>, const AxisMap&);
template std::vector<std::uint16_t> ToArray(std::span<const std::uint16_t>, const AxisMap&);
template std::vector<float> FromArray(std::span<const float>, const AxisMap&);
template std::vector<std::uint8_t> FromArray(std::span<const std::uint8_t>, const AxisMap&);
template std::vector<std::uint16_t> FromArray(std::span<const std::uint16_t>, const AxisMap&);

}  // namespace dinsd
