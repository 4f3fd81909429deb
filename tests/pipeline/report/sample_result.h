#pragma once

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <utility>

#include "pipeline/report/slice_view.h"
#include "pipeline/segment/study_result.h"
#include "tests/random.h"

namespace dinsd {

/// Adds lesion `label` of the result's mask with one positive click in its middle slice.
inline void AddLesionOfMask(StudyResult& result, std::uint16_t label) {
  const GridGeometry& grid = result.image.grid;
  const SliceView view(grid);
  LesionResult lesion{.id = "L" + std::to_string(label), .label = label, .clicks_positive = 1};
  std::set<std::int64_t> slices;
  std::vector<std::array<std::int64_t, 3>> voxels;
  for (std::size_t at = 0; at < result.mask.labels.size(); ++at) {
    if (result.mask.labels[at] != label) continue;
    const Index3 v = IndexAt(grid.SizeZyx(), at);
    voxels.push_back({v.x, v.y, v.z});
    slices.insert(view.FromGrid(voxels.back()).z);
  }
  lesion.voxels = static_cast<std::int64_t>(voxels.size());
  lesion.volume_ml = static_cast<double>(lesion.voxels) * grid.VoxelVolumeMl();
  lesion.slices_spanned = static_cast<int>(slices.size());
  lesion.is_below_measurable = lesion.slices_spanned < result.options.measurable_slices;
  result.total_ml += lesion.volume_ml;
  ResolvedLesion resolved{.id = lesion.id};
  if (!voxels.empty()) resolved.clicks = {{.ijk = voxels[voxels.size() / 2]}};
  result.resolved.lesions.push_back(resolved);
  result.prompts.prompts.lesions.push_back({.id = lesion.id});
  result.lesions.push_back(lesion);
}

/// Everything of a result but image, masks and lesions.
inline StudyResult ResultWithoutLesions(const GridGeometry& grid) {
  StudyResult result;
  result.study.name = "study-7";
  result.study.identity = {.patient = "P-0042", .study_date = "2026-03-04", .weight_kg = 61.5};
  result.study.has_manifest = true;
  result.study.digests = {{.file = "image.nii.gz", .sha256 = std::string(64, 'a')}};
  result.image.files = {"image.nii.gz"};
  result.image.file_sha256 = {std::string(64, 'a')};
  result.image.sequence = "stir";
  result.image.is_chosen = true;
  result.image.reason = "the only image";
  result.image.grid = grid;
  result.prompts.file = "image.nii.gz.prompts.json";
  result.prompts.sha256 = std::string(64, 'b');
  result.prompts.prompts.provenance = {.source = "human", .created = "2026-03-05T10:00:00Z"};
  result.mode = "whole";
  result.mode_reason = "3 clicks are no more than the 20 that the network was trained with in one pass";
  result.weights_name = "dins-test.safetensors";
  result.weights_sha256 = std::string(64, 'c');
  result.manifest.trained_for = {"t1", "pet"};
  result.manifest.training_data = "Made-up data, CC BY 3.0.";
  result.manifest.licence = "MIT";
  result.device = "CPU";
  result.timings = {{"reading", 0.4}, {"network", 21.5}};
  result.peak_memory_gib = 2.25;
  return result;
}

/// Sets `label` in a ball of the map and makes the image brighter there.
inline void AddBall(StudyResult& result, LabelMap& map, std::uint16_t label, const std::array<double, 3>& centre_ijk,
                    double radius_mm) {
  const GridGeometry& grid = result.image.grid;
  const auto middle = static_cast<std::ptrdiff_t>(centre_ijk[2]);
  const auto plane = grid.size[0] * grid.size[1], reach = static_cast<std::int64_t>(radius_mm / grid.spacing[2]) + 2;
  const std::int64_t begin = std::max<std::int64_t>(0, middle - reach) * plane;
  const std::int64_t end = std::min(grid.size[2], middle + reach) * plane;
  for (auto at = static_cast<std::size_t>(begin); at < static_cast<std::size_t>(end); ++at) {
    const Index3 v = IndexAt(grid.SizeZyx(), at);
    const double r = std::hypot((static_cast<double>(v.x) - centre_ijk[0]) * grid.spacing[0],
                                (static_cast<double>(v.y) - centre_ijk[1]) * grid.spacing[1],
                                (static_cast<double>(v.z) - centre_ijk[2]) * grid.spacing[2]);
    if (r > radius_mm || map.labels[at] != 0) continue;
    map.labels[at] = label;
    result.volume.voxels[at] += 200;
  }
}

/// A made-up result: a coronal volume with balls in noise. The grid runs i = right to left, j = head to feet, k = front
/// to back.
inline StudyResult SampleResult(int lesions = 3, std::array<std::int64_t, 3> size = {80, 200, 12}) {
  const GridGeometry grid{.size = size, .spacing = {2, 2, 10}, .direction = {1, 0, 0, 0, 0, 1, 0, -1, 0}};
  StudyResult result = ResultWithoutLesions(grid);
  const std::size_t voxels = grid.SizeZyx().VoxelCount();
  result.volume = {grid, std::vector<float>(voxels)};
  result.mask = {grid, std::vector<std::uint16_t>(voxels)};
  result.unprompted = {grid, std::vector<std::uint16_t>(voxels)};
  TestRandom random(5);
  for (float& v : result.volume.voxels) v = static_cast<float>(random.Below(60));
  for (int k = 1; k <= lesions; ++k) {
    const auto label = static_cast<std::uint16_t>(k);
    const double i = 15 + 50 * random.Unit(), j = 15 + (static_cast<double>(size[1]) - 30) * random.Unit();
    AddBall(result, result.mask, label, {i, j, 2 + (static_cast<double>(size[2]) - 5) * random.Unit()},
            8 + 15 * random.Unit());
    AddLesionOfMask(result, label);
  }
  AddBall(result, result.unprompted, 1, {40, 40, 6}, 15);
  result.unprompted_voxels = std::count(result.unprompted.labels.begin(), result.unprompted.labels.end(), 1);
  result.unprompted_ml = static_cast<double>(result.unprompted_voxels) * grid.VoxelVolumeMl();
  result.unprompted_components = 1;
  return result;
}

}  // namespace dinsd
