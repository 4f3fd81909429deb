#include "daemon/dins/boxed_dins_method.h"

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "gpu/overlap.h"
#include "model/click_simulation.h"
#include "model/network_segmenter.h"
#include "pipeline/baseline/baseline_options.h"
#include "pipeline/baseline/region.h"
#include "pipeline/read/digest.h"
#include "pipeline/segment/passes.h"

namespace dinsd {
namespace {

// The masks of all boxes of one case, merged on the grid of the windows.
class Boxes {
 public:
  Boxes(const LoadedCase& loaded, const PassContext& context)
      : rule_(context.manifest, context.grid), runner_(MakeWindowRunner(rule_, loaded.image, context)) {
    const std::vector<IndexBox> boxes =
        BoxesAround(loaded.mask, loaded.axes.Size(), context.spacing_mm, BaselineOptions().box_margin_mm);
    for (const IndexBox& box : boxes) {
      const IndexBox window = rule_.Around({{}, box});
      parts_.push_back({window, rule_.Locate(box), box, {}});
    }
  }

  // The mask on the array after one more click; `clicks` are all of them.
  std::vector<std::uint8_t> Add(const GuidedClick& last, std::span<const GuidedClick> clicks) {
    for (Part& part : parts_) {
      const bool is_its_own = ContainsVoxel(part.on_array, last.click.voxel);
      if (is_its_own || parts_.size() == 1)
        part.mask = runner_->Run(part.window, part.box, ClicksInside(rule_, part.window, clicks)).mask;
    }
    std::vector<std::uint8_t> merged(rule_.size().VoxelCount());
    for (const Part& part : parts_) Merge(part, merged);
    return runner_->ToArray(std::move(merged));
  }

 private:
  struct Part {
    IndexBox window;
    IndexBox box;       // on the grid of the windows
    IndexBox on_array;  // the same on the array
    std::vector<std::uint8_t> mask;
  };

  static bool ContainsVoxel(const IndexBox& box, const Index3& v) {
    return v.z >= box.begin.z && v.z < box.end.z && v.y >= box.begin.y && v.y < box.end.y && v.x >= box.begin.x &&
           v.x < box.end.x;
  }

  void Merge(const Part& part, std::vector<std::uint8_t>& merged) const {
    const Index3 b = part.window.begin, e = part.window.end;
    const Size3 size{e.z - b.z, e.y - b.y, e.x - b.x};
    for (std::size_t at = 0; at < part.mask.size(); ++at) {
      const Index3 v = IndexAt(size, at);
      if (part.mask[at] != 0) merged[Offset(rule_.size(), {v.z + b.z, v.y + b.y, v.x + b.x})] = 1;
    }
  }

  WindowRule rule_;
  std::unique_ptr<WindowRunner> runner_;
  std::vector<Part> parts_;
};

class BoxedDinsMethod : public InteractiveMethod {
 public:
  explicit BoxedDinsMethod(LoadedModel model) : model_(std::move(model)) {}

  [[nodiscard]] AxisRule Axes() const override { return model_.manifest.axis_rule; }

  [[nodiscard]] std::string Sha256() const override {
    const std::string words =
        model_.weights_sha256 + " in boxes of " + std::to_string(BaselineOptions().box_margin_mm) + " mm";
    return Sha256Hex(std::as_bytes(std::span(words)));
  }

  [[nodiscard]] ClickAnswers Answer(const LoadedCase& loaded, int clicks) override {
    AnswerLog log;
    const Size3 size = loaded.axes.Size();
    const Vec3 spacing = loaded.axes.SpacingMm();
    const NetworkGrid grid = NetworkGrid::For(model_.manifest, size, spacing);
    Boxes boxes(loaded, {model_.manifest, grid, spacing, 0.5, *model_.segmenter});
    const GuideSpread spread = GuideRuleOf(model_.manifest).spread;
    std::vector<GuidedClick> made;
    std::vector<Index3> earlier;
    std::vector<std::uint8_t> prediction(size.VoxelCount());
    while (static_cast<int>(made.size()) < clicks) {
      const std::optional<Click> click = NextClick(prediction, loaded.mask, size, earlier);
      if (!click) break;
      made.push_back({*click, spread});
      earlier.push_back(click->voxel);
      prediction = boxes.Add(made.back(), made);
      log.Add(CompareMasks(prediction, loaded.mask).Dsc());
    }
    return log.Take();
  }

 private:
  LoadedModel model_;
};

}  // namespace

std::unique_ptr<InteractiveMethod> MakeBoxedDinsMethod(const std::string& weights, const std::string& device) {
  return std::make_unique<BoxedDinsMethod>(LoadModel(weights, device));
}

}  // namespace dinsd
