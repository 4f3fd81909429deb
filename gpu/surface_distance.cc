#include "gpu/surface_distance.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

#include "gpu/distance_transform.h"
#include "gpu/mask_ops.h"

namespace dinsd {
namespace {

using Mask = std::vector<std::uint8_t>;

// Two masks cut to the box that holds both: nothing outside it has a part in any distance.
struct MaskPair {
  Mask a;
  Mask b;
  Size3 size;
};

Mask CutOut(std::span<const std::uint8_t> mask, const Size3& size, const IndexBox& box, const Size3& inner) {
  Mask cut;
  cut.reserve(inner.VoxelCount());
  for (std::int64_t z = box.begin.z; z < box.end.z; ++z) {
    for (std::int64_t y = box.begin.y; y < box.end.y; ++y) {
      const auto row = mask.subspan(Offset(size, {z, y, box.begin.x}), static_cast<std::size_t>(inner.x));
      cut.insert(cut.end(), row.begin(), row.end());
    }
  }
  return cut;
}

std::optional<MaskPair> CutToBoth(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b, const Size3& size) {
  if (a.size() != size.VoxelCount() || b.size() != a.size())
    throw std::invalid_argument("surface distance: masks and their size differ");
  const std::optional<IndexBox> box_a = BoundingBox(a, size), box_b = BoundingBox(b, size);
  if (!box_a || !box_b) return std::nullopt;
  const Index3 begin{std::min(box_a->begin.z, box_b->begin.z), std::min(box_a->begin.y, box_b->begin.y),
                     std::min(box_a->begin.x, box_b->begin.x)};
  const Index3 end{std::max(box_a->end.z, box_b->end.z), std::max(box_a->end.y, box_b->end.y),
                   std::max(box_a->end.x, box_b->end.x)};
  const Size3 inner{end.z - begin.z, end.y - begin.y, end.x - begin.x};
  return MaskPair{CutOut(a, size, {begin, end}, inner), CutOut(b, size, {begin, end}, inner), inner};
}

Mask SurfaceOf(const Mask& mask, const Size3& size, Connectivity erosion) {
  Mask surface = Erode(mask, size, erosion);
  for (std::size_t i = 0; i < surface.size(); ++i) surface[i] = mask[i] != 0 && surface[i] == 0 ? 1 : 0;
  return surface;
}

// Distances from the voxels of `from` to the nearest of `to`, ascending.
std::vector<double> Distances(const Mask& from, const Mask& to, const Size3& size, const Vec3& spacing) {
  const std::vector<double> squared = SquaredDistanceToMask(to, size, spacing);
  std::vector<double> distances;
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (from[i] != 0) distances.push_back(std::sqrt(squared[i]));
  }
  std::sort(distances.begin(), distances.end());
  return distances;
}

double Percentile(const std::vector<double>& sorted, double share) {
  const double rank = share * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(rank);
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (rank - static_cast<double>(low)) * (sorted[high] - sorted[low]);
}

}  // namespace

std::optional<SurfaceDistances> CompareSurfaces(std::span<const std::uint8_t> prediction,
                                                std::span<const std::uint8_t> label, const Size3& size,
                                                const Vec3& spacing, Connectivity erosion) {
  const std::optional<MaskPair> masks = CutToBoth(prediction, label, size);
  if (!masks) return std::nullopt;
  const Mask a = SurfaceOf(masks->a, masks->size, erosion);
  const Mask b = SurfaceOf(masks->b, masks->size, erosion);
  const std::vector<double> from_a = Distances(a, b, masks->size, spacing);
  const std::vector<double> from_b = Distances(b, a, masks->size, spacing);
  std::vector<double> pooled(from_a.size() + from_b.size());
  std::merge(from_a.begin(), from_a.end(), from_b.begin(), from_b.end(), pooled.begin());
  SurfaceDistances result;
  for (const double d : pooled) {
    result.assd += d;
    result.rmsd += d * d;
  }
  const auto count = static_cast<double>(pooled.size());
  result.assd /= count;
  result.rmsd = std::sqrt(result.rmsd / count);
  result.hd = pooled.back();
  result.hd95 = Percentile(pooled, 0.95);
  result.hd95_of_directions = std::max(Percentile(from_a, 0.95), Percentile(from_b, 0.95));
  return result;
}

std::optional<double> HausdorffOfMasks(std::span<const std::uint8_t> prediction, std::span<const std::uint8_t> label,
                                       const Size3& size, const Vec3& spacing) {
  const std::optional<MaskPair> masks = CutToBoth(prediction, label, size);
  if (!masks) return std::nullopt;
  return std::max(Distances(masks->a, masks->b, masks->size, spacing).back(),
                  Distances(masks->b, masks->a, masks->size, spacing).back());
}

}  // namespace dinsd
