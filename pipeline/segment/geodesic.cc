#include "pipeline/segment/geodesic.h"

#include <cmath>
#include <limits>
#include <queue>
#include <tuple>

#include "gpu/mask_ops.h"

namespace dinsd {
namespace {

struct Step {
  Index3 offset;
  float length_mm;
};

std::vector<Step> Steps(const Vec3& spacing) {
  std::vector<Step> steps;
  for (const Index3& o : NeighbourOffsets(Connectivity::k26)) {
    const double z = static_cast<double>(o.z) * spacing.z;
    const double y = static_cast<double>(o.y) * spacing.y;
    const double x = static_cast<double>(o.x) * spacing.x;
    steps.push_back({o, static_cast<float>(std::sqrt(z * z + y * y + x * x))});
  }
  return steps;
}

// Ordered by distance, then by owner, so that ties are decided the same way each time.
using Front = std::tuple<float, std::uint16_t, std::size_t>;
using Fronts = std::priority_queue<Front, std::vector<Front>, std::greater<>>;

void Reach(GeodesicOwners& owners, Fronts& fronts, std::size_t at, float distance, std::uint16_t owner) {
  const bool is_nearer = distance < owners.distance_mm[at];
  const bool is_tie = distance == owners.distance_mm[at] && owner < owners.owner[at];
  if (!is_nearer && !is_tie) return;
  owners.distance_mm[at] = distance;
  owners.owner[at] = owner;
  fronts.emplace(distance, owner, at);
}

}  // namespace

GeodesicOwners SpreadInside(std::span<const std::uint8_t> mask, const Size3& size, const Vec3& spacing_mm,
                            std::span<const GeodesicSeed> seeds) {
  GeodesicOwners owners{std::vector<std::uint16_t>(mask.size()),
                        std::vector<float>(mask.size(), std::numeric_limits<float>::infinity())};
  Fronts fronts;
  for (const GeodesicSeed& seed : seeds) {
    const std::size_t at = Offset(size, seed.voxel);
    if (mask[at] != 0) Reach(owners, fronts, at, 0, seed.owner);
  }
  const std::vector<Step> steps = Steps(spacing_mm);
  while (!fronts.empty()) {
    const auto [distance, owner, at] = fronts.top();
    fronts.pop();
    if (distance > owners.distance_mm[at] || owner != owners.owner[at]) continue;  // a shorter way was found since
    const Index3 v = IndexAt(size, at);
    for (const Step& step : steps) {
      const Index3 next{v.z + step.offset.z, v.y + step.offset.y, v.x + step.offset.x};
      if (!Contains(size, next)) continue;
      const std::size_t to = Offset(size, next);
      if (mask[to] != 0) Reach(owners, fronts, to, distance + step.length_mm, owner);
    }
  }
  return owners;
}

}  // namespace dinsd
