#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>

namespace dinsd {

/// Number of voxels along each axis of a dense array; axis order z (slices), y (rows), x (columns), x fastest in
/// memory.
struct Size3 {
  std::int64_t z = 0;
  std::int64_t y = 0;
  std::int64_t x = 0;

  [[nodiscard]] std::size_t VoxelCount() const { return static_cast<std::size_t>(z * y * x); }
  friend bool operator==(const Size3&, const Size3&) = default;
};

/// Integer voxel index, an integer being a voxel centre; axis order z, y, x.
struct Index3 {
  std::int64_t z = 0;
  std::int64_t y = 0;
  std::int64_t x = 0;

  friend bool operator==(const Index3&, const Index3&) = default;
  friend auto operator<=>(const Index3&, const Index3&) = default;
};

/// Spacing in mm, sigma in voxels, or a continuous index; axis order z, y, x.
struct Vec3 {
  double z = 0;
  double y = 0;
  double x = 0;

  friend bool operator==(const Vec3&, const Vec3&) = default;
};

[[nodiscard]] inline bool Contains(const Size3& size, const Index3& v) {
  return v.z >= 0 && v.y >= 0 && v.x >= 0 && v.z < size.z && v.y < size.y && v.x < size.x;
}

/// Position of `v` in a dense array of `size`.
[[nodiscard]] inline std::size_t Offset(const Size3& size, const Index3& v) {
  return static_cast<std::size_t>((v.z * size.y + v.y) * size.x + v.x);
}

/// Voxel index at position `offset` of a dense array of `size`.
[[nodiscard]] inline Index3 IndexAt(const Size3& size, std::size_t offset) {
  const auto o = static_cast<std::int64_t>(offset);
  return {o / (size.x * size.y), o / size.x % size.y, o % size.x};
}

/// What a click says about its voxel. The network sees one guide map per polarity, positive (foreground) first.
enum class Polarity { kPositive, kNegative };

/// One click on a grid that the context names.
struct Click {
  Index3 voxel;
  Polarity polarity = Polarity::kPositive;

  friend bool operator==(const Click&, const Click&) = default;
};

}  // namespace dinsd
