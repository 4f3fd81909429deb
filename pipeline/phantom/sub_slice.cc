#include "pipeline/phantom/sub_slice.h"

#include <algorithm>
#include <cmath>

namespace dinsd {
namespace {

float Cover(float distance, float edge_mm) {
  return std::clamp(0.5F - distance / edge_mm, 0.0F, 1.0F);
}

// First index at or after a position, and one past the last at or before another, cut to the grid.
std::pair<std::int64_t, std::int64_t> Span(double low, double high, std::int64_t size) {
  const auto first = std::clamp(static_cast<std::int64_t>(std::ceil(low)), std::int64_t{0}, size);
  const auto end = std::clamp(static_cast<std::int64_t>(std::floor(high)) + 1, first, size);
  return {first, end};
}

}  // namespace

LesionShare::LesionShare(const GridGeometry& grid, const BodyBox& box) {
  const auto [i_low, i_end] = Span((box.low.x - grid.origin[0]) / grid.spacing[0],
                                   (box.high.x - grid.origin[0]) / grid.spacing[0], grid.size[0]);
  const auto [j_low, j_end] = Span((grid.origin[2] - box.high.z) / grid.spacing[1],
                                   (grid.origin[2] - box.low.z) / grid.spacing[1], grid.size[1]);
  const auto [k_low, k_end] = Span((box.low.y - grid.origin[1]) / grid.spacing[2] - 0.5,
                                   (box.high.y - grid.origin[1]) / grid.spacing[2] + 0.5, grid.size[2]);
  low = {i_low, j_low, k_low};
  size = {i_end - i_low, j_end - j_low, k_end - k_low};
  share.assign(static_cast<std::size_t>(size[0] * size[1] * size[2]), 0);
}

SubSlice::SubSlice(const GridGeometry& grid, const Warp& warp, const NoiseTile& noise)
    : grid_(grid),
      warp_(warp),
      noise_(noise),
      pixel_mm_(static_cast<float>(grid.spacing[0])),
      body_(static_cast<std::size_t>(grid.size[0] * grid.size[1])),
      signal_(body_.size()) {}

BodyPoint SubSlice::ScannerAt(std::int64_t i, std::int64_t j) const {
  return {static_cast<float>(grid_.origin[0] + static_cast<double>(i) * grid_.spacing[0]), y_,
          static_cast<float>(grid_.origin[2] - static_cast<double>(j) * grid_.spacing[1])};
}

void SubSlice::Begin(float y) {
  y_ = y;
  for (std::int64_t j = 0; j < grid_.size[1]; ++j) {
    for (std::int64_t i = 0; i < grid_.size[0]; ++i) body_[PixelAt(i, j)] = warp_.ToBody(ScannerAt(i, j));
  }
  std::fill(signal_.begin(), signal_.end(), 0.0F);
}

SubSlice::Range SubSlice::RangeOf(const BodyBox& box) const {
  if (y_ < box.low.y || y_ > box.high.y) return {0, 0, 0, 0};
  const auto [i_low, i_end] = Span((box.low.x - grid_.origin[0]) / grid_.spacing[0],
                                   (box.high.x - grid_.origin[0]) / grid_.spacing[0], grid_.size[0]);
  const auto [j_low, j_end] = Span((grid_.origin[2] - box.high.z) / grid_.spacing[1],
                                   (grid_.origin[2] - box.low.z) / grid_.spacing[1], grid_.size[1]);
  return {i_low, i_end, j_low, j_end};
}

void SubSlice::Lay(const PlacedPaint& placed) {
  const Paint& paint = placed.paint;
  const float edge = std::max(paint.soft_mm, pixel_mm_);
  const Range range = RangeOf(placed.box);
  for (std::int64_t j = range.j_low; j < range.j_high; ++j) {
    for (std::int64_t i = range.i_low; i < range.i_high; ++i) {
      const std::size_t pixel = PixelAt(i, j);
      const float cover = paint.opacity * Cover(paint.shape.Distance(body_[pixel]) + paint.inset, edge);
      if (cover <= 0) continue;
      signal_[pixel] += cover * (paint.tissue.Signal(body_[pixel], noise_) - signal_[pixel]);
    }
  }
}

void SubSlice::Lay(const LesionShape& lesion, std::int64_t k, int sub_slices, LesionShare& share) {
  const Range range = RangeOf(lesion.box());
  for (std::int64_t j = range.j_low; j < range.j_high; ++j) {
    for (std::int64_t i = range.i_low; i < range.i_high; ++i) {
      const BodyPoint p = ScannerAt(i, j);
      const float distance = lesion.Distance(p);
      float& signal = signal_[PixelAt(i, j)];
      if (distance > -pixel_mm_) signal += lesion.CapsuleAt(p, std::max(0.0F, distance)) * (tissue::kFat.mean - signal);
      const float cover = Cover(distance, pixel_mm_);
      if (cover <= 0) continue;
      signal += cover * (lesion.Signal(p, distance) - signal);
      share.At(i, j, k) += cover / static_cast<float>(sub_slices);
    }
  }
}

}  // namespace dinsd
