#include "pipeline/report/slice_view.h"

#include <algorithm>
#include <cmath>

namespace dinsd {
namespace {

using Vector = std::array<double, 3>;

// Which way an axis of the view runs, in LPS.
Vector AxisInLps(const GridGeometry& grid, const AxisMap& map, std::size_t axis) {
  const double sign = map.is_reversed[axis] ? -1 : 1;
  Vector v{};
  for (std::size_t world = 0; world < 3; ++world) v[world] = sign * grid.direction[world * 3 + map.source[axis]];
  return v;
}

// The letters of the side that a direction points to.
std::string Letters(const Vector& direction, double sign) {
  constexpr std::array<std::array<char, 2>, 3> kSides = {{{'R', 'L'}, {'A', 'P'}, {'F', 'H'}}};
  constexpr double kOblique = 0.34;  // sine of 20 degrees
  std::array<std::size_t, 3> order = {0, 1, 2};
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return std::abs(direction[a]) > std::abs(direction[b]); });
  std::string letters;
  for (const std::size_t world : order) {
    const double component = sign * direction[world];
    if (letters.empty() || std::abs(component) > kOblique) letters += kSides[world][component > 0 ? 1 : 0];
  }
  return letters.substr(0, 2);
}

}  // namespace

void ViewBox::Include(std::int64_t x, std::int64_t y) {
  if (IsEmpty()) {
    *this = {x, y, x + 1, y + 1};
    return;
  }
  *this = {std::min(x0, x), std::min(y0, y), std::max(x1, x + 1), std::max(y1, y + 1)};
}

ViewBox ViewBox::Grown(std::int64_t columns, std::int64_t rows) const {
  return {x0 - columns, y0 - rows, x1 + columns, y1 + rows};
}

ViewBox ViewBox::ClippedTo(const ViewBox& other) const {
  return {std::max(x0, other.x0), std::max(y0, other.y0), std::min(x1, other.x1), std::min(y1, other.y1)};
}

SliceView::SliceView(const GridGeometry& grid)
    : map_(ChooseAxes(grid, AxisRule::kSliceAxis)), size_(map_.Size()), spacing_mm_(map_.SpacingMm()) {
  const std::array<std::int64_t, 3> step = {1, grid.size[0], grid.size[0] * grid.size[1]};
  std::array<std::int64_t, 3> stride{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const std::size_t source = map_.source[axis];
    stride[axis] = map_.is_reversed[axis] ? -step[source] : step[source];
    if (map_.is_reversed[axis]) first_ += (grid.size[source] - 1) * step[source];
  }
  stride_ = {stride[0], stride[1], stride[2]};
  normal_lps_ = AxisInLps(grid, map_, 0);
  const Vector rows = AxisInLps(grid, map_, 1), columns = AxisInLps(grid, map_, 2);
  letters_ = {Letters(columns, -1), Letters(columns, 1), Letters(rows, -1), Letters(rows, 1)};
}

std::string SliceView::PlaneName() const {
  constexpr std::array<const char*, 3> kNames = {"sagittal", "coronal", "axial"};
  std::size_t main = 0;
  for (std::size_t world = 1; world < 3; ++world) {
    if (std::abs(normal_lps_[world]) > std::abs(normal_lps_[main])) main = world;
  }
  const bool is_oblique = std::abs(normal_lps_[main]) < 0.94;  // cosine of 20 degrees
  return std::string(is_oblique ? "oblique " : "") + kNames[main];
}

}  // namespace dinsd
