#pragma once

#include <array>
#include <cstdint>

#include "gpu/mask_ops.h"
#include "model/model_manifest.h"
#include "model/network_grid.h"
#include "pipeline/segment/array_prompts.h"

namespace dinsd {

/// Sides of a window, z y x: what happens at its begin and at its end.
struct WindowSides {
  std::array<bool, 3> at_begin{};
  std::array<bool, 3> at_end{};

  [[nodiscard]] bool Any() const;
};

/// Which windows of a study the network may see one at a time.
///
/// For weights with a spacing of their own (GridRule::kSpacing) windows are cut out of the network grid, at least as
/// large as the crops that training saw (the whole depth where it is not larger), depth even, rows and columns
/// multiples of 16. For imported checkpoints (kFixedSize) they are cut out of the array and are at least 6 x 128 x 128,
/// as in the published box mode (model/box_mode.h).
class WindowRule {
 public:
  WindowRule(const ModelManifest& manifest, const NetworkGrid& grid);

  /// Of the grid that windows are cut out of: the network grid or the array.
  [[nodiscard]] const Size3& size() const { return size_; }
  [[nodiscard]] bool IsOnNetworkGrid() const { return is_on_network_grid_; }

  /// Where an array voxel lies on that grid, to the nearest voxel; and a box, enclosed.
  [[nodiscard]] Index3 Locate(const Index3& array_voxel) const;
  [[nodiscard]] IndexBox Locate(const IndexBox& array_box) const;

  /// The first window of a lesion: round its box or clicks, grown by equal parts, moved inside the grid.
  [[nodiscard]] IndexBox Around(const ArrayLesion& lesion) const;

  /// A window grown by half of its length at each of the named sides, as far as the grid goes.
  [[nodiscard]] IndexBox Grown(const IndexBox& window, const WindowSides& sides) const;

  /// Sides of `window`, other than the grid's own, at which a mask of its size has a voxel of the 26-connected parts
  /// that hold one of `voxels` (on the grid).
  [[nodiscard]] WindowSides SidesReached(const IndexBox& window, std::span<const std::uint8_t> mask,
                                         std::span<const Index3> voxels) const;

  /// Voxels of the network grid that one pass over a window takes.
  [[nodiscard]] std::int64_t PassVoxels(const IndexBox& window) const;

 private:
  [[nodiscard]] IndexBox Legal(const IndexBox& window) const;

  bool is_on_network_grid_;
  Size3 array_;  // with depth made even
  Size3 size_;
  Size3 smallest_;
  Size3 step_;
};

}  // namespace dinsd
