#include "daemon/dins/interactive_method.h"
#include "gpu/overlap.h"
#include "model/interaction.h"
#include "model/network_segmenter.h"

namespace dinsd {
namespace {

class DinsMethod : public InteractiveMethod {
 public:
  explicit DinsMethod(LoadedModel model) : model_(std::move(model)) {}

  [[nodiscard]] AxisRule Axes() const override { return model_.manifest.axis_rule; }
  [[nodiscard]] std::string Sha256() const override { return model_.weights_sha256; }

  [[nodiscard]] ClickAnswers Answer(const LoadedCase& loaded, int clicks) override {
    constexpr double kNever = 2;
    AnswerLog log;
    const Vec3 spacing = loaded.axes.SpacingMm();
    const NetworkGrid grid = NetworkGrid::For(model_.manifest, loaded.axes.Size(), spacing);
    const InteractionOptions options{
        .stop_at_dice = kNever, .max_clicks = clicks, .guide = GuideRuleOf(model_.manifest)};
    // The slice that an odd depth is padded with lies behind the image: it is left out of the DSC.
    (void)SimulateInteraction(grid, grid.Image(loaded.image, model_.manifest.normalisation), loaded.mask, spacing,
                              *model_.segmenter, options,
                              [&](const InteractionStep&, std::span<const std::uint8_t> padded) {
                                log.Add(CompareMasks(padded.first(loaded.mask.size()), loaded.mask).Dsc());
                                return true;
                              });
    return log.Take();
  }

 private:
  LoadedModel model_;
};

}  // namespace

std::unique_ptr<InteractiveMethod> MakeDinsMethod(const std::string& weights, const std::string& device) {
  return std::make_unique<DinsMethod>(LoadModel(weights, device, TakenNetworks::kAny));
}

}  // namespace dinsd
