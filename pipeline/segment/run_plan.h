#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "model/network_segmenter.h"
#include "pipeline/segment/lesions.h"
#include "pipeline/segment/plan.h"

namespace dinsd {

/// What the network sees of a study, on the series grid.
struct SeenTumour {
  std::vector<std::uint8_t> mask;      // k slowest, i fastest
  std::vector<LesionRemarks> lesions;  // one per lesion: window_limit, CLICK_BUDGET
  std::vector<std::string> warnings;
  float highest = 0;  // largest probability of all passes
};

/// Called with words for people and the share of the passes that is done; may throw to stop.
using OnPass = std::function<void(const std::string& words, double share)>;

/// Runs the passes that `study.plan` names (none: an empty mask) over the voxels of the series grid. Throws
/// std::runtime_error when the network gives a value that is no probability.
[[nodiscard]] SeenTumour RunPlan(const StudyOnArray& study, std::span<const float> voxels, LoadedModel& model,
                                 const SegmentOptions& options, const OnPass& on_pass);

}  // namespace dinsd
