#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "gpu/mask_ops.h"
#include "model/interaction.h"

namespace dinsd {

/// The window that is cut out of an image for a box: the box itself, grown to at least 6 x 128 x 128 voxels (as far as
/// the image is that large) by equal parts on both sides, moved inside the image where it would leave it.
[[nodiscard]] IndexBox GrowToWindow(const IndexBox& box, const Size3& image);

/// The network grid of a window: each in-plane size rounded (half to even) to a multiple of 16.
[[nodiscard]] NetworkGrid WindowGrid(const IndexBox& window);

/// The voxels of `window` out of a dense array of `size`.
template <typename T>
[[nodiscard]] std::vector<T> CutOut(std::span<const T> array, const Size3& size, const IndexBox& window);

/// 1 inside `box`, 0 elsewhere, on the grid of `window`.
[[nodiscard]] std::vector<std::uint8_t> BoxMask(const IndexBox& box, const IndexBox& window);

/// Erases the label of an image between a box and its window (OutsideBox::kErase).
void EraseOutsideBox(std::vector<std::uint8_t>& label, const Size3& size, const IndexBox& box, const IndexBox& window);

/// One box of a study with its own number of clicks.
struct InteractionBox {
  IndexBox box;
  int max_clicks = 20;
};

/// What happens to the label between a box and its grown window.
enum class OutsideBox {
  kKeep,   // it stays: the clean number
  kErase,  // it is erased for good, for later boxes and the final metrics too, as in the released evaluation
};

struct BoxInteractionResult {
  std::vector<std::vector<InteractionStep>> steps;  // per box; clicks on the window's grid, Dice of the whole volume
  std::vector<std::uint8_t> prediction;             // of all boxes, merged by max, on the image grid
  std::vector<std::uint8_t> label;                  // as it stands after the last box
};

/// A simulated interaction box by box into one prediction: each box is cut out, resampled, normalised and clicked on
/// its own; the prediction is multiplied by the box on the network grid. Stops a box at options.stop_at_dice of the
/// whole volume or at its own number of clicks.
[[nodiscard]] BoxInteractionResult SimulateBoxes(std::span<const float> image, std::span<const std::uint8_t> label,
                                                 const Size3& size, const Vec3& spacing_mm, Normalisation normalisation,
                                                 std::span<const InteractionBox> boxes, OutsideBox outside,
                                                 Segmenter& segmenter, const InteractionOptions& options);

}  // namespace dinsd
