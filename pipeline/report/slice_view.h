#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "pipeline/segment/axes.h"

namespace dinsd {

/// Part of a slice, half-open, in columns (x) and rows (y) of a SliceView.
struct ViewBox {
  std::int64_t x0 = 0, y0 = 0, x1 = 0, y1 = 0;

  [[nodiscard]] bool IsEmpty() const { return x1 <= x0 || y1 <= y0; }
  [[nodiscard]] std::int64_t Width() const { return x1 - x0; }
  [[nodiscard]] std::int64_t Height() const { return y1 - y0; }
  /// Makes room for pixel (x, y).
  void Include(std::int64_t x, std::int64_t y);
  /// Grown by so many pixels on each side.
  [[nodiscard]] ViewBox Grown(std::int64_t columns, std::int64_t rows) const;
  [[nodiscard]] ViewBox ClippedTo(const ViewBox& other) const;
};

/// The letters at the edges of a picture: the patient's right (R), left (L), anterior (A), posterior (P), head (H) or
/// feet (F); two of them, the stronger first, where the plane is oblique.
struct EdgeLetters {
  std::string left, right, top, bottom;
};

/// A series grid as a reader expects to see its slices: head or anterior up, the patient's left on the picture's right
/// (sagittal: anterior on the left), whatever the order of the axes in the file. z counts slices, y rows from the top,
/// x columns from the left.
class SliceView {
 public:
  explicit SliceView(const GridGeometry& grid);

  [[nodiscard]] const Size3& size() const { return size_; }
  [[nodiscard]] const Vec3& spacing_mm() const { return spacing_mm_; }
  [[nodiscard]] const EdgeLetters& letters() const { return letters_; }
  [[nodiscard]] ViewBox All() const { return {0, 0, size_.x, size_.y}; }
  /// Where voxel (z, y, x) of the view lies in the volume's memory.
  [[nodiscard]] std::size_t Offset(std::int64_t z, std::int64_t y, std::int64_t x) const {
    return static_cast<std::size_t>(first_ + z * stride_.z + y * stride_.y + x * stride_.x);
  }
  /// The view's index of a voxel of the grid.
  [[nodiscard]] Index3 FromGrid(const std::array<std::int64_t, 3>& ijk) const { return map_.ToArray(ijk); }
  /// Number of a slice for people: its index along the file's axis, from 1.
  [[nodiscard]] std::int64_t SliceNumber(std::int64_t z) const {
    return (map_.is_reversed[0] ? size_.z - 1 - z : z) + 1;
  }
  /// "coronal", "axial" or "sagittal", with "oblique" in front where the slices are tilted by more than 20 degrees.
  [[nodiscard]] std::string PlaneName() const;

 private:
  AxisMap map_;
  Size3 size_;
  Vec3 spacing_mm_;
  std::int64_t first_ = 0;
  Size3 stride_;  // in memory, of one step along each axis of the view; negative where the axis is reversed
  EdgeLetters letters_;
  std::array<double, 3> normal_lps_{};
};

}  // namespace dinsd
