#include "pipeline/followup/propose.h"

#include <algorithm>
#include <map>
#include <utility>

#include "gpu/distance_transform.h"
#include "pipeline/segment/axes.h"

namespace dinsd {
namespace {

using Ijk = std::array<std::int64_t, 3>;

// The voxels of one lesion, and the box that encloses them.
struct Voxels {
  std::vector<Ijk> all;
  Ijk low{}, high{};  // both inclusive
};

// By label, in one pass over the mask.
std::map<std::uint16_t, Voxels> VoxelsByLabel(const LabelMap& mask) {
  std::map<std::uint16_t, Voxels> lesions;
  for (std::size_t at = 0; at < mask.labels.size(); ++at) {
    if (mask.labels[at] == 0) continue;
    const Index3 v = IndexAt(mask.grid.SizeZyx(), at);
    const Ijk ijk = {v.x, v.y, v.z};
    const auto [lesion, is_first] = lesions.try_emplace(mask.labels[at], Voxels{{}, ijk, ijk});
    for (std::size_t axis = 0; axis < 3; ++axis) {
      lesion->second.low.at(axis) = std::min(lesion->second.low.at(axis), ijk.at(axis));
      lesion->second.high.at(axis) = std::max(lesion->second.high.at(axis), ijk.at(axis));
    }
    lesion->second.all.push_back(ijk);
  }
  return lesions;
}

// The slice below which the share `part` of the lesion's volume lies.
std::int64_t SliceAtShare(const std::vector<std::int64_t>& areas, double part) {
  std::int64_t volume = 0;
  for (const std::int64_t area : areas) volume += area;
  std::int64_t below = 0;
  for (std::size_t k = 0; k < areas.size(); ++k) {
    below += areas[k];
    if (static_cast<double>(below) > part * static_cast<double>(volume)) return static_cast<std::int64_t>(k);
  }
  return static_cast<std::int64_t>(areas.size()) - 1;
}

// The voxel on slice `k` of axis `across` that lies deepest inside the lesion's outline there.
Ijk DeepestOn(const Voxels& lesion, std::size_t across, std::int64_t k, const std::array<double, 3>& spacing) {
  const std::size_t u = across == 0 ? 1 : 0, v = across == 2 ? 1 : 2;  // the axes within the slice
  const Size3 size = {1, lesion.high.at(v) - lesion.low.at(v) + 3, lesion.high.at(u) - lesion.low.at(u) + 3};
  std::vector<std::uint8_t> outside(size.VoxelCount(), 1);
  for (const Ijk& voxel : lesion.all) {
    if (voxel.at(across) != k) continue;
    outside[Offset(size, {0, voxel.at(v) - lesion.low.at(v) + 1, voxel.at(u) - lesion.low.at(u) + 1})] = 0;
  }
  const std::vector<float> depth = DistanceToMask(outside, size, {1, spacing.at(v), spacing.at(u)});
  const auto deepest = std::max_element(depth.begin(), depth.end());
  const Index3 at = IndexAt(size, static_cast<std::size_t>(deepest - depth.begin()));
  Ijk voxel{};
  voxel.at(across) = k;
  voxel.at(v) = at.y - 1 + lesion.low.at(v);
  voxel.at(u) = at.x - 1 + lesion.low.at(u);
  return voxel;
}

std::vector<Ijk> Inside(const Voxels& lesion, const GridGeometry& grid) {
  const std::size_t across = ChooseAxes(grid, AxisRule::kSliceAxis).source[0];
  std::vector<std::int64_t> areas(static_cast<std::size_t>(lesion.high.at(across) - lesion.low.at(across) + 1));
  for (const Ijk& voxel : lesion.all) ++areas[static_cast<std::size_t>(voxel.at(across) - lesion.low.at(across))];
  const std::size_t count = std::min<std::size_t>(3, (areas.size() + 1) / 2);
  std::vector<Ijk> inside;
  for (std::size_t n = 0; n < count; ++n) {
    const double part = (static_cast<double>(n) + 0.5) / static_cast<double>(count);
    const std::int64_t slice = lesion.low.at(across) + SliceAtShare(areas, part);
    const Ijk voxel = DeepestOn(lesion, across, slice, grid.spacing);
    if (std::find(inside.begin(), inside.end(), voxel) == inside.end()) inside.push_back(voxel);
  }
  return inside;
}

PromptLesion Identity(const PriorLesion& prior) {
  PromptLesion lesion;
  lesion.id = prior.id;
  lesion.tracking_uid = prior.tracking_uid;
  lesion.type = prior.type;
  lesion.depth = prior.depth;
  lesion.laterality = prior.laterality;
  lesion.site = prior.site;
  return lesion;
}

PromptClick Proposed(const GridGeometry& grid, const Ijk& voxel, int order) {
  PromptClick click;
  click.p =
      LpsFromIndex(grid, {static_cast<double>(voxel[0]), static_cast<double>(voxel[1]), static_cast<double>(voxel[2])});
  click.sign = Polarity::kPositive;
  click.status = ClickStatus::kProposed;
  click.order = order;
  return click;
}

}  // namespace

std::vector<Ijk> InteriorVoxels(const LabelMap& mask, std::uint16_t label) {
  const std::map<std::uint16_t, Voxels> lesions = VoxelsByLabel(mask);
  const auto lesion = lesions.find(label);
  return lesion == lesions.end() ? std::vector<Ijk>() : Inside(lesion->second, mask.grid);
}

Prompts ProposePrompts(const std::vector<PriorLesion>& lesions, const LabelMap& mask, const PromptImage& image,
                       const std::string& created) {
  Prompts prompts;
  prompts.image = image;
  prompts.space = PromptSpace::kLpsMm;
  prompts.provenance = {.source = "propagated", .created = created, .tool = "dinsd", .tool_version = DINSD_VERSION};
  const std::map<std::uint16_t, Voxels> shown = VoxelsByLabel(mask);
  for (const PriorLesion& prior : lesions) {
    const auto voxels = shown.find(prior.label);
    if (voxels == shown.end()) continue;
    PromptLesion lesion = Identity(prior);
    for (const Ijk& voxel : Inside(voxels->second, mask.grid))
      lesion.clicks.push_back(Proposed(mask.grid, voxel, static_cast<int>(lesion.clicks.size())));
    prompts.lesions.push_back(std::move(lesion));
  }
  return prompts;
}

}  // namespace dinsd
