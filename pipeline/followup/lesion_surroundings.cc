#include "pipeline/followup/lesion_surroundings.h"

#include <algorithm>
#include <cmath>

#include "gpu/distance_transform.h"

namespace dinsd {
namespace {

constexpr double kBetweenSlicesMm = 1e4;  // so far that distance is counted within a slice alone

LesionBox Grown(LesionBox box, const GridGeometry& grid, std::size_t across, double margin_mm) {
  for (std::size_t d = 0; d < 3; ++d) {
    if (d == across) continue;
    const auto margin = static_cast<std::int64_t>(std::ceil(margin_mm / grid.spacing.at(d)));
    box.low.at(d) = std::max<std::int64_t>(0, box.low.at(d) - margin);
    box.high.at(d) = std::min(grid.size.at(d), box.high.at(d) + margin);
  }
  return box;
}

}  // namespace

std::map<std::uint16_t, LesionBox> BoxesOf(const LabelMap& mask) {
  std::map<std::uint16_t, LesionBox> boxes;
  for (std::size_t at = 0; at < mask.labels.size(); ++at) {
    if (mask.labels[at] == 0) continue;
    const Index3 v = IndexAt(mask.grid.SizeZyx(), at);
    const std::array<std::int64_t, 3> ijk = {v.x, v.y, v.z};
    const auto [box, is_new] = boxes.try_emplace(mask.labels[at], LesionBox{ijk, {v.x + 1, v.y + 1, v.z + 1}});
    for (std::size_t d = 0; d < 3; ++d) {
      box->second.low.at(d) = std::min(box->second.low.at(d), ijk.at(d));
      box->second.high.at(d) = std::max(box->second.high.at(d), ijk.at(d) + 1);
    }
  }
  return boxes;
}

LesionSurroundings SurroundingsOf(const LabelMap& mask, std::uint16_t label, LesionBox box, std::size_t across,
                                  double margin_mm) {
  const GridGeometry& grid = mask.grid;
  box = Grown(box, grid, across, margin_mm);
  LesionSurroundings around;
  around.size = {box.high[2] - box.low[2], box.high[1] - box.low[1], box.high[0] - box.low[0]};
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
  spacing.at(across) = kBetweenSlicesMm;
  around.distance_mm = DistanceToMask(inside, around.size, {spacing[2], spacing[1], spacing[0]});
  return around;
}

}  // namespace dinsd
