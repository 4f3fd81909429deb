#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "pipeline/read/volume.h"

namespace dinsd {

enum class VoxelType { kInt8, kUint8, kInt16, kUint16, kInt32, kUint32, kInt64, kUint64, kFloat32, kFloat64 };

[[nodiscard]] std::size_t BytesOf(VoxelType type);

/// How the voxels of a file are written.
struct VoxelEncoding {
  VoxelType type = VoxelType::kFloat32;
  bool is_swapped = false;  // not in this machine's byte order
  bool is_compressed = false;
  double slope = 1;
  double intercept = 0;
};

/// The names of what can be wrong with voxels.
struct VoxelErrors {
  const char* truncated;   // fewer bytes than promised, or broken compression
  const char* not_finite;  // a voxel that is no number
};

/// The first `count` voxels of `data` (at least count * BytesOf(type) bytes), scaled.
[[nodiscard]] std::vector<float> DecodeVoxels(std::span<const std::byte> data, const VoxelEncoding& encoding,
                                              std::size_t count);

/// Throws `code` if a voxel is not finite.
void CheckFinite(std::span<const float> voxels, const std::string& file, const char* code);

/// The volume whose voxels `data` holds, compressed (gzip or zlib) or not, and nothing else: LIMIT_EXCEEDED where there
/// are more bytes than the header promises. What is inflated is bounded by the promised bytes + 64 kB.
[[nodiscard]] Volume ReadVoxelData(std::span<const std::byte> data, const GridGeometry& grid,
                                   const VoxelEncoding& encoding, const std::string& file, const VoxelErrors& errors);

/// Throws as ReadVoxelData where there are too few or too many bytes, or their compression is broken; nothing is kept
/// or decoded.
void CheckVoxelData(std::span<const std::byte> data, const GridGeometry& grid, const VoxelEncoding& encoding,
                    const std::string& file, const VoxelErrors& errors);

}  // namespace dinsd
