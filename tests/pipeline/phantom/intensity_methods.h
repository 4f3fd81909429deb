#pragma once

#include "pipeline/phantom/phantom.h"

namespace dinsd {

/// How well tumours come out by intensity alone, as mean DSC over the lesions of a study.
struct IntensityResult {
  double best_mean = 0;  // with the one setting that is best for the whole study
  double best_each = 0;  // with the best setting of each lesion by itself
  double best_setting = 0;
};

/// Every threshold: a lesion is found as the components (26 neighbours) above it that touch the lesion.
[[nodiscard]] IntensityResult BestThreshold(const Phantom& phantom);

/// Every tolerance: a lesion is found as what can be reached from its clicks (26 neighbours) over voxels whose signal
/// is within the tolerance of the click's.
[[nodiscard]] IntensityResult BestRegionGrowing(const Phantom& phantom);

}  // namespace dinsd
