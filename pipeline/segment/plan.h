#pragma once

#include <cstdint>
#include <string>

#include "pipeline/segment/array_prompts.h"
#include "pipeline/segment/cost_estimate.h"
#include "pipeline/segment/segment_options.h"

namespace dinsd {

/// How a study will be brought to the network, decided before anything is run.
struct StudyPlan {
  bool has_passes = false;  // false: nothing is marked, so nothing is run
  bool uses_boxes = false;
  std::string mode;                  // "whole", "boxes", or "none" where nothing is run
  std::string reason;                // a sentence for the report
  int passes = 0;                    // of boxes: before any window grows, equal windows counted once
  std::int64_t largest_pass = 0;     // voxels of the network grid
  std::int64_t max_pass_voxels = 0;  // beyond which no window may grow; 0 = no limit
  CostEstimate cost;
};

/// Whole volume or boxes. kAuto takes boxes where the study holds more clicks of one sign than the network was trained
/// for in one pass, where the whole volume is more than 16 times as large as the largest piece that training saw, or
/// where its estimated memory is above options.max_memory_gib. Throws InputError
/// MEMORY_LIMIT (with both figures, naming `file`) where the mode that is left does not fit.
[[nodiscard]] StudyPlan PlanStudy(const NetworkGrid& grid, const ArrayPrompts& prompts, const ModelManifest& manifest,
                                  const SegmentOptions& options, const std::string& file);

/// Where normalised intensities z lie on another scale: factor * z + shift.
struct IntensityScale {
  double factor = 1;
  double shift = 0;
};

/// A study's geometry and prompts as the network will see them, before a voxel is decoded.
struct StudyOnArray {
  AxisMap axes;
  NetworkGrid grid;
  ArrayPrompts prompts;
  StudyPlan plan;
  IntensityScale scale = {};  // of an image that is a part of what is normalised; only where windows share one image
  unsigned mirrored = 0;      // axes along which the network sees it reversed: 1 = columns, 2 = rows, 4 = slices
};

/// Throws InputError: ORIENTATION_AMBIGUOUS (two axes run along the same world axis, where the weights go by world
/// axes), SPACING_OUT_OF_RANGE (pixels over ten times or under a fiftieth of the network's, or slices
/// less than 0.1 mm or more than 50 mm apart) and those of PlanStudy; all
/// name `file`.
[[nodiscard]] StudyOnArray PutOnArray(const GridGeometry& grid, const ResolvedPrompts& prompts,
                                      const ModelManifest& manifest, const SegmentOptions& options,
                                      const std::string& file);

}  // namespace dinsd
