#include "pipeline/prompt/prompt_grid.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "pipeline/prompt/prompt_words.h"
#include "pipeline/read/input_error.h"

namespace dinsd {
namespace {

constexpr double kGridTolerance = 1e-3;

std::string Text(const std::array<double, 3>& p) {
  std::array<char, 128> text{};
  std::snprintf(text.data(), text.size(), "(%.6g, %.6g, %.6g)", p[0] + 0.0, p[1] + 0.0, p[2] + 0.0);  // no -0
  return text.data();
}

std::string SizeText(const std::array<std::int64_t, 3>& size) {
  return std::to_string(size[0]) + "x" + std::to_string(size[1]) + "x" + std::to_string(size[2]);
}

template <std::size_t kCount>
void CheckNear(const std::array<double, kCount>& stated, const std::array<double, kCount>& actual, const char* name,
               const std::string& file) {
  for (std::size_t i = 0; i < kCount; ++i) {
    if (std::abs(stated[i] - actual[i]) <= kGridTolerance) continue;
    throw InputError("PROMPT_GRID_MISMATCH", file, std::string("/image/grid/") + name + "/" + std::to_string(i),
                     "is " + std::to_string(stated[i]) + ", the image has " + std::to_string(actual[i]),
                     InputVerdict::kNeedsPrompts);
  }
}

}  // namespace

PromptGrid::PromptGrid(const GridGeometry& grid, PromptSpace space, std::string file)
    : grid_(grid), space_(space), file_(std::move(file)) {}

std::array<double, 3> PromptGrid::Index(const std::array<double, 3>& p) const {
  if (space_ == PromptSpace::kVoxelIjk) return p;
  const double sign = space_ == PromptSpace::kRasMm ? -1 : 1;
  return IndexFromLps(grid_, {sign * p[0], sign * p[1], p[2]});
}

bool PromptGrid::Holds(const std::array<double, 3>& p) const {
  const std::array<double, 3> index = Index(p);
  for (std::size_t axis = 0; axis < 3; ++axis) {
    if (!(index[axis] >= -0.5 && index[axis] <= static_cast<double>(grid_.size[axis]) - 0.5)) return false;
  }
  return true;
}

void PromptGrid::RefuseOutside(const std::string& pointer, const std::string& sentence) const {
  throw InputError("PROMPT_OUTSIDE", file_, pointer, sentence, InputVerdict::kNeedsPrompts);
}

PlacedPoint PromptGrid::Place(const std::array<double, 3>& p, const std::string& pointer) const {
  const std::array<double, 3> index = Index(p);
  PlacedPoint placed;
  double squared = 0;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const auto size = static_cast<double>(grid_.size[axis]);
    if (!(index[axis] >= -0.5 && index[axis] <= size - 0.5)) {
      RefuseOutside(pointer, ToWord(kSpaceWords, space_) + " " + Text(p) + " is at voxel " + Text(index) +
                                 ", the grid has " + SizeText(grid_.size));
    }
    const double voxel = std::min(std::floor(index[axis] + 0.5), size - 1);
    placed.ijk[axis] = static_cast<std::int64_t>(voxel);
    squared += std::pow((index[axis] - voxel) * grid_.spacing[axis], 2);
  }
  placed.moved_mm = std::sqrt(squared);
  return placed;
}

PromptGrid::Range PromptGrid::VoxelRange(const PromptBox& box) const {
  Range range{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    range.begin[axis] = std::ceil(box.min[axis]);
    range.end[axis] = std::ceil(box.max[axis]);
  }
  if (space_ == PromptSpace::kVoxelIjk) return range;
  for (unsigned corner = 0; corner < 8; ++corner) {
    std::array<double, 3> point{};
    for (unsigned axis = 0; axis < 3; ++axis) point[axis] = (corner >> axis & 1U) != 0 ? box.max[axis] : box.min[axis];
    const std::array<double, 3> index = Index(point);
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const double voxel = std::floor(index[axis] + 0.5);
      range.begin[axis] = corner == 0 ? voxel : std::min(range.begin[axis], voxel);
      range.end[axis] = corner == 0 ? voxel + 1 : std::max(range.end[axis], voxel + 1);
    }
  }
  return range;
}

VoxelBox PromptGrid::Place(const PromptBox& box, const std::string& pointer, bool& is_cut) const {
  for (std::size_t axis = 0; axis < 3; ++axis) {
    if (!(box.min[axis] <= box.max[axis])) {
      RefuseOutside(pointer, "its min " + Text(box.min) + " is above its max " + Text(box.max));
    }
  }
  const Range range = VoxelRange(box);
  VoxelBox placed;
  is_cut = false;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const auto size = static_cast<double>(grid_.size[axis]);
    const double begin = std::max(range.begin[axis], 0.0), end = std::min(range.end[axis], size);
    if (!(begin < end)) {
      RefuseOutside(pointer, "its voxels i, j, k " + Text(range.begin) + " to " + Text(range.end) +
                                 " hold none of the grid's " + SizeText(grid_.size));
    }
    is_cut = is_cut || begin != range.begin[axis] || end != range.end[axis];
    placed.begin[axis] = static_cast<std::int64_t>(begin);
    placed.end[axis] = static_cast<std::int64_t>(end);
  }
  return placed;
}

void CheckStatedGrid(const GridGeometry& stated, const GridGeometry& grid, const std::string& file) {
  if (stated.size != grid.size) {
    throw InputError("PROMPT_GRID_MISMATCH", file, "/image/grid/size",
                     "is " + SizeText(stated.size) + ", the image has " + SizeText(grid.size),
                     InputVerdict::kNeedsPrompts);
  }
  CheckNear(stated.spacing, grid.spacing, "spacing", file);
  CheckNear(stated.origin, grid.origin, "origin", file);
  CheckNear(stated.direction, grid.direction, "direction", file);
}

}  // namespace dinsd
