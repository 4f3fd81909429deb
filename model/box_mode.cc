#include "model/box_mode.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "gpu/overlap.h"

namespace dinsd {
namespace {

constexpr Size3 kSmallestWindow{6, 128, 128};
constexpr double kInPlaneStep = 16;

Size3 SizeOf(const IndexBox& box) {
  return {box.end.z - box.begin.z, box.end.y - box.begin.y, box.end.x - box.begin.x};
}

struct Span {
  std::int64_t begin;
  std::int64_t end;
};

Span Grow(std::int64_t begin, std::int64_t end, std::int64_t smallest, std::int64_t length) {
  const std::int64_t wanted = std::min(std::max(end - begin, smallest), length);
  const std::int64_t first = begin - (wanted - (end - begin)) / 2;
  const std::int64_t inside = std::clamp<std::int64_t>(first, 0, length - wanted);
  return {inside, inside + wanted};
}

std::int64_t RoundToStep(std::int64_t n) {
  const double steps = std::nearbyint(static_cast<double>(n) / kInPlaneStep);
  return static_cast<std::int64_t>(std::max(1.0, steps) * kInPlaneStep);
}

// Multiplies what the network says by the box, so that nothing outside of it is ever predicted.
class BoxedSegmenter : public Segmenter {
 public:
  BoxedSegmenter(Segmenter& inner, std::vector<std::uint8_t> mask) : inner_(inner), mask_(std::move(mask)) {}

  ProbabilityMap Run(const NetworkInput& input) override {
    ProbabilityMap map = inner_.Run(input);
    for (std::size_t i = 0; i < map.tumour.size(); ++i) map.tumour[i] *= static_cast<float>(mask_[i]);
    return map;
  }

 private:
  Segmenter& inner_;
  std::vector<std::uint8_t> mask_;
};

// `base` with the window's mask merged in by max.
std::vector<std::uint8_t> Merge(const std::vector<std::uint8_t>& base, const Size3& size, const IndexBox& window,
                                std::span<const std::uint8_t> mask) {
  std::vector<std::uint8_t> merged = base;
  const Size3 window_size = SizeOf(window);
  for (std::size_t at = 0; at < window_size.VoxelCount(); ++at) {
    const Index3 v = IndexAt(window_size, at);
    std::uint8_t& voxel = merged[Offset(size, {v.z + window.begin.z, v.y + window.begin.y, v.x + window.begin.x})];
    voxel = std::max(voxel, mask[at]);
  }
  return merged;
}

}  // namespace

IndexBox GrowToWindow(const IndexBox& box, const Size3& image) {
  const Span z = Grow(box.begin.z, box.end.z, kSmallestWindow.z, image.z);
  const Span y = Grow(box.begin.y, box.end.y, kSmallestWindow.y, image.y);
  const Span x = Grow(box.begin.x, box.end.x, kSmallestWindow.x, image.x);
  return {{z.begin, y.begin, x.begin}, {z.end, y.end, x.end}};
}

NetworkGrid WindowGrid(const IndexBox& window) {
  const Size3 size = SizeOf(window);
  return {size, RoundToStep(size.y), RoundToStep(size.x), EdgeRule::kReference};
}

template <typename T>
std::vector<T> CutOut(std::span<const T> array, const Size3& size, const IndexBox& window) {
  std::vector<T> out;
  out.reserve(SizeOf(window).VoxelCount());
  for (std::int64_t z = window.begin.z; z < window.end.z; ++z) {
    for (std::int64_t y = window.begin.y; y < window.end.y; ++y) {
      const T* row = &array[Offset(size, {z, y, 0})];
      out.insert(out.end(), row + window.begin.x, row + window.end.x);
    }
  }
  return out;
}
template std::vector<float> CutOut(std::span<const float>, const Size3&, const IndexBox&);
template std::vector<std::uint8_t> CutOut(std::span<const std::uint8_t>, const Size3&, const IndexBox&);

std::vector<std::uint8_t> BoxMask(const IndexBox& box, const IndexBox& window) {
  const Size3 size = SizeOf(window);
  std::vector<std::uint8_t> mask(size.VoxelCount());
  for (std::size_t at = 0; at < mask.size(); ++at) {
    const Index3 v = IndexAt(size, at);
    const Index3 p{v.z + window.begin.z, v.y + window.begin.y, v.x + window.begin.x};
    mask[at] = p.z >= box.begin.z && p.z < box.end.z && p.y >= box.begin.y && p.y < box.end.y && p.x >= box.begin.x &&
                       p.x < box.end.x
                   ? 1
                   : 0;
  }
  return mask;
}

void EraseOutsideBox(std::vector<std::uint8_t>& label, const Size3& size, const IndexBox& box, const IndexBox& window) {
  const std::vector<std::uint8_t> inside = BoxMask(box, window);
  const Size3 window_size = SizeOf(window);
  for (std::size_t at = 0; at < inside.size(); ++at) {
    const Index3 v = IndexAt(window_size, at);
    const Index3 in_image{v.z + window.begin.z, v.y + window.begin.y, v.x + window.begin.x};
    if (inside[at] == 0) label[Offset(size, in_image)] = 0;
  }
}

BoxInteractionResult SimulateBoxes(std::span<const float> image, std::span<const std::uint8_t> label, const Size3& size,
                                   const Vec3& spacing_mm, Normalisation normalisation,
                                   std::span<const InteractionBox> boxes, OutsideBox outside, Segmenter& segmenter,
                                   const InteractionOptions& options) {
  BoxInteractionResult result{{}, std::vector<std::uint8_t>(size.VoxelCount()), {label.begin(), label.end()}};
  for (const InteractionBox& box : boxes) {
    const IndexBox window = GrowToWindow(box.box, size);
    const NetworkGrid grid = WindowGrid(window);
    const std::vector<std::uint8_t> inside = BoxMask(box.box, window);
    if (outside == OutsideBox::kErase) EraseOutsideBox(result.label, size, box.box, window);
    const std::vector<std::uint8_t> patch_label = CutOut<std::uint8_t>(result.label, size, window);
    const std::vector<float> patch = grid.Image(CutOut<float>(image, size, window), normalisation);
    BoxedSegmenter boxed(segmenter, grid.ToNetwork(inside));
    InteractionOptions own = options;
    own.max_clicks = box.max_clicks;
    own.stop_at_dice = 2;  // the whole volume's Dice decides, below
    std::vector<std::uint8_t> merged = result.prediction;
    std::vector<InteractionStep> steps;
    (void)SimulateInteraction(grid, patch, patch_label, spacing_mm, boxed, own,
                              [&](InteractionStep step, std::span<const std::uint8_t> prediction) {
                                merged = Merge(result.prediction, size, window, prediction);
                                const Overlap overlap = CompareMasks(merged, result.label);
                                step.dice = overlap.LoopDice();
                                step.prediction_voxels = overlap.PredictionVoxels();
                                steps.push_back(step);
                                return step.dice < options.stop_at_dice;
                              });
    result.prediction = std::move(merged);
    result.steps.push_back(std::move(steps));
  }
  return result;
}

}  // namespace dinsd
