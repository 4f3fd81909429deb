#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "model/click_simulation.h"
#include "model/guide_rule.h"
#include "model/network_grid.h"
#include "model/segmenter.h"

namespace dinsd {

/// How a simulated interaction goes.
struct InteractionOptions {
  double stop_at_dice = 0.85;  // the released evaluation; the paper says 0.8
  int max_clicks = 20;         // of both signs together
  GuideRule guide;             // that of the weights: GuideRuleOf(manifest)
  ClickRules rules;
};

/// One click and what came of it.
struct InteractionStep {
  Click click;                         // on the padded image grid
  double dice = 0;                     // after it, as the loop counts it
  std::int64_t prediction_voxels = 0;  // on the padded image grid
};

/// Called after each step with the prediction on the padded image grid; returning false ends the interaction.
using OnInteractionStep = std::function<bool(const InteractionStep&, std::span<const std::uint8_t> prediction)>;

struct InteractionResult {
  std::vector<InteractionStep> steps;
  std::vector<std::uint8_t> prediction;  // on the image grid, without padding
};

/// The mask that the network gives for these clicks, on the padded image grid: voxels with a probability above 0.5,
/// brought back with order 0. `image` is NetworkGrid::Image's; `spacing_mm` the image's, z y x.
[[nodiscard]] std::vector<std::uint8_t> Predict(const NetworkGrid& grid, const std::vector<float>& image,
                                                std::span<const Click> clicks, const GuideRule& guide,
                                                const Vec3& spacing_mm, Segmenter& segmenter);

/// A simulated person clicks until the Dice is reached or the clicks are used up: click (NextClick on the padded grid,
/// the first from an empty prediction), guides, network, back to the image grid, Dice. `label` is on the image grid.
/// Method: the released evaluation of DINs, in which the zero slice of an odd depth counts and can be clicked.
[[nodiscard]] InteractionResult SimulateInteraction(const NetworkGrid& grid, const std::vector<float>& image,
                                                    std::span<const std::uint8_t> label, const Vec3& spacing_mm,
                                                    Segmenter& segmenter, const InteractionOptions& options,
                                                    const OnInteractionStep& on_step = {});

}  // namespace dinsd
