#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/segmenter.h"

namespace dinsd {

/// Which tumour a click belongs to, as far as clicks and a map tell.
///
/// A tumour is a 26-connected part of the map (probability above 0.5) that holds positive clicks. A positive click
/// outside of all such parts belongs to the tumour of the nearest one inside; where none is inside, all belong to one
/// tumour without a volume. Any other voxel belongs to the tumour of the nearest positive click (mm between voxel
/// centres; of equally near ones the first).
class ClickLesions {
 public:
  /// `clicks` on the map's grid, whose voxels are `voxel_mm` long (z y x).
  ClickLesions(std::span<const PlacedClick> clicks, const Vec3& voxel_mm, const ProbabilityMap& map);

  /// Number of the voxel's tumour, from 0; 0 where there is no positive click.
  [[nodiscard]] std::int32_t Of(const Index3& voxel) const;

  /// Volume of a tumour as the map has it, mm^3.
  [[nodiscard]] double VolumeMm3(std::int32_t lesion) const { return volumes_.at(static_cast<std::size_t>(lesion)); }

  [[nodiscard]] std::int32_t Count() const { return static_cast<std::int32_t>(volumes_.size()); }

 private:
  struct Mark {
    Index3 voxel;
    std::int32_t lesion;
  };
  [[nodiscard]] double SquaredMm(const Index3& a, const Index3& b) const;
  [[nodiscard]] std::int32_t OfNearest(std::span<const Mark> marks, const Index3& voxel) const;

  Vec3 voxel_mm_;
  std::vector<Mark> marks_;  // positive clicks
  std::vector<double> volumes_;
};

/// The voxel of a grid that is nearest to a place on it.
[[nodiscard]] Index3 NearestVoxel(const Vec3& at, const Size3& size);

}  // namespace dinsd
