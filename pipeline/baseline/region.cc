#include "pipeline/baseline/region.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "gpu/connected_components.h"

namespace dinsd {
namespace {

std::int64_t MergeFor(const Size3& extent, const Vec3& spacing_mm, const RegionOptions& options) {
  std::int64_t merge = 1;
  const double longest_mm = std::min(spacing_mm.z, options.merged_mm);
  while (static_cast<double>(merge + 1) * std::max(spacing_mm.y, spacing_mm.x) <= longest_mm) ++merge;
  const auto merged = [&](std::int64_t n) { return (n + merge - 1) / merge; };
  while (extent.z * merged(extent.y) * merged(extent.x) > options.most_voxels && (merge < extent.y || merge < extent.x))
    ++merge;
  return merge;
}

void Standardise(std::vector<double>& image) {
  const auto count = static_cast<double>(image.size());
  double sum = 0;
  for (const double v : image) sum += v;
  const double mean = sum / count;
  double squares = 0;
  for (const double v : image) squares += (v - mean) * (v - mean);
  const double sd = std::sqrt(squares / count);
  for (double& v : image) v = sd > 0 ? (v - mean) / sd : 0;
}

IndexBox Around(const IndexBox& a, const IndexBox& b) {
  return {{std::min(a.begin.z, b.begin.z), std::min(a.begin.y, b.begin.y), std::min(a.begin.x, b.begin.x)},
          {std::max(a.end.z, b.end.z), std::max(a.end.y, b.end.y), std::max(a.end.x, b.end.x)}};
}

IndexBox Grown(const IndexBox& box, const Size3& size, const Vec3& spacing_mm, double margin_mm) {
  const auto margin = [&](double mm) { return std::max<std::int64_t>(1, std::llround(margin_mm / mm)); };
  const Index3 by{margin(spacing_mm.z), margin(spacing_mm.y), margin(spacing_mm.x)};
  return {{std::max<std::int64_t>(0, box.begin.z - by.z), std::max<std::int64_t>(0, box.begin.y - by.y),
           std::max<std::int64_t>(0, box.begin.x - by.x)},
          {std::min(size.z, box.end.z + by.z), std::min(size.y, box.end.y + by.y), std::min(size.x, box.end.x + by.x)}};
}

// The bounding box of every piece, in the order of the pieces.
std::vector<IndexBox> PieceBoxes(std::span<const std::uint8_t> truth, const Size3& size) {
  const Components pieces = LabelComponents(truth, size, Connectivity::k26);
  constexpr std::int64_t kFar = std::numeric_limits<std::int64_t>::max();
  std::vector<IndexBox> boxes(pieces.sizes.size(), IndexBox{{kFar, kFar, kFar}, {0, 0, 0}});
  for (std::size_t at = 0; at < truth.size(); ++at) {
    if (pieces.labels[at] == 0) continue;
    const Index3 v = IndexAt(size, at);
    IndexBox& box = boxes[static_cast<std::size_t>(pieces.labels[at] - 1)];
    box = Around(box, {v, {v.z + 1, v.y + 1, v.x + 1}});
  }
  return boxes;
}

}  // namespace

bool Region::Holds(const Index3& v) const {
  return v.z >= box.begin.z && v.y >= box.begin.y && v.x >= box.begin.x && v.z < box.end.z && v.y < box.end.y &&
         v.x < box.end.x;
}

Index3 Region::FromImage(const Index3& v) const {
  return {v.z - box.begin.z, (v.y - box.begin.y) / merge, (v.x - box.begin.x) / merge};
}

void Region::Paste(std::span<const std::uint8_t> mask, const Size3& image_size, std::span<std::uint8_t> into) const {
  for (std::int64_t z = box.begin.z; z < box.end.z; ++z) {
    for (std::int64_t y = box.begin.y; y < box.end.y; ++y) {
      for (std::int64_t x = box.begin.x; x < box.end.x; ++x)
        if (mask[Offset(size, FromImage({z, y, x}))] != 0) into[Offset(image_size, {z, y, x})] = 1;
    }
  }
}

Region CutRegion(std::span<const float> image, const Size3& size, const Vec3& spacing_mm, const IndexBox& box,
                 const RegionOptions& options) {
  const Size3 extent{box.end.z - box.begin.z, box.end.y - box.begin.y, box.end.x - box.begin.x};
  Region region{box, MergeFor(extent, spacing_mm, options)};
  const std::int64_t m = region.merge;
  region.size = {extent.z, (extent.y + m - 1) / m, (extent.x + m - 1) / m};
  region.spacing_mm = {spacing_mm.z, spacing_mm.y * static_cast<double>(m), spacing_mm.x * static_cast<double>(m)};
  region.image.assign(region.size.VoxelCount(), 0);
  std::vector<double> counts(region.size.VoxelCount());
  for (std::int64_t z = box.begin.z; z < box.end.z; ++z) {
    for (std::int64_t y = box.begin.y; y < box.end.y; ++y) {
      for (std::int64_t x = box.begin.x; x < box.end.x; ++x) {
        const std::size_t to = Offset(region.size, region.FromImage({z, y, x}));
        region.image[to] += image[Offset(size, {z, y, x})];
        ++counts[to];
      }
    }
  }
  for (std::size_t at = 0; at < counts.size(); ++at) region.image[at] /= counts[at];
  Standardise(region.image);
  return region;
}

std::vector<IndexBox> BoxesAround(std::span<const std::uint8_t> truth, const Size3& size, const Vec3& spacing_mm,
                                  double margin_mm) {
  std::vector<IndexBox> boxes = PieceBoxes(truth, size);
  for (IndexBox& box : boxes) box = Grown(box, size, spacing_mm, margin_mm);
  return boxes;
}

}  // namespace dinsd
