#include "pipeline/phantom/scan_effects.h"

#include <algorithm>
#include <cmath>

#include "model/train/counter_random.h"
#include "pipeline/phantom/anatomy.h"

namespace dinsd {
namespace {

constexpr float kNoiseSignal = 15;  // standard deviation of each of the two channels

// One pass along a row or column: a narrow bell.
void Blur(float* first, std::int64_t count, std::int64_t step) {
  constexpr float kSide = 0.14F;
  float before = first[0];
  for (std::int64_t n = 0; n < count; ++n) {
    float& here = first[n * step];
    const float after = n + 1 < count ? first[(n + 1) * step] : here;
    const float old = here;
    here = old + kSide * (before + after - 2 * old);
    before = old;
  }
}

void BlurSlices(Volume& volume) {
  const auto& size = volume.grid.size;
  for (std::int64_t k = 0; k < size[2]; ++k) {
    float* slice = volume.voxels.data() + k * size[0] * size[1];
    for (std::int64_t j = 0; j < size[1]; ++j) Blur(slice + j * size[0], size[0], 1);
    for (std::int64_t i = 0; i < size[0]; ++i) Blur(slice + i, size[1], size[0]);
  }
}

}  // namespace

void AddScanEffects(Volume& volume, std::uint64_t seed, int timepoint) {
  BlurSlices(volume);
  const NoiseTile bias(seed, kBiasStream + 64 * static_cast<std::uint64_t>(timepoint));
  const auto& grid = volume.grid;
  for (std::int64_t k = 0; k < grid.size[2]; ++k) {
    for (std::int64_t j = 0; j < grid.size[1]; ++j) {
      const std::int64_t row = k * grid.size[1] + j;
      CounterRandom random(seed,
                           kScanNoiseStream * static_cast<std::uint64_t>(timepoint) + static_cast<std::uint64_t>(row));
      float* voxel = volume.voxels.data() + row * grid.size[0];
      for (std::int64_t i = 0; i < grid.size[0]; ++i, ++voxel) {
        const BodyPoint p = {static_cast<float>(static_cast<double>(i) * grid.spacing[0] / 210),
                             static_cast<float>(static_cast<double>(k) * grid.spacing[2] / 160),
                             static_cast<float>(static_cast<double>(j) * grid.spacing[1] / 240)};
        const float gain = std::exp(0.42F * bias.At(p + BodyPoint{3, 5, 7}));
        const double radius = static_cast<double>(kNoiseSignal) * std::sqrt(-2 * std::log(1 - random.Unit()));
        const double angle = 2 * M_PI * random.Unit();
        const double real = static_cast<double>(*voxel * gain) + radius * std::cos(angle);
        *voxel = static_cast<float>(std::lround(std::hypot(real, radius * std::sin(angle))));
      }
    }
  }
}

}  // namespace dinsd
