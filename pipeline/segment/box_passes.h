#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "pipeline/segment/lesions.h"
#include "pipeline/segment/passes.h"

namespace dinsd {

/// How far windows may grow.
struct BoxPassOptions {
  int max_growths = 3;               // of one lesion's window
  std::int64_t max_pass_voxels = 0;  // of the network grid in one pass; 0 = no limit
};

/// What the passes over the windows of all lesions see together.
struct BoxPassesResult {
  std::vector<std::uint8_t> mask;      // on the array, merged by max
  std::vector<LesionRemarks> lesions;  // one per lesion
  float highest = 0;
  int passes = 0;
};

/// Called before the window of lesion `number` (from 1) of `of`.
using OnBoxPass = std::function<void(std::size_t number, std::size_t of)>;

/// Runs the network on a window round each marked lesion, with the clicks of all lesions and of the background that lie
/// inside. Where the parts of the mask that hold the lesion's positive clicks reach a side of the window that is not
/// the volume's, the window grows by half on that side and is run again, at most `max_growths` times; a lesion that
/// still reaches a side is flagged `window_limit`. A lesion with a box is kept inside it and its window does not grow.
/// Equal windows are run once. More clicks of one sign in a window than training used in one pass: flag CLICK_BUDGET.
[[nodiscard]] BoxPassesResult RunBoxPasses(std::span<const float> array, const ArrayPrompts& prompts,
                                           const PassContext& context, const BoxPassOptions& options,
                                           const OnBoxPass& on_pass);

}  // namespace dinsd
