#include "pipeline/phantom/noise_tile.h"

#include <cmath>

#include "model/train/counter_random.h"

namespace dinsd {
namespace {

constexpr int kSize = 64;
constexpr int kMask = kSize - 1;

struct Cell {
  int low;
  int high;
  float weight;
};

Cell CellOf(float v) {
  const float floor = std::floor(v);
  const int low = static_cast<int>(floor) & kMask;
  const float t = v - floor;
  return {low, (low + 1) & kMask, t * t * (3 - 2 * t)};
}

}  // namespace

NoiseTile::NoiseTile(std::uint64_t seed, std::uint64_t stream) : values_(kSize * kSize * kSize) {
  CounterRandom random(seed, stream);
  for (float& v : values_) v = static_cast<float>(random.Uniform(-1, 1));
}

float NoiseTile::At(BodyPoint p) const {
  const Cell x = CellOf(p.x), y = CellOf(p.y), z = CellOf(p.z);
  const auto row = [&](int yi, int zi) {
    const float* v = values_.data() + (zi * kSize + yi) * kSize;
    return v[x.low] + x.weight * (v[x.high] - v[x.low]);
  };
  const float low = row(y.low, z.low) + y.weight * (row(y.high, z.low) - row(y.low, z.low));
  const float high = row(y.low, z.high) + y.weight * (row(y.high, z.high) - row(y.low, z.high));
  return low + z.weight * (high - low);
}

}  // namespace dinsd
