#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "pipeline/read/read_options.h"
#include "pipeline/read/volume.h"

namespace dinsd {

/// Element types of NIfTI-1 that are read, with their codes.
enum class NiftiType : std::int16_t {
  kUint8 = 2,
  kInt16 = 4,
  kInt32 = 8,
  kFloat32 = 16,
  kFloat64 = 64,
  kInt8 = 256,
  kUint16 = 512,
  kUint32 = 768,
  kInt64 = 1024,
  kUint64 = 1280
};

/// What a NIfTI-1 header says once every check has passed.
struct NiftiHeader {
  GridGeometry grid;  // LPS
  NiftiType type = NiftiType::kFloat32;
  std::size_t element_bytes = 4;
  std::size_t voxel_offset = 352;
  bool is_swapped = false;  // the file has the other byte order
  double slope = 1;
  double intercept = 0;
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
