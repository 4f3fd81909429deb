#include "model/interaction.h"

#include <algorithm>
#include <optional>

#include "gpu/overlap.h"
#include "model/guides.h"

namespace dinsd {
std::vector<std::uint8_t> Predict(const NetworkGrid& grid, const std::vector<float>& image,
                                  std::span<const Click> clicks, const GuideRule& guide, const Vec3& spacing_mm,
                                  Segmenter& segmenter) {
  const ProbabilityMap map = segmenter.Run(MakeInput(grid, image, WithSpread(clicks, guide.spread), guide, spacing_mm));
  std::vector<std::uint8_t> mask(map.tumour.size());
  std::transform(map.tumour.begin(), map.tumour.end(), mask.begin(), [](float p) { return p > 0.5F ? 1 : 0; });
  return grid.ToPadded(mask);
}

InteractionResult SimulateInteraction(const NetworkGrid& grid, const std::vector<float>& image,
                                      std::span<const std::uint8_t> label, const Vec3& spacing_mm, Segmenter& segmenter,
                                      const InteractionOptions& options, const OnInteractionStep& on_step) {
  const std::vector<std::uint8_t> truth = grid.WithPadding(label);
  std::vector<std::uint8_t> prediction(truth.size());
  std::vector<Click> clicks;
  std::vector<Index3> earlier;
  InteractionResult result;
  while (static_cast<int>(clicks.size()) < options.max_clicks) {
    const std::optional<Click> click = NextClick(prediction, truth, grid.padded(), earlier, options.rules);
    if (!click) break;
    clicks.push_back(*click);
    earlier.push_back(click->voxel);
    prediction = Predict(grid, image, clicks, options.guide, spacing_mm, segmenter);
    const Overlap overlap = CompareMasks(prediction, truth);
    result.steps.push_back({*click, overlap.LoopDice(), overlap.PredictionVoxels()});
    if (on_step && !on_step(result.steps.back(), prediction)) break;
    if (overlap.LoopDice() >= options.stop_at_dice) break;
  }
  result.prediction = grid.WithoutPadding(std::move(prediction));
  return result;
}

}  // namespace dinsd
