#include "model/train/altered_truth.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "gpu/distance_transform.h"
#include "gpu/guide_map.h"
#include "gpu/mask_ops.h"

namespace dinsd {
namespace {

constexpr double kLeastReach = 15, kMostReach = 45;  // mm
constexpr GeodesicBlend kPathCost{1, 8};             // so that a change of one standard deviation counts eight times
constexpr double kNearBoundary = 20;                 // mm

// A voxel near the boundary: half of the time inside the tumour, else outside.
std::optional<Index3> DrawMiddle(const Crop& crop, const Vec3& voxel_mm, CounterRandom& random) {
  const bool wants_inside = random.Unit() < 0.5;
  std::vector<std::uint8_t> others = crop.mask;
  if (wants_inside) {
    for (std::uint8_t& v : others) v = v != 0 ? 0 : 1;
  }
  const std::vector<float> distance = DistanceToMask(others, crop.size, voxel_mm);
  std::vector<std::size_t> near;
  for (std::size_t at = 0; at < distance.size(); ++at) {
    if (distance[at] > 0 && distance[at] <= kNearBoundary) near.push_back(at);
  }
  if (near.empty()) return std::nullopt;
  return IndexAt(crop.size,
                 near[static_cast<std::size_t>(random.Between(0, static_cast<std::int64_t>(near.size()) - 1))]);
}

// Where paths from `middle` of at most `reach` can get.
IndexBox Around(const Index3& middle, double reach, const Vec3& voxel_mm, const Size3& size) {
  const auto steps = [&](double mm) { return static_cast<std::int64_t>(std::ceil(reach / mm)); };
  const std::int64_t z = steps(voxel_mm.z), y = steps(voxel_mm.y), x = steps(voxel_mm.x);
  return {{std::max<std::int64_t>(0, middle.z - z), std::max<std::int64_t>(0, middle.y - y),
           std::max<std::int64_t>(0, middle.x - x)},
          {std::min(size.z, middle.z + z + 1), std::min(size.y, middle.y + y + 1), std::min(size.x, middle.x + x + 1)}};
}

std::vector<std::size_t> Patch(const Crop& crop, const Index3& middle, double reach, const Vec3& voxel_mm) {
  const IndexBox box = Around(middle, reach, voxel_mm, crop.size);
  const Size3 size{box.end.z - box.begin.z, box.end.y - box.begin.y, box.end.x - box.begin.x};
  const auto in_crop = [&](std::size_t at) {
    const Index3 v = IndexAt(size, at);
    return Offset(crop.size, {box.begin.z + v.z, box.begin.y + v.y, box.begin.x + v.x});
  };
  std::vector<float> image(size.VoxelCount()), cost(size.VoxelCount());
  for (std::size_t at = 0; at < image.size(); ++at) image[at] = crop.image[in_crop(at)];
  const Index3 click{middle.z - box.begin.z, middle.y - box.begin.y, middle.x - box.begin.x};
  GeodesicGuideMap(size, {{click}}, image, {.spacing = voxel_mm, .iterations = 2, .blend = kPathCost}, cost);
  std::vector<std::size_t> patch;
  for (std::size_t at = 0; at < cost.size(); ++at) {
    if (cost[at] <= reach) patch.push_back(in_crop(at));
  }
  return patch;
}

}  // namespace

void AlterTruth(Crop& crop, const Vec3& voxel_mm, CounterRandom& random) {
  const std::int64_t places = random.Between(1, 3);
  for (std::int64_t place = 0; place < places; ++place) {
    const auto middle = DrawMiddle(crop, voxel_mm, random);
    const double reach = random.Uniform(kLeastReach, kMostReach);
    if (!middle) continue;
    const std::uint8_t wanted = crop.mask[Offset(crop.size, *middle)] != 0 ? 0 : 1;
    std::vector<std::uint8_t> altered = crop.mask;
    for (const std::size_t at : Patch(crop, *middle, reach, voxel_mm)) altered[at] = wanted;
    if (std::find(altered.begin(), altered.end(), 1) != altered.end()) crop.mask = std::move(altered);
  }
}

}  // namespace dinsd
