#include "pipeline/baseline/seeds.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace dinsd {
namespace {

bool IsOnBorder(const Size3& size, const Index3& v) {
  const auto at_end = [](std::int64_t i, std::int64_t n) { return n >= 3 && (i == 0 || i == n - 1); };
  return at_end(v.z, size.z) || at_end(v.y, size.y) || at_end(v.x, size.x);
}

class BallPainter {
 public:
  BallPainter(const Region& region, double radius_mm, std::vector<Seed>& seeds)
      : region_(region),
        radius_mm_(radius_mm),
        seeds_(seeds),
        nearest_(seeds.size(), std::numeric_limits<double>::infinity()) {}

  void Paint(const Index3& centre, Seed seed) {
    const auto reach = [&](double mm) { return static_cast<std::int64_t>(std::floor(radius_mm_ / mm)); };
    const Vec3& mm = region_.spacing_mm;
    const Index3 far{reach(mm.z), reach(mm.y), reach(mm.x)};
    for (std::int64_t z = -far.z; z <= far.z; ++z) {
      for (std::int64_t y = -far.y; y <= far.y; ++y) {
        for (std::int64_t x = -far.x; x <= far.x; ++x) Put({centre.z + z, centre.y + y, centre.x + x}, centre, seed);
      }
    }
  }

 private:
  void Put(const Index3& v, const Index3& centre, Seed seed) {
    if (!Contains(region_.size, v)) return;
    const double dz = static_cast<double>(v.z - centre.z) * region_.spacing_mm.z;
    const double dy = static_cast<double>(v.y - centre.y) * region_.spacing_mm.y;
    const double dx = static_cast<double>(v.x - centre.x) * region_.spacing_mm.x;
    const double squared = dz * dz + dy * dy + dx * dx;
    const std::size_t at = Offset(region_.size, v);
    if (squared > radius_mm_ * radius_mm_ || squared > nearest_[at]) return;
    nearest_[at] = squared;
    seeds_[at] = seed;
  }

  const Region& region_;
  double radius_mm_;
  std::vector<Seed>& seeds_;
  std::vector<double> nearest_;
};

}  // namespace

std::vector<Seed> PlaceSeeds(const Region& region, std::span<const Click> clicks, double radius_mm) {
  std::vector<Seed> seeds(region.size.VoxelCount(), Seed::kNone);
  for (std::size_t at = 0; at < seeds.size(); ++at) {
    if (IsOnBorder(region.size, IndexAt(region.size, at))) seeds[at] = Seed::kBackground;
  }
  BallPainter balls(region, radius_mm, seeds);
  for (const Click& click : clicks) {
    if (!region.Holds(click.voxel)) continue;
    balls.Paint(region.FromImage(click.voxel),
                click.polarity == Polarity::kPositive ? Seed::kForeground : Seed::kBackground);
  }
  return seeds;
}

}  // namespace dinsd
