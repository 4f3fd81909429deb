#include "pipeline/report/projection.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "pipeline/report/figure.h"

namespace dinsd {
namespace {

std::size_t LabelCount(const StudyResult& result) {
  std::size_t count = 1;
  for (const LesionResult& lesion : result.lesions) count = std::max<std::size_t>(count, lesion.label + std::size_t{1});
  return count;
}

void AddPixel(ProjectedRegion& region, std::size_t pixel, std::int64_t x, std::int64_t y) {
  if (!region.pixels.empty() && region.pixels.back() == pixel) return;
  region.pixels.push_back(pixel);
  region.box.Include(x, y);
}

}  // namespace

Projection Project(const StudyResult& result, const SliceView& view) {
  return Project(result.volume, result.mask, &result.unprompted, LabelCount(result), view);
}

Projection Project(const Volume& volume, const LabelMap& mask, const LabelMap* unprompted, std::size_t labels,
                   const SliceView& view) {
  const Size3 size = view.size();
  Projection projection{std::vector<float>(static_cast<std::size_t>(size.y * size.x)),
                        std::vector<ProjectedRegion>(labels)};
  for (std::int64_t y = 0; y < size.y; ++y) {
    for (std::int64_t x = 0; x < size.x; ++x) {
      const auto pixel = static_cast<std::size_t>(y * size.x + x);
      float brightest = std::numeric_limits<float>::lowest();
      for (std::int64_t z = 0; z < size.z; ++z) {
        const std::size_t at = view.Offset(z, y, x);
        if (volume.voxels[at] > brightest) brightest = volume.voxels[at];
        const std::uint16_t label = mask.labels[at];
        if (label > 0 && label < projection.by_label.size()) AddPixel(projection.by_label[label], pixel, x, y);
        if (unprompted != nullptr && unprompted->labels[at] != 0) AddPixel(projection.by_label[0], pixel, x, y);
      }
      projection.brightest[pixel] = brightest;
    }
  }
  return projection;
}

std::int64_t BlockSize(const SliceView& view) {
  constexpr double kMaxPixels = 900'000;
  const auto pixels = static_cast<double>(view.size().y * view.size().x);
  return static_cast<std::int64_t>(std::max(1.0, std::ceil(std::sqrt(pixels / kMaxPixels))));
}

Picture GreyPicture(const Projection& projection, const SliceView& view) {
  const std::int64_t rows = view.size().y, columns = view.size().x, factor = BlockSize(view);
  const std::int64_t height = (rows + factor - 1) / factor, width = (columns + factor - 1) / factor;
  const GreyWindow window = WindowOf(projection.brightest);
  Picture picture{static_cast<int>(width), static_cast<int>(height), 1,
                  std::vector<std::uint8_t>(static_cast<std::size_t>(width * height))};
  for (std::int64_t y = 0; y < rows; ++y) {
    for (std::int64_t x = 0; x < columns; ++x) {
      std::uint8_t& pixel = picture.samples[static_cast<std::size_t>(y / factor * width + x / factor)];
      pixel = std::max(pixel, window.Grey(projection.brightest[static_cast<std::size_t>(y * columns + x)]));
    }
  }
  return picture;
}

}  // namespace dinsd
