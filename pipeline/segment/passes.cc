#include "pipeline/segment/passes.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "model/box_mode.h"
#include "model/guides.h"

namespace dinsd {
namespace {

// `clicks` are those of the map's input, on the array.
PassMask Threshold(const ProbabilityMap& map, double threshold, std::span<const GuidedClick> clicks) {
  PassMask pass{std::vector<std::uint8_t>(map.tumour.size())};
  for (const std::size_t i : map.not_followed) pass.not_followed.push_back(clicks[i].click.voxel);
  const auto limit = static_cast<float>(threshold);
  for (std::size_t at = 0; at < map.tumour.size(); ++at) {
    const float p = map.tumour[at];
    if (!std::isfinite(p)) throw std::runtime_error("the network gave a value that is no probability");
    pass.mask[at] = p > limit ? 1 : 0;
    pass.highest = std::max(pass.highest, p);
  }
  return pass;
}

bool IsInside(const IndexBox& box, const Index3& v) {
  return v.z >= box.begin.z && v.z < box.end.z && v.y >= box.begin.y && v.y < box.end.y && v.x >= box.begin.x &&
         v.x < box.end.x;
}

void KeepInside(const IndexBox& box, const IndexBox& window, std::vector<std::uint8_t>& mask) {
  const std::vector<std::uint8_t> inside = BoxMask(box, window);
  for (std::size_t at = 0; at < mask.size(); ++at) mask[at] = mask[at] != 0 && inside[at] != 0 ? 1 : 0;
}

// The array on the network grid, normalised; 0 is what normalisation left alone.
std::vector<float> Prepared(std::span<const float> array, const PassContext& context) {
  std::vector<float> image = context.grid.Image(array, context.manifest.normalisation);
  if (context.scale.factor == 1 && context.scale.shift == 0) return image;
  for (float& z : image) {
    if (z != 0) z = static_cast<float>(context.scale.factor * static_cast<double>(z) + context.scale.shift);
  }
  return image;
}

// Windows of the network grid: the image is prepared once.
class NetworkWindows : public WindowRunner {
 public:
  NetworkWindows(std::span<const float> array, const PassContext& context)
      : context_(context), image_(Prepared(array, context)) {}

  PassMask Run(const IndexBox& window, const std::optional<IndexBox>& box,
               std::span<const GuidedClick> inside) override {
    const NetworkInput input =
        MakeWindowInput(context_.grid, window, CutOut<float>(image_, context_.grid.network(), window), inside,
                        GuideRuleOf(context_.manifest), context_.spacing_mm);
    PassMask pass = Threshold(context_.segmenter.Run(input), context_.threshold, inside);
    if (box) KeepInside(*box, window, pass.mask);
    return pass;
  }

  std::vector<std::uint8_t> ToArray(std::vector<std::uint8_t> mask) const override {
    return context_.grid.WithoutPadding(context_.grid.ToPadded(mask));
  }

 private:
  PassContext context_;
  std::vector<float> image_;
};

// Windows of the array, each brought to the network on its own.
class PublishedWindows : public WindowRunner {
 public:
  PublishedWindows(std::span<const float> array, const PassContext& context) : context_(context), array_(array) {}

  PassMask Run(const IndexBox& window, const std::optional<IndexBox>& box,
               std::span<const GuidedClick> inside) override {
    const NetworkGrid grid = WindowGrid(window);
    std::vector<GuidedClick> clicks(inside.begin(), inside.end());
    for (GuidedClick& c : clicks) {
      const Index3& v = c.click.voxel;
      c.click.voxel = {v.z - window.begin.z, v.y - window.begin.y, v.x - window.begin.x};
    }
    const NetworkInput input = MakeInput(
        grid, grid.Image(CutOut<float>(array_, context_.grid.image(), window), context_.manifest.normalisation), clicks,
        GuideRuleOf(context_.manifest), context_.spacing_mm);
    PassMask pass = Threshold(context_.segmenter.Run(input), context_.threshold, inside);
    if (box) {
      const std::vector<std::uint8_t> in_box = grid.ToNetwork(BoxMask(*box, window));
      for (std::size_t at = 0; at < in_box.size(); ++at) pass.mask[at] = pass.mask[at] != 0 && in_box[at] != 0 ? 1 : 0;
    }
    pass.mask = grid.WithoutPadding(grid.ToPadded(pass.mask));
    return pass;
  }

  std::vector<std::uint8_t> ToArray(std::vector<std::uint8_t> mask) const override { return mask; }

 private:
  PassContext context_;
  std::span<const float> array_;
};

}  // namespace

PassMask WholePass(std::span<const float> array, std::span<const GuidedClick> clicks, const PassContext& context) {
  const NetworkGrid& grid = context.grid;
  const NetworkInput input =
      MakeInput(grid, Prepared(array, context), clicks, GuideRuleOf(context.manifest), context.spacing_mm);
  PassMask pass = Threshold(context.segmenter.Run(input), context.threshold, clicks);
  pass.mask = grid.WithoutPadding(grid.ToPadded(pass.mask));
  return pass;
}

std::unique_ptr<WindowRunner> MakeWindowRunner(const WindowRule& rule, std::span<const float> array,
                                               const PassContext& context) {
  if (rule.IsOnNetworkGrid()) return std::make_unique<NetworkWindows>(array, context);
  return std::make_unique<PublishedWindows>(array, context);
}

std::vector<GuidedClick> ClicksInside(const WindowRule& rule, const IndexBox& window,
                                      std::span<const GuidedClick> clicks) {
  std::vector<GuidedClick> inside;
  for (const GuidedClick& c : clicks) {
    if (IsInside(window, rule.Locate(c.click.voxel))) inside.push_back(c);
  }
  return inside;
}

}  // namespace dinsd
