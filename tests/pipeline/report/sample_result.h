#pragma once

#include <cmath>
#include <string>

#include "pipeline/segment/study_result.h"
#include "tests/random.h"

namespace dinsd {

/// A made-up result for tests of the report: a coronal volume with balls in a noisy body. The grid runs i = right to
/// left, j = head to feet, k = front to back.
inline StudyResult SampleResult(int lesions = 3, std::array<std::int64_t, 3> size = {80, 200, 12}) {
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
  result.image.grid = {.size = size, .spacing = {2, 2, 10}, .direction = {1, 0, 0, 0, 0, 1, 0, -1, 0}};
  const GridGeometry& grid = result.image.grid;
  const std::size_t voxels = grid.SizeZyx().VoxelCount();
  result.volume = {grid, std::vector<float>(voxels)};
  result.mask = {grid, std::vector<std::uint16_t>(voxels)};
  result.unprompted = {grid, std::vector<std::uint16_t>(voxels)};
  TestRandom random(5);
  for (float& v : result.volume.voxels) v = static_cast<float>(random.Below(60));
  const auto ball = [&](LabelMap& map, std::uint16_t label, double ci, double cj, double ck, double radius_mm) {
    std::int64_t count = 0;
    for (std::size_t at = 0; at < voxels; ++at) {
      const Index3 v = IndexAt(grid.SizeZyx(), at);
      const double r = std::hypot((static_cast<double>(v.x) - ci) * 2, (static_cast<double>(v.y) - cj) * 2,
                                  (static_cast<double>(v.z) - ck) * 10);
      if (r > radius_mm) continue;
      map.labels[at] = label;
      result.volume.voxels[at] += 200;
      ++count;
    }
    return count;
  };
  for (int k = 0; k < lesions; ++k) {
    const double ci = 15 + 50.0 * random.Unit(), cj = 15 + (static_cast<double>(size[1]) - 30) * random.Unit();
    const double ck = 2 + (static_cast<double>(size[2]) - 5) * random.Unit();
    LesionResult lesion;
    lesion.id = "L" + std::to_string(k + 1);
    lesion.label = static_cast<std::uint16_t>(k + 1);
    lesion.voxels = ball(result.mask, lesion.label, ci, std::round(cj), std::round(ck), 9 + 18 * random.Unit());
    lesion.volume_ml = static_cast<double>(lesion.voxels) * grid.VoxelVolumeMl();
    lesion.slices_spanned = 3;
    lesion.clicks_positive = 1;
    result.total_ml += lesion.volume_ml;
    result.lesions.push_back(lesion);
    PromptLesion prompts;
    prompts.id = lesion.id;
    result.prompts.prompts.lesions.push_back(prompts);
    ResolvedLesion resolved;
    resolved.id = lesion.id;
    resolved.clicks = {{.ijk = {std::lround(ci), std::lround(cj), std::lround(ck)}}};
    result.resolved.lesions.push_back(resolved);
  }
  result.unprompted_voxels = ball(result.unprompted, 1, 40, 40, 6, 15);
  result.unprompted_ml = static_cast<double>(result.unprompted_voxels) * grid.VoxelVolumeMl();
  result.unprompted_components = 1;
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

}  // namespace dinsd
