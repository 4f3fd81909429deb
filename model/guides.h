#pragma once

#include <optional>
#include <span>
#include <vector>

#include "gpu/mask_ops.h"
#include "model/guide_rule.h"
#include "model/network_grid.h"
#include "model/segmenter.h"

namespace dinsd {

/// A click on the padded image grid with the spread of its guide map.
struct GuidedClick {
  Click click;
  GuideSpread spread;
};

/// `clicks` with one spread.
[[nodiscard]] std::vector<GuidedClick> WithSpread(std::span<const Click> clicks, const GuideSpread& spread);

/// THE way from clicks to what the network sees, of training, validation, box mode and inference: `image` (on the
/// network grid, resampled and normalised) with the guide maps of both polarities.
///
/// `clicks` lie on the padded image grid of `grid`; `spacing_mm` (z y x, of the image) is used for a sigma in mm only.
/// kExponential: one map per spread, see NetworkGrid::ExponentialGuide, merged by max. Distances: made on the network
/// grid from clicks scaled to it (Euclidean: their exact positions; geodesic and blend: the nearest voxel, one raster
/// scan with spacing 1 as in the released code, over `image`), see GuideRule for their scale. At half size a click lies
/// on the half grid's voxel that its own voxel belongs to. Throws std::invalid_argument where `image` is not one of the
/// network grid's. Thread-safe.
[[nodiscard]] NetworkInput MakeInput(const NetworkGrid& grid, std::vector<float> image,
                                     std::span<const GuidedClick> clicks, const GuideRule& rule,
                                     const Vec3& spacing_mm);

/// The same of a window of the network grid: `image` is what of the image lies inside, and distances are made from that
/// alone, as training makes them from its crop. `clicks` are those inside (a distance counts from one that is not as
/// from the nearest voxel inside).
[[nodiscard]] NetworkInput MakeWindowInput(const NetworkGrid& grid, const IndexBox& window, std::vector<float> image,
                                           std::span<const GuidedClick> clicks, const GuideRule& rule,
                                           const Vec3& spacing_mm);

}  // namespace dinsd
