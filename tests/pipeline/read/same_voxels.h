#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>
#include <vector>

#include "pipeline/read/lattice.h"
#include "pipeline/read/volume_file.h"

namespace dinsd {

/// How two volumes agree that hold the same voxels in another order of axes and directions.
struct VoxelAgreement {
  double farthest_mm = 0;     // between the places that the two give to a corner voxel
  double largest_change = 0;  // between the values of a voxel
};

/// Compares the mapping from voxel to patient, and every value; nothing where the grids are not the same voxels.
inline std::optional<VoxelAgreement> Compare(const Volume& ours, const Volume& theirs) {
  if (ours.voxels.size() != theirs.voxels.size()) return std::nullopt;
  const auto place = PlaceOnGrid(LatticeOf(ours.grid), theirs.grid);
  if (!place) return std::nullopt;
  const auto index = [&](std::int64_t i, std::int64_t j, std::int64_t k) {
    std::array<std::int64_t, 3> at = place->base;
    for (std::size_t axis = 0; axis < 3; ++axis)
      at[axis] += i * place->step[0][axis] + j * place->step[1][axis] + k * place->step[2][axis];
    return at;
  };
  const auto point = [](const GridGeometry& grid, std::array<std::int64_t, 3> at) {
    return LpsFromIndex(grid, {static_cast<double>(at[0]), static_cast<double>(at[1]), static_cast<double>(at[2])});
  };
  VoxelAgreement agreement;
  const auto& size = ours.grid.size;
  for (int corner = 0; corner < 8; ++corner) {
    const std::array<std::int64_t, 3> at = {corner & 1 ? size[0] - 1 : 0, corner & 2 ? size[1] - 1 : 0,
                                            corner & 4 ? size[2] - 1 : 0};
    const auto here = point(ours.grid, at), there = point(theirs.grid, index(at[0], at[1], at[2]));
    agreement.farthest_mm =
        std::max(agreement.farthest_mm, std::hypot(here[0] - there[0], here[1] - there[1], here[2] - there[2]));
  }
  std::size_t n = 0;
  for (std::int64_t k = 0; k < size[2]; ++k) {
    for (std::int64_t j = 0; j < size[1]; ++j) {
      for (std::int64_t i = 0; i < size[0]; ++i, ++n) {
        const auto at = index(i, j, k);
        const auto offset =
            static_cast<std::size_t>((at[2] * theirs.grid.size[1] + at[1]) * theirs.grid.size[0] + at[0]);
        const double change = std::abs(static_cast<double>(ours.voxels[n]) - theirs.voxels.at(offset));
        agreement.largest_change = std::max(agreement.largest_change, change);
      }
    }
  }
  return agreement;
}

/// How many volumes an uncompressed NIfTI of little endian holds.
inline std::size_t VolumesIn(std::span<const std::byte> nifti) {
  std::int16_t dimensions = 0, volumes = 0;
  std::memcpy(&dimensions, nifti.data() + 40, 2);
  std::memcpy(&volumes, nifti.data() + 48, 2);
  return dimensions < 4 ? 1 : static_cast<std::size_t>(volumes);
}

/// Volume `t` of such a file alone, as our reader of NIfTI gives it.
inline Volume VolumeOf(std::span<const std::byte> nifti, std::size_t t) {
  constexpr std::size_t kData = 352;  // as dcm2niix writes it: no extensions
  const std::size_t bytes = (nifti.size() - kData) / VolumesIn(nifti);
  std::vector<std::byte> one(nifti.begin(), nifti.begin() + kData);
  const auto from = nifti.begin() + static_cast<std::ptrdiff_t>(kData + t * bytes);
  one.insert(one.end(), from, from + static_cast<std::ptrdiff_t>(bytes));
  const std::int16_t three = 3, single = 1;
  std::memcpy(one.data() + 40, &three, 2);
  std::memcpy(one.data() + 48, &single, 2);
  return ReadVolume(one, "volume.nii");
}

}  // namespace dinsd
