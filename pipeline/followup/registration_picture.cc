#include "pipeline/followup/registration_picture.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <stdexcept>

#include "pipeline/report/figure.h"
#include "pipeline/report/slice_view.h"

namespace dinsd {
namespace {

constexpr double kMostPixels = 900;  // of a panel's longer side
constexpr double kSquareMm = 40;     // of the checkerboard
constexpr int kGapPixels = 8;
constexpr int kPanels = 5;

using Colour = std::array<std::uint8_t, 3>;
constexpr Colour kOutline = {230, 159, 0};

// One slice of today's grid, a pixel for every so many mm.
class Slice {
 public:
  Slice(const GridGeometry& grid, const LabelMap& mask) : view_(grid), z_(ChooseSlice(mask)) {
    const double width_mm = static_cast<double>(view_.size().x) * view_.spacing_mm().x;
    const double height_mm = static_cast<double>(view_.size().y) * view_.spacing_mm().y;
    mm_ = std::max({width_mm, height_mm, 1.0}) / kMostPixels;
    width_ = std::max(1, static_cast<int>(std::lround(width_mm / mm_)));
    height_ = std::max(1, static_cast<int>(std::lround(height_mm / mm_)));
  }

  [[nodiscard]] int width() const { return width_; }
  [[nodiscard]] int height() const { return height_; }
  // The voxel that a pixel shows.
  [[nodiscard]] std::size_t At(int x, int y) const {
    const auto column = static_cast<std::int64_t>((x + 0.5) * mm_ / view_.spacing_mm().x);
    const auto row = static_cast<std::int64_t>((y + 0.5) * mm_ / view_.spacing_mm().y);
    return view_.Offset(z_, std::min(row, view_.size().y - 1), std::min(column, view_.size().x - 1));
  }
  [[nodiscard]] bool IsBlackSquare(int x, int y) const {
    return (static_cast<int>(x * mm_ / kSquareMm) + static_cast<int>(y * mm_ / kSquareMm)) % 2 == 0;
  }

 private:
  [[nodiscard]] std::int64_t ChooseSlice(const LabelMap& mask) const {
    std::int64_t best = view_.size().z / 2, most = 0;
    if (mask.labels.empty()) return best;
    for (std::int64_t z = 0; z < view_.size().z; ++z) {
      std::int64_t count = 0;
      for (std::int64_t y = 0; y < view_.size().y; ++y) {
        for (std::int64_t x = 0; x < view_.size().x; ++x) count += mask.labels[view_.Offset(z, y, x)] != 0 ? 1 : 0;
      }
      if (count > most) {
        most = count;
        best = z;
      }
    }
    return best;
  }

  SliceView view_;
  std::int64_t z_;
  double mm_ = 1;
  int width_ = 1, height_ = 1;
};

template <typename ColourFn>
void Paint(const Slice& slice, int panel, const ColourFn& colour_of, Picture& picture) {
  const int left = panel * (slice.width() + kGapPixels);
  for (int y = 0; y < slice.height(); ++y) {
    for (int x = 0; x < slice.width(); ++x) {
      const Colour colour = colour_of(x, y);
      std::copy(colour.begin(), colour.end(),
                picture.samples.begin() + 3 * (static_cast<std::ptrdiff_t>(y) * picture.width + left + x));
    }
  }
}

// Whether a pixel of a lesion has a neighbour that is none of it.
bool IsOutline(const Slice& slice, const LabelMap& mask, int x, int y) {
  const std::uint16_t label = mask.labels[slice.At(x, y)];
  if (label == 0) return false;
  constexpr std::array<std::array<int, 2>, 4> kNeighbours = {{{-1, 0}, {1, 0}, {0, -1}, {0, 1}}};
  for (const auto& step : kNeighbours) {
    const int nx = x + step[0], ny = y + step[1];
    if (nx < 0 || ny < 0 || nx >= slice.width() || ny >= slice.height()) return true;
    if (mask.labels[slice.At(nx, ny)] != label) return true;
  }
  return false;
}

void CheckSizes(const Volume& today, const Volume& before, const Volume& after, const LabelMap& mask) {
  const std::size_t voxels = today.grid.SizeZyx().VoxelCount();
  if (voxels == 0 || today.voxels.size() != voxels || before.voxels.size() != voxels || after.voxels.size() != voxels ||
      (!mask.labels.empty() && mask.labels.size() != voxels))
    throw std::invalid_argument("DrawRegistration: the images lie on different grids");
}

}  // namespace

Picture DrawRegistration(const Volume& today, const Volume& before, const Volume& after, const LabelMap& mask) {
  CheckSizes(today, before, after, mask);
  const Slice slice(today.grid, mask);
  Picture picture{kPanels * slice.width() + (kPanels - 1) * kGapPixels, slice.height(), 3, {}};
  picture.samples.assign(static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height) * 3, 0);
  const GreyWindow now = WindowOf(today.voxels), then = WindowOf(after.voxels);
  const auto grey_today = [&](int x, int y) { return now.Grey(today.voxels[slice.At(x, y)]); };
  int panel = 0;
  for (const Volume* prior : {&before, &after}) {
    const auto board = [&](int x, int y) {
      const std::uint8_t grey = slice.IsBlackSquare(x, y) ? grey_today(x, y) : then.Grey(prior->voxels[slice.At(x, y)]);
      return Colour{grey, grey, grey};
    };
    Paint(slice, panel++, board, picture);
  }
  for (const Volume* prior : {&before, &after}) {
    const auto overlay = [&](int x, int y) {
      const std::uint8_t grey = then.Grey(prior->voxels[slice.At(x, y)]);
      return Colour{grey_today(x, y), grey, grey};
    };
    Paint(slice, panel++, overlay, picture);
  }
  const auto outlines = [&](int x, int y) {
    const std::uint8_t grey = grey_today(x, y);
    return !mask.labels.empty() && IsOutline(slice, mask, x, y) ? kOutline : Colour{grey, grey, grey};
  };
  Paint(slice, panel, outlines, picture);
  return picture;
}

}  // namespace dinsd
