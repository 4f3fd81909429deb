#include "pipeline/followup/lesion_contrast.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "pipeline/followup/lesion_surroundings.h"
#include "pipeline/segment/axes.h"

namespace dinsd {
namespace {

constexpr double kRingMm = 8;

// Leaves the values in another order.
double Quantile(std::vector<float>& values, double share) {
  const auto place =
      values.begin() + static_cast<std::ptrdiff_t>(std::floor(share * static_cast<double>(values.size() - 1)));
  std::nth_element(values.begin(), place, values.end());
  return static_cast<double>(*place);
}

}  // namespace

std::map<std::uint16_t, LesionContrast> ContrastsOf(const Volume& image, const LabelMap& mask) {
  const std::size_t across = ChooseAxes(mask.grid, AxisRule::kSliceAxis).source[0];
  std::map<std::uint16_t, LesionContrast> contrasts;
  for (const auto& [label, box] : BoxesOf(mask)) {
    const LesionSurroundings around = SurroundingsOf(mask, label, box, across, kRingMm);
    std::vector<float> lesion, ring;
    for (std::size_t n = 0; n < around.at.size(); ++n) {
      const std::uint16_t here = mask.labels[around.at[n]];
      if (here == label) lesion.push_back(image.voxels[around.at[n]]);
      if (here == 0 && around.distance_mm[n] <= kRingMm) ring.push_back(image.voxels[around.at[n]]);
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
