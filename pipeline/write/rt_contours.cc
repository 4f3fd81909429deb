#include "pipeline/write/rt_contours.h"

#include <algorithm>
#include <limits>

#include "pipeline/write/dicom_item.h"

namespace dinsd {
namespace {

// The part of a slice that one label takes.
struct Frame {
  int x0 = std::numeric_limits<int>::max(), y0 = x0, x1 = -1, y1 = -1;

  void Add(int x, int y) {
    x0 = std::min(x0, x);
    y0 = std::min(y0, y);
    x1 = std::max(x1, x);
    y1 = std::max(y1, y);
  }
};

std::map<std::uint16_t, Frame> FramesOf(const std::uint16_t* slice, int width, int height) {
  std::map<std::uint16_t, Frame> frames;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const std::uint16_t label = slice[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + x];
      if (label != 0) frames[label].Add(x, y);
    }
  }
  return frames;
}

}  // namespace

std::map<std::uint16_t, std::vector<SliceContour>> ContoursOf(const LabelMap& mask) {
  std::map<std::uint16_t, std::vector<SliceContour>> contours;
  const auto width = static_cast<int>(mask.grid.size[0]), height = static_cast<int>(mask.grid.size[1]);
  for (std::int64_t k = 0; k < mask.grid.size[2]; ++k) {
    const std::uint16_t* slice = mask.labels.data() + k * width * height;
    for (const auto& [label, frame] : FramesOf(slice, width, height)) {
      const auto is_inside = [&, label = label, frame = frame](int x, int y) {
        return slice[static_cast<std::ptrdiff_t>(y + frame.y0) * width + x + frame.x0] == label;
      };
      for (ContourLoop& loop : KeyholePolygons(frame.x1 - frame.x0 + 1, frame.y1 - frame.y0 + 1, is_inside)) {
        for (auto& corner : loop) corner = {corner[0] + frame.x0, corner[1] + frame.y0};
        contours[label].push_back({k, std::move(loop)});
      }
    }
  }
  return contours;
}

std::string ContourText(const SliceContour& contour, const SourceSeries& series) {
  const double slice = series.slice_positions.at(static_cast<std::size_t>(contour.slice)) / series.grid.spacing[2];
  std::string text;
  for (const auto& [x, y] : contour.corners) {
    for (const double mm : LpsFromIndex(series.grid, {x - 0.5, y - 0.5, slice})) {
      if (!text.empty()) text += '\\';
      text += DecimalString(mm);
    }
  }
  return text;
}

}  // namespace dinsd
