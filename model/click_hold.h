#pragma once

#include <memory>

#include "model/model_manifest.h"
#include "model/segmenter.h"

namespace dinsd {

/// Whether every value is one that can be used: reach 0 or 0.1 to 1000 mm, contrast 0.01 to 1000, confidence above 0.5
/// and up to 0.999, share of the size 0 to 2.
[[nodiscard]] bool IsLegal(const ClickHold& hold);

/// Corrects `map` so that it follows the clicks of `input`. The log-odds that the network gives are taken as the mean
/// of a Gaussian process and the clicks as observations of it (Rasmussen and Williams 2006, 2.2): a click whose voxel
/// lacks `confidence` pulls it up or down to that, and its surroundings with it as exp(-d^2 / 2 reach^2 - (difference
/// of intensity)^2 / 2 contrast^2); the others hold what is there. With a size_share a second process is added to that
/// one, for each tumour (ClickLesions) by itself: (1 - reach / R) exp(-d^2 / 2 R^2), R = size_share times the cube root
/// of the tumour's volume in the map, at least the reach. What is wrong with a large tumour is large, and a correction
/// of 10 mm is lost in it. Where every click is followed already, nothing changes; clicks that the network itself
/// answers otherwise go to map.not_followed. Every clicked voxel ends on the side of 0.5 that its click says (of
/// several clicks on one voxel the latest). Intensities are means over 3 x 3 voxels of a slice. Work: clicks^3 + clicks
/// x voxels within 3 reaches.
void HoldToClicks(const NetworkInput& input, const ClickHold& hold, ProbabilityMap& map);

/// `inner`, with every map held to the clicks of its input; where ClickHold::negative_seen is false, `inner` is shown
/// no negative guide (all zero, as where there is no negative click) and none of the negative clicks.
[[nodiscard]] std::unique_ptr<Segmenter> HoldingClicks(std::unique_ptr<Segmenter> inner, const ClickHold& hold);

}  // namespace dinsd
