#pragma once

#include <cstdint>
#include <vector>

#include "model/interval_calibration.h"
#include "pipeline/interval/lesion_inside.h"
#include "pipeline/prompt/resolve_stations.h"
#include "pipeline/read/station_map.h"

namespace dinsd {

/// What the clicks of a re-run are drawn from.
struct ClickVariation {
  const StationPrompts& prompts;          // as the person gave them
  const LabelMap& mask;                   // of the segmentation itself, lesion k has label k + 1; on the map's grid
  const std::vector<InsideVoxels>& deep;  // DeepVoxels of it
  const StationMap& map;
  RunVariation how;
  std::uint64_t seed = 1;
};

/// Clicks that a person could as well have set, a function of seed and `run`: each positive click is left out (while
/// the lesion keeps another), or set anew deep inside the lesion, or moved a little inside it; each negative one is
/// moved a little where nothing was segmented. What finds no place stays where it was, so do clicks of a lesion without
/// a voxel and those of the background; no click comes to lie on one of the other sign. Boxes stay. A click is one of
/// every station that covers it. Thread-safe.
[[nodiscard]] StationPrompts VaryClicks(const ClickVariation& variation, int run);

}  // namespace dinsd
