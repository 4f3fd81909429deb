#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "model/segmenter.h"
#include "pipeline/segment/array_prompts.h"
#include "pipeline/segment/plan.h"
#include "pipeline/segment/windows.h"

namespace dinsd {

/// What one pass of the network sees: 1 = tumour.
struct PassMask {
  std::vector<std::uint8_t> mask;
  float highest = 0;                      // largest probability
  std::vector<Index3> not_followed = {};  // of the array: clicks that the network answered otherwise and was held to
};

/// Everything that the passes over one study have in common; what it refers to must outlive it.
struct PassContext {
  const ModelManifest& manifest;
  const NetworkGrid& grid;  // of the whole array
  Vec3 spacing_mm;          // of the array, z y x
  double threshold = 0.5;   // a voxel whose probability is above it is tumour
  Segmenter& segmenter;
  IntensityScale scale = {};  // what the normalised array is brought to; not where each window is normalised on its own
};

/// One pass over the whole array, as in the released evaluation (model/interaction.h, Predict): mask on the network
/// grid, brought back by order 0, without the zero slice of an odd depth. `array` is the image, depth, rows, columns.
/// Throws std::runtime_error when the network gives a value that is no probability.
[[nodiscard]] PassMask WholePass(std::span<const float> array, std::span<const GuidedClick> clicks,
                                 const PassContext& context);

/// Runs windows of one study (see WindowRule).
class WindowRunner {
 public:
  virtual ~WindowRunner() = default;

  /// The mask of `window` on its own grid, from those of `clicks` that lie inside; nothing outside `box` where one is
  /// given (on the grid of the windows). Throws as WholePass does.
  [[nodiscard]] virtual PassMask Run(const IndexBox& window, const std::optional<IndexBox>& box,
                                     std::span<const GuidedClick> clicks) = 0;

  /// A mask of the windows' grid on the array.
  [[nodiscard]] virtual std::vector<std::uint8_t> ToArray(std::vector<std::uint8_t> mask) const = 0;
};

/// The image is brought onto the network grid and normalised once, as training did before it cut its crops; windows are
/// cut out of that (kSpacing). For kFixedSize each window is cut out of the array, resampled and normalised on its own,
/// as in the published box mode.
[[nodiscard]] std::unique_ptr<WindowRunner> MakeWindowRunner(const WindowRule& rule, std::span<const float> array,
                                                             const PassContext& context);

/// Those of `clicks` that lie inside a window.
[[nodiscard]] std::vector<GuidedClick> ClicksInside(const WindowRule& rule, const IndexBox& window,
                                                    std::span<const GuidedClick> clicks);

}  // namespace dinsd
