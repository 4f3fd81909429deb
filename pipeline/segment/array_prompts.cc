#include "pipeline/segment/array_prompts.h"

#include <algorithm>
#include <utility>

namespace dinsd {
namespace {

std::vector<GuidedClick> Guided(const std::vector<ResolvedClick>& clicks, const AxisMap& axes,
                                const GuideSpread& spread) {
  std::vector<GuidedClick> guided;
  guided.reserve(clicks.size());
  for (const ResolvedClick& c : clicks) guided.push_back({{axes.ToArray(c.ijk), c.sign}, spread});
  return guided;
}

// The box between two corner voxels, in whatever order the axes run.
IndexBox ArrayBox(const VoxelBox& box, const AxisMap& axes) {
  const Index3 a = axes.ToArray(box.begin);
  const Index3 b = axes.ToArray({box.end[0] - 1, box.end[1] - 1, box.end[2] - 1});
  return {{std::min(a.z, b.z), std::min(a.y, b.y), std::min(a.x, b.x)},
          {std::max(a.z, b.z) + 1, std::max(a.y, b.y) + 1, std::max(a.x, b.x) + 1}};
}

}  // namespace

IndexBox ArrayLesion::Bounds() const {
  if (box) return *box;
  IndexBox bounds{clicks.front().click.voxel, clicks.front().click.voxel};
  for (const GuidedClick& c : clicks) {
    const Index3& v = c.click.voxel;
    bounds.begin = {std::min(bounds.begin.z, v.z), std::min(bounds.begin.y, v.y), std::min(bounds.begin.x, v.x)};
    bounds.end = {std::max(bounds.end.z, v.z), std::max(bounds.end.y, v.y), std::max(bounds.end.x, v.x)};
  }
  return {bounds.begin, {bounds.end.z + 1, bounds.end.y + 1, bounds.end.x + 1}};
}

bool ArrayPrompts::IsMarked() const {
  return std::any_of(lesions.begin(), lesions.end(), [](const ArrayLesion& lesion) { return lesion.IsMarked(); });
}

ArrayPrompts OntoArray(const ResolvedPrompts& prompts, const AxisMap& axes, const ModelManifest& manifest,
                       const std::optional<GuideSpread>& asked) {
  const GuideSpread of_weights{manifest.sigma, manifest.sigma_unit};
  const GuideSpread of_file = asked.value_or(prompts.sigma.value_or(of_weights));
  ArrayPrompts array;
  for (const ResolvedLesion& lesion : prompts.lesions) {
    ArrayLesion& on_array = array.lesions.emplace_back();
    on_array.clicks = Guided(lesion.clicks, axes, asked ? *asked : lesion.sigma.value_or(of_file));
    if (lesion.box) on_array.box = ArrayBox(*lesion.box, axes);
    array.clicks.insert(array.clicks.end(), on_array.clicks.begin(), on_array.clicks.end());
  }
  const std::vector<GuidedClick> background = Guided(prompts.background, axes, of_file);
  array.clicks.insert(array.clicks.end(), background.begin(), background.end());
  return array;
}

int ClicksOfOneSign(std::span<const GuidedClick> clicks) {
  const auto positive = std::count_if(clicks.begin(), clicks.end(),
                                      [](const GuidedClick& c) { return c.click.polarity == Polarity::kPositive; });
  return static_cast<int>(std::max<std::int64_t>(positive, static_cast<std::int64_t>(clicks.size()) - positive));
}

}  // namespace dinsd
