#include "model/train/crop.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace dinsd {
namespace {

std::optional<Index3> RandomTumourVoxel(const TrainingCase& from, CounterRandom& random) {
  if (from.lesions.empty()) return std::nullopt;
  const auto any = [&](std::size_t count) {
    return static_cast<std::size_t>(random.Between(0, static_cast<std::int64_t>(count) - 1));
  };
  const std::vector<std::size_t>& lesion = from.lesions[any(from.lesions.size())];
  return IndexAt(from.prepared->size, lesion[any(lesion.size())]);
}

// First voxel of a stretch of `length` out of `whole` that holds `wanted`, or any where it is absent.
std::int64_t DrawBegin(std::int64_t whole, std::int64_t length, std::optional<std::int64_t> wanted,
                       CounterRandom& random) {
  std::int64_t low = 0, high = whole - length;
  if (wanted) {
    low = std::max(low, *wanted - length + 1);
    high = std::min(high, *wanted);
  }
  return random.Between(low, high);
}

// In-plane source position of an output voxel.
struct InPlane {
  double cosine, sine, centre_y, centre_x;

  [[nodiscard]] std::array<double, 2> At(std::int64_t y, std::int64_t x) const {
    const double dy = static_cast<double>(y) - centre_y, dx = static_cast<double>(x) - centre_x;
    return {centre_y + cosine * dy - sine * dx, centre_x + sine * dy + cosine * dx};
  }
};

float Linear(const PreparedCase& c, std::int64_t z, double y, double x) {
  y = std::clamp(y, 0.0, static_cast<double>(c.size.y - 1));
  x = std::clamp(x, 0.0, static_cast<double>(c.size.x - 1));
  const auto y0 = static_cast<std::int64_t>(y), x0 = static_cast<std::int64_t>(x);
  const std::int64_t y1 = std::min(y0 + 1, c.size.y - 1), x1 = std::min(x0 + 1, c.size.x - 1);
  const double wy = y - static_cast<double>(y0), wx = x - static_cast<double>(x0);
  const auto v = [&](std::int64_t yy, std::int64_t xx) {
    return static_cast<double>(c.image[Offset(c.size, {z, yy, xx})]);
  };
  return static_cast<float>((v(y0, x0) * (1 - wx) + v(y0, x1) * wx) * (1 - wy) +
                            (v(y1, x0) * (1 - wx) + v(y1, x1) * wx) * wy);
}

std::uint8_t Nearest(const PreparedCase& c, std::int64_t z, double y, double x) {
  const auto yy = std::clamp(static_cast<std::int64_t>(std::lround(y)), std::int64_t{0}, c.size.y - 1);
  const auto xx = std::clamp(static_cast<std::int64_t>(std::lround(x)), std::int64_t{0}, c.size.x - 1);
  return c.mask[Offset(c.size, {z, yy, xx})];
}

// Gamma on the range of the crop, so that it works on normalised intensities too.
void ApplyGamma(std::vector<float>& image, double gamma) {
  const auto [low, high] = std::minmax_element(image.begin(), image.end());
  const float least = *low, range = *high - *low;
  if (!(range > 0)) return;
  for (float& v : image) v = least + range * std::pow((v - least) / range, static_cast<float>(gamma));
}

}  // namespace

Crop DrawCrop(const TrainingCase& from, const TrainOptions& options, CounterRandom& random) {
  const PreparedCase& source = *from.prepared;
  const Size3& whole = source.size;
  Crop crop{{std::min(options.crop.z, whole.z), std::min(options.crop.y, whole.y), std::min(options.crop.x, whole.x)},
            {},
            {},
            from.HasManyLesions()};
  std::optional<Index3> wanted;
  if (random.Unit() < options.tumour_share) wanted = RandomTumourVoxel(from, random);
  const auto on = [&](std::int64_t Index3::*axis) { return wanted ? std::optional((*wanted).*axis) : std::nullopt; };
  const Index3 begin{DrawBegin(whole.z, crop.size.z, on(&Index3::z), random),
                     DrawBegin(whole.y, crop.size.y, on(&Index3::y), random),
                     DrawBegin(whole.x, crop.size.x, on(&Index3::x), random)};
  const double scale = 1 / random.Uniform(options.scale_min, options.scale_max);
  const double angle = random.Normal() * options.rotation_sd_degrees * M_PI / 180;
  const InPlane in_plane{scale * std::cos(angle), scale * std::sin(angle), static_cast<double>(crop.size.y - 1) / 2,
                         static_cast<double>(crop.size.x - 1) / 2};
  const std::uint64_t flips = options.flips ? random.Next() & 7 : 0;
  for (std::int64_t z = 0; z < crop.size.z; ++z) {
    const std::int64_t from_z = begin.z + ((flips & 4) != 0 ? crop.size.z - 1 - z : z);
    for (std::int64_t y = 0; y < crop.size.y; ++y) {
      for (std::int64_t x = 0; x < crop.size.x; ++x) {
        const auto [sy, sx] =
            in_plane.At((flips & 2) != 0 ? crop.size.y - 1 - y : y, (flips & 1) != 0 ? crop.size.x - 1 - x : x);
        crop.image.push_back(
            Linear(source, from_z, static_cast<double>(begin.y) + sy, static_cast<double>(begin.x) + sx));
        crop.mask.push_back(
            Nearest(source, from_z, static_cast<double>(begin.y) + sy, static_cast<double>(begin.x) + sx));
      }
    }
  }
  ApplyGamma(crop.image, random.Uniform(options.gamma_min, options.gamma_max));
  return crop;
}

}  // namespace dinsd
