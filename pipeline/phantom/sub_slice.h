#pragma once

#include <vector>

#include "pipeline/phantom/anatomy.h"
#include "pipeline/phantom/lesion.h"
#include "pipeline/phantom/warp.h"
#include "pipeline/read/volume.h"

namespace dinsd {

/// How much of each voxel in a box of the grid a tumour fills, 0 to 1.
struct LesionShare {
  std::array<std::int64_t, 3> low{0, 0, 0};   // i, j, k
  std::array<std::int64_t, 3> size{0, 0, 0};  // 0 when the tumour lies outside the grid
  std::vector<float> share;                   // i fastest

  LesionShare(const GridGeometry& grid, const BodyBox& box);
  float& At(std::int64_t i, std::int64_t j, std::int64_t k) {
    return share[static_cast<std::size_t>(((k - low[2]) * size[1] + j - low[1]) * size[0] + i - low[0])];
  }
};

/// A paint with the place in the scanner where it may show.
struct PlacedPaint {
  Paint paint;
  BodyBox box;
};

/// One infinitely thin coronal slice, painted pixel by pixel; several make a slice with partial volume. Edges are
/// smoothed over a pixel. The grid is coronal: i along +x, j along -z, k along +y.
class SubSlice {
 public:
  SubSlice(const GridGeometry& grid, const Warp& warp, const NoiseTile& noise);

  /// Empty air at scanner position y.
  void Begin(float y);
  void Lay(const PlacedPaint& placed);
  /// Also adds 1 / `sub_slices` of the tumour's cover to its share of slice k.
  void Lay(const LesionShape& lesion, std::int64_t k, int sub_slices, LesionShare& share);

  /// Signals, i fastest, then j.
  [[nodiscard]] const std::vector<float>& signal() const { return signal_; }

 private:
  struct Range {
    std::int64_t i_low, i_high, j_low, j_high;  // half-open
  };
  [[nodiscard]] Range RangeOf(const BodyBox& box) const;
  [[nodiscard]] std::size_t PixelAt(std::int64_t i, std::int64_t j) const {
    return static_cast<std::size_t>(j * grid_.size[0] + i);
  }
  [[nodiscard]] BodyPoint ScannerAt(std::int64_t i, std::int64_t j) const;

  GridGeometry grid_;
  const Warp& warp_;
  const NoiseTile& noise_;
  float pixel_mm_;
  float y_ = 0;
  std::vector<BodyPoint> body_;
  std::vector<float> signal_;
};

}  // namespace dinsd
