#include "daemon/dins/quirk_method.h"

#include <algorithm>
#include <span>
#include <vector>

#include "gpu/overlap.h"
#include "model/box_mode.h"
#include "model/click_hold.h"
#include "model/dins_network.h"
#include "model/interaction.h"
#include "model/network_segmenter.h"
#include "model/network_segmenter_internal.h"
#include "model/weights_file.h"
#include "pipeline/read/digest.h"

namespace dinsd {
namespace {

constexpr double kNever = 2;  // no Dice ends an interaction before

IndexBox BoxAround(std::span<const std::uint8_t> mask, const Size3& size) {
  IndexBox box{{size.z, size.y, size.x}, {0, 0, 0}};
  for (std::size_t at = 0; at < mask.size(); ++at) {
    if (mask[at] == 0) continue;
    const Index3 v = IndexAt(size, at);
    box.begin = {std::min(box.begin.z, v.z), std::min(box.begin.y, v.y), std::min(box.begin.x, v.x)};
    box.end = {std::max(box.end.z, v.z + 1), std::max(box.end.y, v.y + 1), std::max(box.end.x, v.x + 1)};
  }
  return box;
}

// Both halves of a box along its longest axis, in voxels.
std::vector<InteractionBox> Halves(const IndexBox& box, int clicks) {
  InteractionBox first{box, (clicks + 1) / 2}, second{box, clicks / 2};
  const std::int64_t z = box.end.z - box.begin.z, y = box.end.y - box.begin.y, x = box.end.x - box.begin.x;
  if (z >= y && z >= x) {
    first.box.end.z = second.box.begin.z = box.begin.z + z / 2;
  } else if (y >= x) {
    first.box.end.y = second.box.begin.y = box.begin.y + y / 2;
  } else {
    first.box.end.x = second.box.begin.x = box.begin.x + x / 2;
  }
  if (second.max_clicks == 0) return {first};
  return {first, second};
}

// The weights' network with moments in single precision; everything else as LoadModel does it.
LoadedModel WithSinglePrecisionMoments(LoadedModel model, const std::string& weights) {
  const LoadedWeights loaded = LoadWeights(weights);
  NetworkConstants constants;
  constants.moment_sums = MomentSums::kSinglePrecision;
  DinsNetwork network(loaded.manifest.width, DimVariantOf(loaded.manifest), loaded.network->tensors(), constants);
  model.segmenter = MakeSegmenter(std::move(network), model.device);
  if (loaded.manifest.click_hold.IsOn())
    model.segmenter = HoldingClicks(std::move(model.segmenter), loaded.manifest.click_hold);
  return model;
}

class QuirkMethod : public InteractiveMethod {
 public:
  QuirkMethod(LoadedModel model, const Quirks& quirks) : model_(std::move(model)), quirks_(quirks) {}

  [[nodiscard]] AxisRule Axes() const override { return model_.manifest.axis_rule; }

  [[nodiscard]] std::string Sha256() const override {
    std::string words = model_.weights_sha256;
    for (const std::string& word : WordsOf(quirks_)) words += " " + word;
    const std::span<const char> text(words);
    return Sha256Hex(std::as_bytes(text));
  }

  [[nodiscard]] ClickAnswers Answer(const LoadedCase& loaded, int clicks) override {
    InteractionOptions options{.stop_at_dice = kNever, .max_clicks = clicks, .guide = GuideRuleOf(model_.manifest)};
    if (quirks_.sigma_in_image_voxels) options.guide.spread.unit = SigmaUnit::kImageVoxel;
    options.rules.skeleton_of_whole_error = !quirks_.skeleton_of_component;
    return quirks_.boxes ? InBoxes(loaded, options) : Whole(loaded, options);
  }

 private:
  ClickAnswers Whole(const LoadedCase& loaded, const InteractionOptions& options) {
    const Vec3 spacing = loaded.axes.SpacingMm();
    const NetworkGrid grid = NetworkGrid::For(model_.manifest, loaded.axes.Size(), spacing);
    AnswerLog log;
    (void)SimulateInteraction(grid, grid.Image(loaded.image, model_.manifest.normalisation), loaded.mask, spacing,
                              *model_.segmenter, options,
                              [&](const InteractionStep&, std::span<const std::uint8_t> padded) {
                                log.Add(CompareMasks(padded.first(loaded.mask.size()), loaded.mask).Dsc());
                                return true;
                              });
    return log.Take();
  }

  // DSC as the loop counts it: against the label as it stands, which is what the quirk changes.
  ClickAnswers InBoxes(const LoadedCase& loaded, const InteractionOptions& options) {
    const Size3 size = loaded.axes.Size();
    const std::vector<InteractionBox> boxes = Halves(BoxAround(loaded.mask, size), options.max_clicks);
    const OutsideBox outside = quirks_.erases_between_boxes ? OutsideBox::kErase : OutsideBox::kKeep;
    const BoxInteractionResult result =
        SimulateBoxes(loaded.image, loaded.mask, size, loaded.axes.SpacingMm(), model_.manifest.normalisation, boxes,
                      outside, *model_.segmenter, options);
    ClickAnswers answers;  // the boxes are one piece: no time of a single click is known
    for (const auto& steps : result.steps) {
      for (const InteractionStep& step : steps) answers.dice.push_back(step.dice);
    }
    return answers;
  }

  LoadedModel model_;
  Quirks quirks_;
};

}  // namespace

std::unique_ptr<InteractiveMethod> MakeQuirkMethod(const std::string& weights, const std::string& device,
                                                   const Quirks& quirks) {
  LoadedModel model = LoadModel(weights, device);
  if (quirks.single_precision_moments) model = WithSinglePrecisionMoments(std::move(model), weights);
  return std::make_unique<QuirkMethod>(std::move(model), quirks);
}

}  // namespace dinsd
