#include <span>

#include "daemon/dins/interactive_method.h"
#include "gpu/overlap.h"
#include "model/click_simulation.h"
#include "pipeline/baseline/baseline.h"
#include "pipeline/read/digest.h"

namespace dinsd {
namespace {

class BaselineMethod : public InteractiveMethod {
 public:
  explicit BaselineMethod(const BaselineName& name) : name_(name) {}

  [[nodiscard]] AxisRule Axes() const override { return AxisRule::kSliceAxis; }

  [[nodiscard]] std::string Sha256() const override {
    const std::string settings = SettingsText(name_, options_);
    return Sha256Hex(std::as_bytes(std::span(settings)));
  }

  [[nodiscard]] ClickAnswers Answer(const LoadedCase& loaded, int clicks) override {
    AnswerLog log;
    const Size3 size = loaded.axes.Size();
    const Vec3 spacing_mm = loaded.axes.SpacingMm();
    std::optional<std::vector<IndexBox>> boxes;
    if (name_.in_box) boxes = BoxesAround(loaded.mask, size, spacing_mm, options_.box_margin_mm);
    Baseline baseline(name_.kind, options_, loaded.image, size, spacing_mm, boxes);
    std::vector<Click> made;
    std::vector<Index3> earlier;
    std::vector<std::uint8_t> prediction(size.VoxelCount());
    while (static_cast<int>(made.size()) < clicks) {
      const std::optional<Click> click = NextClick(prediction, loaded.mask, size, earlier);
      if (!click) break;
      made.push_back(*click);
      earlier.push_back(click->voxel);
      prediction = baseline.Segment(made);
      log.Add(CompareMasks(prediction, loaded.mask).Dsc());
    }
    return log.Take();
  }

 private:
  BaselineName name_;
  BaselineOptions options_;
};

}  // namespace

std::unique_ptr<InteractiveMethod> MakeBaselineMethod(const std::string& word) {
  return std::make_unique<BaselineMethod>(BaselineOfWord(word).value());
}

}  // namespace dinsd
