#include <array>
#include <charconv>
#include <cstdint>
#include <string_view>
#include <vector>

#include "pipeline/report/figure.h"
#include "pipeline/report/pictures.h"
#include "pipeline/report/projection.h"

namespace dinsd {
namespace {

using Colour = std::array<std::uint8_t, 3>;

// Of "#E69F00".
Colour Rgb(std::string_view hex) {
  Colour colour{};
  for (std::size_t n = 0; n < colour.size(); ++n)
    (void)std::from_chars(hex.data() + 1 + 2 * n, hex.data() + 3 + 2 * n, colour[n], 16);
  return colour;
}

Picture InColour(const Picture& grey) {
  Picture picture{grey.width, grey.height, 3, {}};
  picture.samples.reserve(grey.samples.size() * 3);
  for (const std::uint8_t sample : grey.samples) picture.samples.insert(picture.samples.end(), 3, sample);
  return picture;
}

// The pixels of the region that have a neighbour outside of it.
void DrawOutline(const ProjectedRegion& region, const SliceView& view, Colour colour, Picture& picture) {
  const std::int64_t factor = BlockSize(view), width = picture.width, height = picture.height;
  std::vector<bool> inside(static_cast<std::size_t>(width * height));
  for (const std::size_t pixel : region.pixels) {
    const auto p = static_cast<std::int64_t>(pixel);
    inside[static_cast<std::size_t>(p / view.size().x / factor * width + p % view.size().x / factor)] = true;
  }
  const auto is_inside = [&](std::int64_t x, std::int64_t y) {
    return x >= 0 && y >= 0 && x < width && y < height && inside[static_cast<std::size_t>(y * width + x)];
  };
  for (std::int64_t y = 0; y < height; ++y) {
    for (std::int64_t x = 0; x < width; ++x) {
      if (!is_inside(x, y)) continue;
      if (is_inside(x - 1, y) && is_inside(x + 1, y) && is_inside(x, y - 1) && is_inside(x, y + 1)) continue;
      for (std::size_t n = 0; n < colour.size(); ++n)
        picture.samples[static_cast<std::size_t>(y * width + x) * 3 + n] = colour[n];
    }
  }
}

}  // namespace

Picture ProjectionPicture(const StudyResult& result, const SliceView& view) {
  const Projection projection = Project(result, view);
  Picture picture = InColour(GreyPicture(projection, view));
  DrawOutline(projection.by_label[0], view, {255, 255, 255}, picture);
  for (std::size_t label = 1; label < projection.by_label.size(); ++label)
    DrawOutline(projection.by_label[label], view, Rgb(ColourOf(label)), picture);
  return picture;
}

}  // namespace dinsd
