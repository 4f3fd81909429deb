#include "gpu/surface_distance.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "gpu/distance_transform.h"
#include "gpu/mask_ops.h"

namespace dinsd {
namespace {

std::vector<std::uint8_t> SurfaceOf(std::span<const std::uint8_t> mask, const Size3& size) {
  std::vector<std::uint8_t> surface = Erode(mask, size, Connectivity::k18);
  for (std::size_t i = 0; i < surface.size(); ++i) surface[i] = mask[i] != 0 && surface[i] == 0 ? 1 : 0;
  return surface;
}

void AddDistances(const std::vector<std::uint8_t>& from, const std::vector<std::uint8_t>& to, const Size3& size,
                  const Vec3& spacing, std::vector<double>& distances) {
  const std::vector<float> distance = DistanceToMask(to, size, spacing);
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (from[i] != 0) distances.push_back(distance[i]);
  }
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
                                                const Vec3& spacing) {
  const std::vector<std::uint8_t> a = SurfaceOf(prediction, size);
  const std::vector<std::uint8_t> b = SurfaceOf(label, size);
  const auto is_set = [](std::uint8_t v) { return v != 0; };
  if (std::none_of(a.begin(), a.end(), is_set) || std::none_of(b.begin(), b.end(), is_set)) return std::nullopt;
  std::vector<double> distances;
  AddDistances(a, b, size, spacing, distances);
  AddDistances(b, a, size, spacing, distances);
  std::sort(distances.begin(), distances.end());
  SurfaceDistances result;
  for (const double d : distances) {
    result.assd += d;
    result.rmsd += d * d;
  }
  const auto count = static_cast<double>(distances.size());
  result.assd /= count;
  result.rmsd = std::sqrt(result.rmsd / count);
  result.hd = distances.back();
  result.hd95 = Percentile(distances, 0.95);
  return result;
}

}  // namespace dinsd
