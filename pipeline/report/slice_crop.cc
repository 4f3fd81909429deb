#include "pipeline/report/slice_crop.h"

#include <algorithm>

namespace dinsd {

std::int64_t CropBlock(const ViewBox& box) {
  constexpr std::int64_t kMostPixels = 140;
  return (std::max(box.Width(), box.Height()) + kMostPixels - 1) / kMostPixels;
}

Picture GreyCrop(const Volume& volume, const SliceView& view, std::int64_t z, const ViewBox& box,
                 const GreyWindow& window) {
  const std::int64_t factor = CropBlock(box);
  const std::int64_t width = (box.Width() + factor - 1) / factor, height = (box.Height() + factor - 1) / factor;
  Picture picture{static_cast<int>(width), static_cast<int>(height), 1, {}};
  for (std::int64_t row = 0; row < height; ++row) {
    for (std::int64_t column = 0; column < width; ++column) {
      float sum = 0, count = 0;
      for (std::int64_t y = box.y0 + row * factor; y < std::min(box.y1, box.y0 + (row + 1) * factor); ++y) {
        for (std::int64_t x = box.x0 + column * factor; x < std::min(box.x1, box.x0 + (column + 1) * factor); ++x) {
          sum += volume.voxels[view.Offset(z, y, x)];
          ++count;
        }
      }
      picture.samples.push_back(window.Grey(sum / count));
    }
  }
  return picture;
}

GreyWindow WindowOfCrop(const Volume& volume, const SliceView& view, const ViewBox& box, std::int64_t begin,
                        std::int64_t end) {
  std::vector<float> values;
  for (std::int64_t z = begin; z < end; ++z) {
    for (std::int64_t y = box.y0; y < box.y1; ++y) {
      for (std::int64_t x = box.x0; x < box.x1; ++x) values.push_back(volume.voxels[view.Offset(z, y, x)]);
    }
  }
  return WindowOf(values);
}

std::vector<ContourLoop> OutlineInCrop(const LabelMap& map, const SliceView& view, std::int64_t z, const ViewBox& box,
                                       const std::function<bool(std::uint16_t label)>& is_wanted) {
  return TraceContours(static_cast<int>(box.Width()), static_cast<int>(box.Height()),
                       [&](int x, int y) { return is_wanted(map.labels[view.Offset(z, box.y0 + y, box.x0 + x)]); });
}

}  // namespace dinsd
