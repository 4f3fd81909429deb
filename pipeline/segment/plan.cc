#include "pipeline/segment/plan.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <set>
#include <stdexcept>

#include "pipeline/read/input_error.h"
#include "pipeline/segment/windows.h"

namespace dinsd {
namespace {

// The published evaluation runs whole volumes of up to 42 x 960 x 320, 15.75 times its training crop. Far beyond it the
// instance norm sees another mix of tissue than in training, and tumour appears all over the body.
constexpr double kMostTimesTrainingCrop = 16;

std::string Gib(double gib) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f GiB", gib);
  return text.data();
}

struct Planner {
  const NetworkGrid& grid;
  const ArrayPrompts& prompts;
  const ModelManifest& manifest;
  const SegmentOptions& options;
  const std::string& file;

  [[nodiscard]] std::int64_t ImageVoxels() const { return static_cast<std::int64_t>(grid.image().VoxelCount()); }
  [[nodiscard]] int Repeats() const { return options.average_flips ? 8 : 1; }
  [[nodiscard]] bool Fits(double gib) const { return options.max_memory_gib == 0 || gib <= options.max_memory_gib; }

  [[nodiscard]] StudyPlan Whole(std::string reason) const {
    const auto voxels = static_cast<std::int64_t>(grid.network().VoxelCount());
    return {true, false,  "whole", std::move(reason),
            1,    voxels, 0,       EstimateCost(manifest, ImageVoxels(), voxels, voxels * Repeats())};
  }

  [[nodiscard]] StudyPlan Boxes(std::string reason) const {
    const WindowRule rule(manifest, grid);
    std::set<std::array<std::int64_t, 6>> windows;
    StudyPlan plan{true, true, "boxes", std::move(reason)};
    std::int64_t all = 0;
    for (const ArrayLesion& lesion : prompts.lesions) {
      if (!lesion.IsMarked()) continue;
      const IndexBox window = rule.Around(lesion);
      const Index3 &first = window.begin, &end = window.end;
      if (!windows.insert({first.z, first.y, first.x, end.z, end.y, end.x}).second) continue;
      ++plan.passes;
      plan.largest_pass = std::max(plan.largest_pass, rule.PassVoxels(window));
      all += rule.PassVoxels(window);
    }
    plan.cost = EstimateCost(manifest, ImageVoxels(), plan.largest_pass, all * Repeats());
    if (options.max_memory_gib > 0) {
      plan.max_pass_voxels =
          std::max<std::int64_t>(1, LargestPassWithin(manifest, ImageVoxels(), options.max_memory_gib));
    }
    return plan;
  }

  [[nodiscard]] StudyPlan Checked(StudyPlan plan) const {
    if (Fits(plan.cost.memory_gib)) return plan;
    throw InputError("MEMORY_LIMIT", file, "",
                     "needs about " + Gib(plan.cost.memory_gib) + " in mode " + plan.mode + ", the limit is " +
                         Gib(options.max_memory_gib));
  }

  [[nodiscard]] StudyPlan Auto() const {
    const int clicks = ClicksOfOneSign(prompts.clicks);
    if (clicks > manifest.max_clicks_per_sign) {
      return Checked(Boxes(std::to_string(clicks) + " clicks of one sign, the network was trained with at most " +
                           std::to_string(manifest.max_clicks_per_sign) + " in one pass"));
    }
    const double times =
        static_cast<double>(grid.network().VoxelCount()) / static_cast<double>(manifest.training_crop.VoxelCount());
    if (times > kMostTimesTrainingCrop) {
      return Checked(Boxes("the whole volume is " + std::to_string(std::lround(times)) +
                           " times as large as the largest piece that training saw"));
    }
    StudyPlan whole = Whole(std::to_string(clicks) + " clicks of one sign at most, within the " +
                            std::to_string(manifest.max_clicks_per_sign) + " that the network was trained with");
    if (Fits(whole.cost.memory_gib)) return whole;
    return Checked(Boxes("the whole volume needs about " + Gib(whole.cost.memory_gib) + ", the limit is " +
                         Gib(options.max_memory_gib)));
  }
};

AxisMap Axes(const GridGeometry& grid, AxisRule rule, const std::string& file) {
  try {
    return ChooseAxes(grid, rule);
  } catch (const std::invalid_argument& error) {
    throw InputError("ORIENTATION_AMBIGUOUS", file, "", error.what());
  }
}

// Far from the network's own spacing an image would be blown up to any size, or lose its tumours.
void CheckPixelSpacing(const Vec3& spacing_mm, const ModelManifest& manifest, const std::string& file) {
  if (manifest.grid_rule != GridRule::kSpacing) return;
  constexpr double kMostTimes = 10, kLeastTimes = 0.02;
  for (const double spacing : {spacing_mm.y, spacing_mm.x}) {
    if (spacing <= kMostTimes * manifest.spacing_mm && spacing >= kLeastTimes * manifest.spacing_mm) continue;
    std::array<char, 160> text{};
    std::snprintf(text.data(), text.size(), "pixels are %g x %g mm, the weights are for %g to %g mm", spacing_mm.y,
                  spacing_mm.x, kLeastTimes * manifest.spacing_mm, kMostTimes * manifest.spacing_mm);
    throw InputError("SPACING_OUT_OF_RANGE", file, "spacing", text.data());
  }
}

// No scanner makes such slices: the spacing is in another unit, or a default that nobody filled in.
void CheckSliceSpacing(double spacing_mm, const std::string& file) {
  constexpr double kLeastMm = 0.1, kMostMm = 50;
  if (spacing_mm >= kLeastMm && spacing_mm <= kMostMm) return;
  std::array<char, 160> text{};
  std::snprintf(text.data(), text.size(), "slices are %g mm apart, %g to %g mm are taken", spacing_mm, kLeastMm,
                kMostMm);
  throw InputError("SPACING_OUT_OF_RANGE", file, "spacing", text.data());
}

}  // namespace

StudyPlan PlanStudy(const NetworkGrid& grid, const ArrayPrompts& prompts, const ModelManifest& manifest,
                    const SegmentOptions& options, const std::string& file) {
  if (!prompts.IsMarked()) {
    return {.mode = "none", .reason = "no lesion is marked, so the network is not run"};
  }
  const Planner planner{grid, prompts, manifest, options, file};
  switch (options.mode) {
    case SegmentMode::kWhole:
      return planner.Checked(planner.Whole("asked for"));
    case SegmentMode::kBoxes:
      return planner.Checked(planner.Boxes("asked for"));
    case SegmentMode::kAuto:
      break;
  }
  return planner.Auto();
}

StudyOnArray PutOnArray(const GridGeometry& grid, const ResolvedPrompts& prompts, const ModelManifest& manifest,
                        const SegmentOptions& options, const std::string& file) {
  const AxisMap axes = Axes(grid, manifest.axis_rule, file);
  CheckPixelSpacing(axes.SpacingMm(), manifest, file);
  CheckSliceSpacing(axes.SpacingMm().z, file);
  const NetworkGrid network = NetworkGrid::For(manifest, axes.Size(), axes.SpacingMm());
  ArrayPrompts on_array = OntoArray(prompts, axes, manifest, options.sigma);
  StudyPlan plan = PlanStudy(network, on_array, manifest, options, file);
  return {axes, network, std::move(on_array), std::move(plan)};
}

}  // namespace dinsd
