#include "model/click_lesions.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "gpu/connected_components.h"

namespace dinsd {
namespace {

constexpr float kTumour = 0.5F;

Components PartsOf(const ProbabilityMap& map) {
  std::vector<std::uint8_t> mask(map.tumour.size());
  std::transform(map.tumour.begin(), map.tumour.end(), mask.begin(), [](float p) { return p > kTumour ? 1 : 0; });
  return LabelComponents(mask, map.size, Connectivity::k26);
}

}  // namespace

Index3 NearestVoxel(const Vec3& at, const Size3& size) {
  const auto on = [](double v, std::int64_t length) {
    return std::clamp(static_cast<std::int64_t>(std::floor(v + 0.5)), std::int64_t{0}, length - 1);
  };
  return {on(at.z, size.z), on(at.y, size.y), on(at.x, size.x)};
}

ClickLesions::ClickLesions(std::span<const PlacedClick> clicks, const Vec3& voxel_mm, const ProbabilityMap& map)
    : voxel_mm_(voxel_mm) {
  const Components parts = PartsOf(map);
  const double voxel_mm3 = voxel_mm.z * voxel_mm.y * voxel_mm.x;
  std::map<std::int32_t, std::int32_t> lesion_of_part;
  std::vector<Index3> outside;
  for (const PlacedClick& click : clicks) {
    if (click.polarity != Polarity::kPositive) continue;
    const Index3 voxel = NearestVoxel(click.at, map.size);
    const std::int32_t part = parts.labels[Offset(map.size, voxel)];
    if (part == 0) {
      outside.push_back(voxel);
      continue;
    }
    const auto [found, is_new] = lesion_of_part.try_emplace(part, Count());
    if (is_new) volumes_.push_back(static_cast<double>(parts.sizes[static_cast<std::size_t>(part - 1)]) * voxel_mm3);
    marks_.push_back({voxel, found->second});
  }
  const std::vector<Mark> inside = marks_;
  for (const Index3& voxel : outside) marks_.push_back({voxel, OfNearest(inside, voxel)});
  if (volumes_.empty()) volumes_.push_back(0);
}

double ClickLesions::SquaredMm(const Index3& a, const Index3& b) const {
  const double z = static_cast<double>(a.z - b.z) * voxel_mm_.z;
  const double y = static_cast<double>(a.y - b.y) * voxel_mm_.y;
  const double x = static_cast<double>(a.x - b.x) * voxel_mm_.x;
  return z * z + y * y + x * x;
}

std::int32_t ClickLesions::OfNearest(std::span<const Mark> marks, const Index3& voxel) const {
  std::int32_t nearest = 0;
  double least = std::numeric_limits<double>::infinity();
  for (const Mark& mark : marks) {
    const double squared = SquaredMm(mark.voxel, voxel);
    if (squared >= least) continue;
    least = squared;
    nearest = mark.lesion;
  }
  return nearest;
}

std::int32_t ClickLesions::Of(const Index3& voxel) const {
  return OfNearest(marks_, voxel);
}

}  // namespace dinsd
