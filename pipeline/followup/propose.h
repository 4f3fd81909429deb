#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/followup/prior_lesion.h"
#include "pipeline/prompt/prompts.h"
#include "pipeline/read/volume.h"

namespace dinsd {

/// One to three places well inside a lesion that a prior's mask, brought over to today's grid, shows: as voxels i, j, k
/// of that grid, each of the label. One for a lesion on one or two slices, two on three or four, three on more, spread
/// over its slices by volume; on each the voxel that lies deepest inside the outline (in mm within the slice; of equals
/// the first in raster order). None where the label is absent. Thread-safe.
[[nodiscard]] std::vector<std::array<std::int64_t, 3>> InteriorVoxels(const LabelMap& mask, std::uint16_t label);

/// The clicks that a program proposes for today's study: for each lesion of the prior that `mask` (the prior's mask on
/// today's grid, of the prior's labels) still shows, InteriorVoxels as positive clicks in LPS mm. Identity, type,
/// depth, site and side of a lesion go along.
///
/// Every click is positive and `proposed`, the source is `propagated`: a prior's outline says where tumour was, not
/// where none is today. A negative click beside it would be put on growth and pull the measured change to zero.
/// `created` is RFC 3339. Thread-safe.
[[nodiscard]] Prompts ProposePrompts(const std::vector<PriorLesion>& lesions, const LabelMap& mask,
                                     const PromptImage& image, const std::string& created);

}  // namespace dinsd
