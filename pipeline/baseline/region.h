#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "gpu/mask_ops.h"
#include "gpu/voxel_types.h"
#include "pipeline/baseline/baseline_options.h"

namespace dinsd {

/// A part of an image on which a baseline works: `merge` by `merge` voxels of a slice are one voxel here, their mean.
/// Arrays are dense, axis order z, y, x.
struct Region {
  IndexBox box;  // on the image
  std::int64_t merge = 1;
  Size3 size;
  Vec3 spacing_mm;
  std::vector<double> image;  // (value - mean) / sd of the region; 0 where it has one value only

  [[nodiscard]] bool Holds(const Index3& image_voxel) const;
  /// The region's voxel that holds a voxel of the image inside the box.
  [[nodiscard]] Index3 FromImage(const Index3& image_voxel) const;
  /// Adds a mask of the region to one of the image (1 = inside).
  void Paste(std::span<const std::uint8_t> mask, const Size3& image_size, std::span<std::uint8_t> into) const;
};

/// Cuts `box` out of an image (`spacing_mm` z y x). Voxels are merged while they stay no longer than the slices are
/// apart and than merged_mm, then until there are at most most_voxels.
[[nodiscard]] Region CutRegion(std::span<const float> image, const Size3& size, const Vec3& spacing_mm,
                               const IndexBox& box, const RegionOptions& options);

/// The bounding boxes of a truth's pieces (26 neighbours), each grown by `margin_mm` (at least one voxel) inside the
/// image, in the raster order of the pieces. They may overlap.
[[nodiscard]] std::vector<IndexBox> BoxesAround(std::span<const std::uint8_t> truth, const Size3& size,
                                                const Vec3& spacing_mm, double margin_mm);

}  // namespace dinsd
