#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "gpu/connected_components.h"
#include "gpu/voxel_types.h"

namespace dinsd {

/// 1 where exactly one of two masks (nonzero = inside) has the voxel. Throws std::invalid_argument on unequal lengths.
[[nodiscard]] std::vector<std::uint8_t> SymmetricDifference(std::span<const std::uint8_t> a,
                                                            std::span<const std::uint8_t> b);

/// Mean index of the voxels of `labels` that equal `label`, axis order z y x. Throws std::invalid_argument if there is
/// none.
[[nodiscard]] Vec3 Centroid(std::span<const std::int32_t> labels, const Size3& size, std::int32_t label);

/// The voxels of a mask and all that touch them.
[[nodiscard]] std::vector<std::uint8_t> Dilate(std::span<const std::uint8_t> mask, const Size3& size,
                                               Connectivity connectivity);

/// The voxels of a mask all of whose neighbours are in it too; outside the grid nothing is in the mask.
[[nodiscard]] std::vector<std::uint8_t> Erode(std::span<const std::uint8_t> mask, const Size3& size,
                                              Connectivity connectivity);

/// Smallest box that holds all nonzero voxels: [begin, end) per axis; nothing for an empty mask.
struct IndexBox {
  Index3 begin;
  Index3 end;

  friend bool operator==(const IndexBox&, const IndexBox&) = default;
};
[[nodiscard]] std::optional<IndexBox> BoundingBox(std::span<const std::uint8_t> mask, const Size3& size);

/// The offsets of the neighbours of a voxel.
[[nodiscard]] std::vector<Index3> NeighbourOffsets(Connectivity connectivity);

}  // namespace dinsd
