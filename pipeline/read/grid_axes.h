#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "pipeline/read/read_options.h"
#include "pipeline/read/volume.h"

namespace dinsd {

/// Where an image file says that its voxels are: the step from one voxel to the next along i, j and k, and the centre
/// of voxel (0, 0, 0), in LPS mm.
struct GridAxes {
  std::array<std::array<double, 3>, 3> step{};
  std::array<double, 3> origin{};

  [[nodiscard]] double Length(std::size_t axis) const;
};

/// The grid of these axes. Throws InputError with `sheared_code` unless they stand at right angles within 0.1 degree
/// and have a length.
[[nodiscard]] GridGeometry GridOf(const GridAxes& axes, const std::array<std::int64_t, 3>& size,
                                  const std::string& file, const char* sheared_code);

/// Throws LIMIT_EXCEEDED, which names `file` and `field`, when sizes (each at least 1) make more voxels than allowed.
void CheckVoxelCount(const std::array<std::int64_t, 3>& size, const std::string& file, const char* field,
                     const ReadLimits& limits);

}  // namespace dinsd
