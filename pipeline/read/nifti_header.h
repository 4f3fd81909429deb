#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "pipeline/read/read_options.h"
#include "pipeline/read/volume.h"
#include "pipeline/read/voxel_data.h"

namespace dinsd {

/// What a NIfTI-1 header says once every check has passed.
struct NiftiHeader {
  GridGeometry grid;  // LPS
  VoxelEncoding encoding;
  std::size_t voxel_offset = 352;

  /// The bytes of the file, with extensions before the voxels.
  [[nodiscard]] std::size_t PromisedBytes() const {
    return voxel_offset + grid.SizeZyx().VoxelCount() * BytesOf(encoding.type);
  }
};

inline constexpr std::size_t kNiftiHeaderBytes = 348;

/// Parses and checks the first 348 bytes of a single-file NIfTI-1 image (nifti1.h, 2003; RAS becomes LPS here and
/// nowhere else). Throws InputError that names `file` and the field: NIFTI_HEADER (not NIfTI-1, dimensions, type or
/// offset unusable), NIFTI_NO_CODE (neither sform nor qform), NIFTI_SFORM_QFORM (both, more than 0.1 mm apart at a
/// corner), NIFTI_SHEARED (axes not at right angles within 0.1 degree), NIFTI_PIXDIM (pixdim and the axes' lengths more
/// than 1e-3 apart), NIFTI_UNITS (a space unit other than mm), LIMIT_EXCEEDED.
[[nodiscard]] NiftiHeader ParseNiftiHeader(std::span<const std::byte> bytes, const std::string& file,
                                           const ReadLimits& limits);

}  // namespace dinsd
