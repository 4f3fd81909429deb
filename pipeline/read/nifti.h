#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "pipeline/read/read_options.h"
#include "pipeline/read/volume.h"

namespace dinsd {

/// Reads the bytes of a .nii or .nii.gz file (told by their content) into a volume in LPS, voxels scaled by scl_slope
/// and scl_inter. What is inflated is bounded by what the header promises (voxels x bytes + 64 kB). Throws InputError
/// that names `file`: all of ParseNiftiHeader's, NIFTI_TRUNCATED (fewer bytes than promised, or broken compression),
/// LIMIT_EXCEEDED (more bytes than promised or allowed: voxels that no header tells of may be another image), and
/// NIFTI_NOT_FINITE (a voxel that is no number).
[[nodiscard]] Volume ReadNifti(std::span<const std::byte> bytes, const std::string& file,
                               const ReadLimits& limits = {});

/// The grid of such a file, once its voxels were counted: they are inflated, but neither kept nor decoded. Throws
/// InputError as ReadNifti, but for NIFTI_NOT_FINITE.
[[nodiscard]] GridGeometry ReadNiftiGrid(std::span<const std::byte> bytes, const std::string& file,
                                         const ReadLimits& limits = {});

}  // namespace dinsd
