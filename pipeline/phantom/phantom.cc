#include "pipeline/phantom/phantom.h"

#include <algorithm>
#include <stdexcept>

#include "pipeline/phantom/lesion.h"
#include "pipeline/phantom/phantom_clicks.h"
#include "pipeline/phantom/scan_effects.h"
#include "pipeline/phantom/sub_slice.h"

namespace dinsd {
namespace {

constexpr std::array<double, 9> kCoronal = {1, 0, 0, 0, 0, 1, 0, -1, 0};  // columns: +x, -z, +y

GridGeometry GridOf(PhantomPreset preset) {
  switch (preset) {
    case PhantomPreset::kWholeBodyA:
      return {{321, 1080, 20}, {1.5625, 1.5625, 10}, {-250, -95, 842.96875}, kCoronal};
    case PhantomPreset::kWholeBodyB:
      return {{397, 1340, 41}, {1.3, 1.3, 6}, {-257.4, -120, 870.35}, kCoronal};
    case PhantomPreset::kSmall:
      break;
  }
  return {{64, 96, 8}, {2.5, 2.5, 10}, {10, -24, -20}, kCoronal};
}

BodyBox FieldOf(const GridGeometry& grid) {
  const std::array<double, 3> last =
      LpsFromIndex(grid, {static_cast<double>(grid.size[0] - 1), static_cast<double>(grid.size[1] - 1),
                          static_cast<double>(grid.size[2] - 1)});
  return {{static_cast<float>(grid.origin[0]), static_cast<float>(grid.origin[1]), static_cast<float>(last[2])},
          {static_cast<float>(last[0]), static_cast<float>(last[1]), static_cast<float>(grid.origin[2])}};
}

// Where tumours may lie, in body coordinates: a patient who moves keeps them in the field.
BodyBox LesionField(const BodyBox& field) {
  return {{field.low.x + 14, field.low.y + 7, field.low.z + 22},
          {field.high.x - 14, field.high.y - 7, field.high.z - 22}};
}

struct Scene {
  std::vector<PlacedPaint> paints;
  std::vector<LesionShape> lesions;
};

void Render(const Scene& scene, SubSlice& canvas, Phantom& phantom, std::vector<LesionShare>& shares) {
  const GridGeometry& grid = phantom.image.grid;
  const int sub_slices = grid.spacing[2] > 8 ? 5 : 3;
  const auto pixels = static_cast<std::size_t>(grid.size[0] * grid.size[1]);
  for (std::int64_t k = 0; k < grid.size[2]; ++k) {
    float* slice = phantom.image.voxels.data() + static_cast<std::size_t>(k) * pixels;
    for (int s = 0; s < sub_slices; ++s) {
      const double offset = (s + 0.5) / sub_slices - 0.5;
      canvas.Begin(static_cast<float>(grid.origin[1] + (static_cast<double>(k) + offset) * grid.spacing[2]));
      for (const PlacedPaint& paint : scene.paints) canvas.Lay(paint);
      for (std::size_t n = 0; n < scene.lesions.size(); ++n) canvas.Lay(scene.lesions[n], k, sub_slices, shares[n]);
      for (std::size_t p = 0; p < pixels; ++p) slice[p] += canvas.signal()[p] / static_cast<float>(sub_slices);
    }
  }
}

// A voxel belongs to the tumour that fills most of it, where that is half of the most that the tumour fills anywhere:
// the outline at half of its contrast, also for one that is thinner than a slice.
void Label(const std::vector<LesionShare>& shares, LabelMap& truth) {
  std::vector<float> best(truth.labels.size(), 0);
  for (std::size_t n = 0; n < shares.size(); ++n) {
    LesionShare share = shares[n];
    if (share.share.empty()) continue;
    const float threshold = 0.5F * *std::max_element(share.share.begin(), share.share.end());
    for (std::int64_t k = share.low[2]; k < share.low[2] + share.size[2]; ++k) {
      for (std::int64_t j = share.low[1]; j < share.low[1] + share.size[1]; ++j) {
        for (std::int64_t i = share.low[0]; i < share.low[0] + share.size[0]; ++i) {
          const auto v = static_cast<std::size_t>((k * truth.grid.size[1] + j) * truth.grid.size[0] + i);
          const float part = share.At(i, j, k);
          if (part <= 0 || part < threshold || part <= best[v]) continue;
          best[v] = part;
          truth.labels[v] = static_cast<std::uint16_t>(n + 1);
        }
      }
    }
  }
}

std::vector<std::string> Removed(const std::vector<LesionPlan>& plans, int timepoint) {
  std::vector<std::string> ids;
  for (const LesionPlan& plan : plans) {
    if (timepoint > 1 && plan.VolumeMl(timepoint - 1) > 0 && plan.VolumeMl(timepoint) == 0) ids.push_back(plan.id);
  }
  return ids;
}

char LateralityOf(const LesionShape& shape) {
  if (shape.box().low.x < -8 && shape.box().high.x > 8) return 'B';
  return shape.centre().x > 0 ? 'L' : 'R';
}

void Describe(const std::vector<LesionPlan>& plans, const Scene& scene, Phantom& phantom) {
  std::vector<std::size_t> voxels(plans.size() + 1, 0);
  for (const std::uint16_t label : phantom.truth.labels) ++voxels[label];
  for (std::size_t n = 0; n < plans.size(); ++n) {
    PhantomLesion lesion;
    lesion.id = plans[n].id;
    lesion.site = plans[n].site;
    lesion.is_plexiform = plans[n].is_plexiform;
    lesion.is_superficial = plans[n].is_superficial;
    lesion.laterality = LateralityOf(scene.lesions[n]);
    lesion.analytic_ml = scene.lesions[n].volume_ml();
    lesion.voxel_ml = static_cast<double>(voxels[n + 1]) * phantom.truth.grid.VoxelVolumeMl();
    const int timepoint = phantom.options.timepoint;
    const double before = timepoint > 1 ? plans[n].VolumeMl(timepoint - 1) : 0;
    lesion.is_new = timepoint > 1 && before == 0;
    if (before > 0) lesion.change_factor = plans[n].VolumeMl(timepoint) / before;
    lesion.clicks_lps = ClicksOf(phantom.truth, static_cast<std::uint16_t>(n + 1), phantom.options.seed);
    phantom.lesions.push_back(std::move(lesion));
  }
}

}  // namespace

void PhantomOptions::Check() const {
  if (timepoint < 1 || timepoint > kMostTimepoints)
    throw std::invalid_argument("timepoint must be 1 to " + std::to_string(kMostTimepoints));
}

PhantomPreset PhantomPresetFrom(const std::string& name) {
  for (const auto preset : {PhantomPreset::kWholeBodyA, PhantomPreset::kWholeBodyB, PhantomPreset::kSmall}) {
    if (NameOf(preset) == name) return preset;
  }
  throw std::invalid_argument("preset must be wbmri-a, wbmri-b or small, not " + name);
}

std::string NameOf(PhantomPreset preset) {
  switch (preset) {
    case PhantomPreset::kWholeBodyA:
      return "wbmri-a";
    case PhantomPreset::kWholeBodyB:
      return "wbmri-b";
    case PhantomPreset::kSmall:
      break;
  }
  return "small";
}

Phantom MakePhantom(const PhantomOptions& options) {
  options.Check();
  Phantom phantom;
  phantom.options = options;
  const GridGeometry grid = GridOf(options.preset);
  phantom.image = {grid, std::vector<float>(grid.SizeZyx().VoxelCount(), 0)};
  phantom.truth = {grid, std::vector<std::uint16_t>(grid.SizeZyx().VoxelCount(), 0)};

  const BodyBox field = FieldOf(grid);
  const NoiseTile noise(options.seed, kTextureStream);
  const Warp warp(options.seed, options.timepoint, field.Grown(60));
  Anatomy body = BuildAnatomy(options.seed);
  std::vector<LesionPlan> plans = PlanLesions(options, body, noise, LesionField(field));
  AddLookalikes(body, options.seed, plans, field.Grown(40));
  phantom.removed_ids = Removed(plans, options.timepoint);
  std::erase_if(plans, [&](const LesionPlan& plan) { return plan.VolumeMl(options.timepoint) == 0; });

  Scene scene;
  for (const Paint& paint : body.paints) {
    const BodyBox box = warp.ToScanner(paint.shape.box().Grown(paint.soft_mm / 2));
    if (box.low.x > field.high.x || box.high.x < field.low.x || box.low.z > field.high.z || box.high.z < field.low.z)
      continue;
    scene.paints.push_back({paint, box});
  }
  std::vector<LesionShare> shares;
  for (const LesionPlan& plan : plans) {
    scene.lesions.emplace_back(plan, plan.VolumeMl(options.timepoint), warp, noise);
    shares.emplace_back(grid, scene.lesions.back().box());
  }
  SubSlice canvas(grid, warp, noise);
  Render(scene, canvas, phantom, shares);
  Label(shares, phantom.truth);
  Describe(plans, scene, phantom);
  AddScanEffects(phantom.image, options.seed, options.timepoint);
  return phantom;
}

}  // namespace dinsd
