#include "gpu/resample.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "gpu/resample_taps.h"

namespace dinsd {
namespace {

void CheckSizes(std::size_t voxels, const Size3& in, const Size3& out) {
  if (in.z <= 0 || in.y <= 0 || in.x <= 0 || out.z <= 0 || out.y <= 0 || out.x <= 0) {
    throw std::invalid_argument("resample: empty grid");
  }
  if (voxels != in.VoxelCount()) throw std::invalid_argument("resample: input and its size differ");
}

double Blend(double a, double b, double weight) {
  return a * (1 - weight) + b * weight;
}

}  // namespace

std::int64_t ZoomedSize(std::int64_t n, float factor) {
  const double size = std::nearbyint(static_cast<double>(n) * static_cast<double>(factor));
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(size));
}

double SourcePosition(std::int64_t k, std::int64_t in, std::int64_t out, EdgeRule edge) {
  if (out == 1) return 0;
  const double step = static_cast<double>(in - 1) / static_cast<double>(out - 1);
  const double position = static_cast<double>(k) * step;
  const auto last = static_cast<double>(in - 1);
  if (position <= last) return position;
  return edge == EdgeRule::kReference ? -1 : last;
}

std::vector<LinearTap> LinearTaps(std::int64_t in, std::int64_t out, EdgeRule edge) {
  std::vector<LinearTap> taps(static_cast<std::size_t>(out));
  for (std::int64_t k = 0; k < out; ++k) {
    const double position = SourcePosition(k, in, out, edge);
    LinearTap& tap = taps[static_cast<std::size_t>(k)];
    tap.is_outside = position < 0;
    tap.low = std::max<std::int64_t>(0, static_cast<std::int64_t>(std::floor(position)));
    tap.high = std::min(tap.low + 1, in - 1);
    tap.weight = position - static_cast<double>(tap.low);
  }
  return taps;
}

std::vector<std::int64_t> NearestTaps(std::int64_t in, std::int64_t out, EdgeRule edge) {
  std::vector<std::int64_t> taps(static_cast<std::size_t>(out));
  for (std::int64_t k = 0; k < out; ++k) {
    const double position = SourcePosition(k, in, out, edge);
    taps[static_cast<std::size_t>(k)] =
        position < 0 ? -1 : std::min(in - 1, static_cast<std::int64_t>(std::floor(position + 0.5)));
  }
  return taps;
}

std::vector<float> ResampleLinear(std::span<const float> in, const Size3& in_size, const Size3& out_size,
                                  EdgeRule edge) {
  CheckSizes(in.size(), in_size, out_size);
  if (in_size == out_size) return {in.begin(), in.end()};
  const std::vector<LinearTap> zs = LinearTaps(in_size.z, out_size.z, edge);
  const std::vector<LinearTap> ys = LinearTaps(in_size.y, out_size.y, edge);
  const std::vector<LinearTap> xs = LinearTaps(in_size.x, out_size.x, edge);
  std::vector<float> out;
  out.reserve(out_size.VoxelCount());
  for (const LinearTap& z : zs) {
    for (const LinearTap& y : ys) {
      const float* rows[4] = {&in[Offset(in_size, {z.low, y.low, 0})], &in[Offset(in_size, {z.low, y.high, 0})],
                              &in[Offset(in_size, {z.high, y.low, 0})], &in[Offset(in_size, {z.high, y.high, 0})]};
      for (const LinearTap& x : xs) {
        if (z.is_outside || y.is_outside || x.is_outside) {
          out.push_back(0);
          continue;
        }
        const auto along = [&](const float* row) { return Blend(row[x.low], row[x.high], x.weight); };
        const double low = Blend(along(rows[0]), along(rows[1]), y.weight);
        const double value =
            z.weight == 0 ? low : Blend(low, Blend(along(rows[2]), along(rows[3]), y.weight), z.weight);
        out.push_back(static_cast<float>(value));
      }
    }
  }
  return out;
}

template <typename T>
std::vector<T> ResampleNearest(std::span<const T> in, const Size3& in_size, const Size3& out_size, EdgeRule edge) {
  CheckSizes(in.size(), in_size, out_size);
  const std::vector<std::int64_t> zs = NearestTaps(in_size.z, out_size.z, edge);
  const std::vector<std::int64_t> ys = NearestTaps(in_size.y, out_size.y, edge);
  const std::vector<std::int64_t> xs = NearestTaps(in_size.x, out_size.x, edge);
  std::vector<T> out;
  out.reserve(out_size.VoxelCount());
  for (const std::int64_t z : zs) {
    for (const std::int64_t y : ys) {
      for (const std::int64_t x : xs) out.push_back(z < 0 || y < 0 || x < 0 ? T{} : in[Offset(in_size, {z, y, x})]);
    }
  }
  return out;
}

template std::vector<float> ResampleNearest(std::span<const float>, const Size3&, const Size3&, EdgeRule);
template std::vector<std::uint8_t> ResampleNearest(std::span<const std::uint8_t>, const Size3&, const Size3&, EdgeRule);
template std::vector<std::uint16_t> ResampleNearest(std::span<const std::uint16_t>, const Size3&, const Size3&,
                                                    EdgeRule);

}  // namespace dinsd
