#include "pipeline/followup/lesion_contrast.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "gpu/distance_transform.h"
#include "pipeline/segment/axes.h"

namespace dinsd {
namespace {

constexpr double kRingMm = 8;

using Ijk = std::array<std::int64_t, 3>;

struct Box {
  Ijk low{}, high{};  // half-open
};

std::map<std::uint16_t, Box> BoxesOf(const LabelMap& mask) {
  std::map<std::uint16_t, Box> boxes;
  for (std::size_t at = 0; at < mask.labels.size(); ++at) {
    if (mask.labels[at] == 0) continue;
    const Index3 v = IndexAt(mask.grid.SizeZyx(), at);
    const Ijk ijk = {v.x, v.y, v.z};
    const auto [box, is_new] = boxes.try_emplace(mask.labels[at], Box{ijk, {v.x + 1, v.y + 1, v.z + 1}});
    for (std::size_t d = 0; d < 3; ++d) {
      box->second.low.at(d) = std::min(box->second.low.at(d), ijk.at(d));
      box->second.high.at(d) = std::max(box->second.high.at(d), ijk.at(d) + 1);
    }
  }
  return boxes;
}

// Leaves the values in another order.
double Quantile(std::vector<float>& values, double share) {
  const auto place =
      values.begin() + static_cast<std::ptrdiff_t>(std::floor(share * static_cast<double>(values.size() - 1)));
  std::nth_element(values.begin(), place, values.end());
  return static_cast<double>(*place);
}

// The voxels of a box, whether each is the lesion's, and how far from it in its slice.
struct Around {
  std::vector<std::size_t> at;
  std::vector<float> distance;
};

Around Surroundings(const LabelMap& mask, std::uint16_t label, Box box, std::size_t across) {
  const GridGeometry& grid = mask.grid;
  for (std::size_t d = 0; d < 3; ++d) {
    if (d == across) continue;
    const auto margin = static_cast<std::int64_t>(std::ceil(kRingMm / grid.spacing.at(d)));
    box.low.at(d) = std::max<std::int64_t>(0, box.low.at(d) - margin);
    box.high.at(d) = std::min(grid.size.at(d), box.high.at(d) + margin);
  }
  const Size3 size = {box.high[2] - box.low[2], box.high[1] - box.low[1], box.high[0] - box.low[0]};
  Around around;
  std::vector<std::uint8_t> inside;
  for (std::int64_t k = box.low[2]; k < box.high[2]; ++k) {
    for (std::int64_t j = box.low[1]; j < box.high[1]; ++j) {
      for (std::int64_t i = box.low[0]; i < box.high[0]; ++i) {
        around.at.push_back(Offset(grid.SizeZyx(), {k, j, i}));
        inside.push_back(mask.labels[around.at.back()] == label ? 1 : 0);
      }
    }
  }
  std::array<double, 3> spacing = grid.spacing;
  spacing.at(across) = 1e4;  // within the slice alone
  around.distance = DistanceToMask(inside, size, {spacing[2], spacing[1], spacing[0]});
  return around;
}

}  // namespace

std::map<std::uint16_t, LesionContrast> ContrastsOf(const Volume& image, const LabelMap& mask) {
  const std::size_t across = ChooseAxes(mask.grid, AxisRule::kSliceAxis).source[0];
  std::map<std::uint16_t, LesionContrast> contrasts;
  for (const auto& [label, box] : BoxesOf(mask)) {
    const Around around = Surroundings(mask, label, box, across);
    std::vector<float> lesion, ring;
    for (std::size_t n = 0; n < around.at.size(); ++n) {
      const std::uint16_t here = mask.labels[around.at[n]];
      if (here == label) lesion.push_back(image.voxels[around.at[n]]);
      if (here == 0 && around.distance[n] <= kRingMm) ring.push_back(image.voxels[around.at[n]]);
    }
    if (!ring.empty()) contrasts[label] = {Quantile(lesion, 0.75), Quantile(ring, 0.5)};
  }
  return contrasts;
}

std::optional<double> ContrastLeft(const LesionContrast& prior, const LesionContrast& today) {
  const double before = prior.upper_quartile - prior.ring_median;
  if (!(before > 0) || !(prior.ring_median > 0) || !(today.ring_median > 0)) return std::nullopt;
  const double scale = today.ring_median / prior.ring_median;
  return (today.upper_quartile - today.ring_median) / (scale * before);
}

}  // namespace dinsd
