#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include "gpu/guide_map.h"

namespace dinsd {
namespace {

constexpr float kFarAway = 1e10F;
constexpr double kIntensityFloor = 1e-5;

// The neighbours that a forward pass in raster order looks back at: the row before in y, then the voxel before in x,
// each on all three slices, then the voxel before in z.
constexpr std::array<Index3, 13> kForward = {{{-1, -1, -1},
                                              {-1, -1, 0},
                                              {-1, -1, 1},
                                              {-1, 0, -1},
                                              {-1, 0, 0},
                                              {0, -1, -1},
                                              {0, -1, 0},
                                              {0, -1, 1},
                                              {0, 0, -1},
                                              {1, -1, -1},
                                              {1, -1, 0},
                                              {1, -1, 1},
                                              {1, 0, -1}}};

class Scan {
 public:
  Scan(const Size3& size, std::span<const float> intensity, const GeodesicOptions& options, std::span<float> distance)
      : size_(size), intensity_(intensity), options_(options), distance_(distance) {
    for (std::size_t n = 0; n < kForward.size(); ++n) {
      const Vec3& s = options.spacing;
      const double z = static_cast<double>(kForward[n].z) * s.z;
      const double y = static_cast<double>(kForward[n].y) * s.y;
      const double x = static_cast<double>(kForward[n].x) * s.x;
      length_[n] = std::sqrt(z * z + y * y + x * x);
    }
  }

  void Forward() {
    for (std::size_t at = 0; at < distance_.size(); ++at) Relax(at, 1);
  }
  void Backward() {
    for (std::size_t at = distance_.size(); at-- > 0;) Relax(at, -1);
  }

 private:
  void Relax(std::size_t at, std::int64_t sign) {
    const Index3 v = IndexAt(size_, at);
    float best = distance_[at];
    for (std::size_t n = 0; n < kForward.size(); ++n) {
      const Index3 from{v.z + sign * kForward[n].z, v.y + sign * kForward[n].y, v.x + sign * kForward[n].x};
      if (!Contains(size_, from)) continue;
      const std::size_t other = Offset(size_, from);
      const double difference = std::abs(static_cast<double>(intensity_[at]) - intensity_[other]);
      const double speed = (1 - options_.lambda) + options_.lambda / (difference + kIntensityFloor);
      best = std::min(best, static_cast<float>(distance_[other] + length_[n] / speed));
    }
    distance_[at] = best;
  }

  Size3 size_;
  std::span<const float> intensity_;
  GeodesicOptions options_;
  std::span<float> distance_;
  std::array<double, kForward.size()> length_{};
};

}  // namespace

void GeodesicOptions::Check() const {
  if (!(lambda >= 0 && lambda <= 1)) throw std::invalid_argument("geodesic guide map: lambda must be in [0, 1]");
  if (!(spacing.z > 0 && spacing.y > 0 && spacing.x > 0)) {
    throw std::invalid_argument("geodesic guide map: spacing must be positive");
  }
  if (iterations < 1) throw std::invalid_argument("geodesic guide map: iterations must be at least 1");
}

void GeodesicGuideMap(const Size3& size, std::span<const Index3> clicks, std::span<const float> intensity,
                      const GeodesicOptions& options, std::span<float> out) {
  options.Check();
  if (out.size() != size.VoxelCount() || intensity.size() != out.size()) {
    throw std::invalid_argument("geodesic guide map: image, output and grid differ in size");
  }
  std::fill(out.begin(), out.end(), clicks.empty() ? 0.0F : kFarAway);
  if (clicks.empty()) return;
  for (const Index3& click : clicks) {
    if (!Contains(size, click)) throw std::invalid_argument("geodesic guide map: click outside the grid");
    out[Offset(size, click)] = 0;
  }
  Scan scan(size, intensity, options, out);
  for (int i = 0; i < options.iterations; ++i) {
    scan.Forward();
    scan.Backward();
  }
}

}  // namespace dinsd
