#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "pipeline/prompt/prompts.h"
#include "pipeline/prompt/resolve.h"
#include "pipeline/read/volume.h"

namespace dinsd {

/// A point of prompts on a grid.
struct PlacedPoint {
  std::array<std::int64_t, 3> ijk{};  // the voxel that holds it
  double moved_mm = 0;                // from the point to the voxel's centre
};

/// The way from the coordinates of a prompts file to the voxels of one grid. Throws the InputErrors of ResolvePrompts
/// with the given JSON pointer.
class PromptGrid {
 public:
  PromptGrid(const GridGeometry& grid, PromptSpace space, std::string file);

  [[nodiscard]] PlacedPoint Place(const std::array<double, 3>& p, const std::string& pointer) const;

  /// `is_cut` tells whether a part of the box lay outside the grid.
  [[nodiscard]] VoxelBox Place(const PromptBox& box, const std::string& pointer, bool& is_cut) const;

  struct Range {
    std::array<double, 3> begin, end;  // whole voxels, half-open
  };

  /// The continuous index of a point, wherever it lies.
  [[nodiscard]] std::array<double, 3> Index(const std::array<double, 3>& p) const;

  /// The voxels that a box touches, wherever they lie.
  [[nodiscard]] Range VoxelRange(const PromptBox& box) const;

  /// Whether a point lies within the outermost voxels' edges.
  [[nodiscard]] bool Holds(const std::array<double, 3>& p) const;

 private:
  [[noreturn]] void RefuseOutside(const std::string& pointer, const std::string& sentence) const;

  GridGeometry grid_;
  PromptSpace space_;
  std::string file_;
};

/// Throws PROMPT_GRID_MISMATCH where the grid that a file states is not `grid`: sizes exactly, all else within 1e-3.
void CheckStatedGrid(const GridGeometry& stated, const GridGeometry& grid, const std::string& file);

}  // namespace dinsd
