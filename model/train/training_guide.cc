#include "model/train/training_guide.h"

#include <stdexcept>

#include "model/guides.h"

namespace dinsd {
namespace {

void NeedsGrid(const PreparedCase& prepared, const std::string& what) {
  if (prepared.image_size.VoxelCount() > 0) return;
  throw std::invalid_argument("case " + prepared.name + ": " + what +
                              " needs the image's own grid, which the case does not hold: prepare it again");
}

}  // namespace

GuideRule GuideRuleOf(const TrainOptions& options) {
  std::optional<GuideRule> rule = GuideRuleFrom(options.guide);
  const std::optional<SigmaUnit> unit = SigmaUnitFrom(options.sigma_unit);
  if (!rule) throw std::invalid_argument("guide '" + options.guide + "' is none of " + GuideWords());
  if (!unit) throw std::invalid_argument("sigma_unit '" + options.sigma_unit + "' is not known");
  rule->spread = {options.sigma, *unit};
  rule->alpha = options.guide_alpha;
  rule->beta = options.guide_beta;
  rule->scale = options.guide_scale;
  return *rule;
}

void UseGuideOf(const ModelManifest& manifest, TrainOptions& options) {
  options.guide = manifest.guide;
  options.guide_scale = manifest.guide_scale;
  options.guide_alpha = manifest.guide_alpha;
  options.guide_beta = manifest.guide_beta;
  options.sigma = manifest.sigma;
  options.sigma_unit = SigmaUnitWord(manifest.sigma_unit);
}

GuideRule GuideRuleFor(const PreparedCase& prepared, const TrainOptions& options) {
  GuideRule rule = GuideRuleOf(options);
  if (rule.IsDistance() || rule.spread.unit == SigmaUnit::kNetworkVoxel) return rule;
  NeedsGrid(prepared, "sigma in " + options.sigma_unit);
  const NetworkGrid grid(prepared.image_size, prepared.size.y, prepared.size.x, EdgeRule::kClamp);
  rule.spread = {grid.SigmaOnNetwork(rule.spread, prepared.image_spacing_mm), SigmaUnit::kNetworkVoxel};
  return rule;
}

Vec3 NetworkVoxelOf(const PreparedCase& prepared) {
  NeedsGrid(prepared, "the size of a voxel in mm");
  const NetworkGrid grid(prepared.image_size, prepared.size.y, prepared.size.x, EdgeRule::kClamp);
  return grid.VoxelMm(prepared.image_spacing_mm);
}

NetworkInput InputOf(const Crop& crop, std::span<const Click> clicks, const GuideRule& guide, const Vec3& voxel_mm) {
  const NetworkGrid grid(crop.size, crop.size.y, crop.size.x, EdgeRule::kClamp);
  return MakeInput(grid, crop.image, WithSpread(clicks, guide.spread), guide, voxel_mm);
}

}  // namespace dinsd
