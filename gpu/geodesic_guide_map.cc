#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include "gpu/geodesic_cost.h"
#include "gpu/guide_map.h"

namespace dinsd {
namespace {

constexpr float kFarAway = 1e10F;

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

template <typename Factor>
class Scan {
 public:
  Scan(const Size3& size, std::span<const float> intensity, const Vec3& spacing, Factor factor,
       std::span<float> distance)
      : size_(size), intensity_(intensity), factor_(factor), distance_(distance) {
    for (std::size_t n = 0; n < kForward.size(); ++n) length_[n] = StepLength(kForward[n], spacing);
  }

  void Forward() {
    for (std::int64_t z = 0; z < size_.z; ++z) {
      for (std::int64_t y = 0; y < size_.y; ++y) {
        Look(z, y, 1);
        for (std::int64_t x = 0; x < size_.x; ++x) Relax(z, y, x);
      }
    }
  }
  void Backward() {
    for (std::int64_t z = size_.z; z-- > 0;) {
      for (std::int64_t y = size_.y; y-- > 0;) {
        Look(z, y, -1);
        for (std::int64_t x = size_.x; x-- > 0;) Relax(z, y, x);
      }
    }
  }

 private:
  // Finds the neighbours that a row has.
  void Look(std::int64_t z, std::int64_t y, std::int64_t sign) {
    count_ = 0;
    for (std::size_t n = 0; n < kForward.size(); ++n) {
      const Index3 o{sign * kForward[n].z, sign * kForward[n].y, sign * kForward[n].x};
      if (z + o.z < 0 || z + o.z >= size_.z || y + o.y < 0 || y + o.y >= size_.y) continue;
      seen_[count_++] = {o.x, (o.z * size_.y + o.y) * size_.x + o.x, length_[n]};
    }
  }

  void Relax(std::int64_t z, std::int64_t y, std::int64_t x) {
    const auto at = static_cast<std::int64_t>(Offset(size_, {z, y, x}));
    const float here = intensity_[static_cast<std::size_t>(at)];
    double best = distance_[static_cast<std::size_t>(at)];
    for (std::size_t n = 0; n < count_; ++n) {
      const Neighbour& neighbour = seen_[n];
      if (x + neighbour.x < 0 || x + neighbour.x >= size_.x) continue;
      const auto other = static_cast<std::size_t>(at + neighbour.step);
      const double difference = std::abs(static_cast<double>(here) - static_cast<double>(intensity_[other]));
      best = std::min(best, static_cast<double>(distance_[other]) + neighbour.length * factor_(difference));
    }
    distance_[static_cast<std::size_t>(at)] = static_cast<float>(best);
  }

  struct Neighbour {
    std::int64_t x;     // along the row
    std::int64_t step;  // in the array
    double length;
  };

  Size3 size_;
  std::span<const float> intensity_;
  Factor factor_;
  std::span<float> distance_;
  std::array<double, kForward.size()> length_{};
  std::array<Neighbour, kForward.size()> seen_{};
  std::size_t count_ = 0;
};

}  // namespace

void GeodesicOptions::Check() const {
  if (!(lambda >= 0 && lambda <= 1)) throw std::invalid_argument("geodesic guide map: lambda must be in [0, 1]");
  if (!(spacing.z > 0 && spacing.y > 0 && spacing.x > 0)) {
    throw std::invalid_argument("geodesic guide map: spacing must be positive");
  }
  if (iterations < 1) throw std::invalid_argument("geodesic guide map: iterations must be at least 1");
  if (blend && !(blend->alpha >= 0 && blend->beta >= 0 && blend->alpha + blend->beta > 0)) {
    throw std::invalid_argument("geodesic guide map: alpha and beta must not be negative, nor both 0");
  }
}

bool BeginGeodesic(const Size3& size, std::span<const Index3> clicks, std::span<const float> intensity,
                   const GeodesicOptions& options, float far, std::span<float> out) {
  options.Check();
  if (out.size() != size.VoxelCount() || intensity.size() != out.size()) {
    throw std::invalid_argument("geodesic guide map: image, output and grid differ in size");
  }
  std::fill(out.begin(), out.end(), clicks.empty() ? 0.0F : far);
  for (const Index3& click : clicks) {
    if (!Contains(size, click)) throw std::invalid_argument("geodesic guide map: click outside the grid");
    out[Offset(size, click)] = 0;
  }
  return !clicks.empty();
}

void GeodesicGuideMap(const Size3& size, std::span<const Index3> clicks, std::span<const float> intensity,
                      const GeodesicOptions& options, std::span<float> out) {
  if (!BeginGeodesic(size, clicks, intensity, options, kFarAway, out)) return;
  WithStepFactor(options, [&](auto factor) {
    Scan scan(size, intensity, options.spacing, factor, out);
    for (int i = 0; i < options.iterations; ++i) {
      scan.Forward();
      scan.Backward();
    }
  });
}

}  // namespace dinsd
