#pragma once

#include <memory>

#include "model/model_manifest.h"
#include "model/segmenter.h"

namespace dinsd {

/// Whether every value is one that can be used: reach 0 or 0.1 to 1000 mm, contrast 0.01 to 1000, confidence above 0.5
/// and up to 0.999.
[[nodiscard]] bool IsLegal(const ClickHold& hold);

/// Corrects `map` so that it follows the clicks of `input`. The log-odds that the network gives are taken as the mean
/// of a Gaussian process and the clicks as observations of it (Rasmussen and Williams 2006, 2.2): a click whose voxel
/// lacks `confidence` pulls it up or down to that, and its surroundings with it as exp(-d^2 / 2 reach^2 - (difference
/// of intensity)^2 / 2 contrast^2); the others hold what is there. Where every click is followed already, nothing
/// changes; clicks that the network itself answers otherwise go to map.not_followed. Intensities are means over 3 x 3
/// voxels of a slice. Work: clicks^3 + clicks x voxels within 3 reaches.
void HoldToClicks(const NetworkInput& input, const ClickHold& hold, ProbabilityMap& map);

/// `inner`, with every map held to the clicks of its input.
[[nodiscard]] std::unique_ptr<Segmenter> HoldingClicks(std::unique_ptr<Segmenter> inner, const ClickHold& hold);

}  // namespace dinsd
