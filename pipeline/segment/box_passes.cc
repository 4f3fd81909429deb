#include "pipeline/segment/box_passes.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>

#include "pipeline/segment/held_clicks.h"

namespace dinsd {
namespace {

using Key = std::array<std::int64_t, 12>;  // a window and a box; an empty box is none

Key KeyOf(const IndexBox& window, const std::optional<IndexBox>& box) {
  const IndexBox b = box.value_or(IndexBox{});
  return {window.begin.z, window.begin.y, window.begin.x, window.end.z, window.end.y, window.end.x,
          b.begin.z,      b.begin.y,      b.begin.x,      b.end.z,      b.end.y,      b.end.x};
}

class BoxPasses {
 public:
  BoxPasses(std::span<const float> array, const ArrayPrompts& prompts, const PassContext& context,
            const BoxPassOptions& options)
      : prompts_(prompts),
        context_(context),
        options_(options),
        rule_(context.manifest, context.grid),
        runner_(MakeWindowRunner(rule_, array, context)),
        merged_(rule_.size().VoxelCount()) {
    result_.lesions.resize(prompts.lesions.size());
  }

  BoxPassesResult Run(const OnBoxPass& on_pass) {
    for (std::size_t k = 0; k < prompts_.lesions.size(); ++k) {
      if (!prompts_.lesions[k].IsMarked()) continue;
      if (on_pass) on_pass(k + 1, prompts_.lesions.size());
      Settle(k);
    }
    result_.mask = runner_->ToArray(std::move(merged_));
    return std::move(result_);
  }

 private:
  // Grows the window of one lesion until the lesion fits, and merges what was seen last.
  void Settle(std::size_t k) {
    const ArrayLesion& lesion = prompts_.lesions[k];
    IndexBox window = rule_.Around(lesion);
    for (int growths = 0;; ++growths) {
      const PassMask& pass = Pass(window, lesion.box ? std::optional(rule_.Locate(*lesion.box)) : std::nullopt);
      const WindowSides sides =
          lesion.box ? WindowSides{} : rule_.SidesReached(window, pass.mask, PositiveVoxels(lesion));
      const IndexBox grown = rule_.Grown(window, sides);
      if (!sides.Any() || growths == options_.max_growths || !Fits(grown)) {
        if (sides.Any()) FlagLimit(k);
        FlagBudget(k, window);
        FlagHeldClicks(lesion, pass.not_followed, result_.lesions[k]);
        return Merge(window, pass.mask);
      }
      window = grown;
    }
  }

  const PassMask& Pass(const IndexBox& window, const std::optional<IndexBox>& box) {
    const auto [known, is_new] = passes_.try_emplace(KeyOf(window, box));
    if (is_new) {
      known->second = runner_->Run(window, box, ClicksInside(rule_, window, prompts_.clicks));
      result_.highest = std::max(result_.highest, known->second.highest);
      ++result_.passes;
    }
    return known->second;
  }

  [[nodiscard]] bool Fits(const IndexBox& window) const {
    return options_.max_pass_voxels == 0 || rule_.PassVoxels(window) <= options_.max_pass_voxels;
  }

  [[nodiscard]] std::vector<Index3> PositiveVoxels(const ArrayLesion& lesion) const {
    std::vector<Index3> voxels;
    for (const GuidedClick& c : lesion.clicks) {
      if (c.click.polarity == Polarity::kPositive) voxels.push_back(rule_.Locate(c.click.voxel));
    }
    return voxels;
  }

  void FlagLimit(std::size_t k) {
    result_.lesions[k].flags.emplace_back("window_limit");
    result_.lesions[k].warnings.emplace_back(
        "the lesion reaches the border of the largest window that was tried: it may be larger than measured");
  }

  void FlagBudget(std::size_t k, const IndexBox& window) {
    const int clicks = ClicksOfOneSign(ClicksInside(rule_, window, prompts_.clicks));
    if (clicks <= context_.manifest.max_clicks_per_sign) return;
    result_.lesions[k].flags.emplace_back("CLICK_BUDGET");
    result_.lesions[k].warnings.push_back(std::to_string(clicks) +
                                          " clicks of one sign lie in the lesion's window, the network was trained "
                                          "with at most " +
                                          std::to_string(context_.manifest.max_clicks_per_sign));
  }

  void Merge(const IndexBox& window, const std::vector<std::uint8_t>& mask) {
    std::size_t at = 0;
    for (std::int64_t z = window.begin.z; z < window.end.z; ++z) {
      for (std::int64_t y = window.begin.y; y < window.end.y; ++y) {
        std::uint8_t* row = &merged_[Offset(rule_.size(), {z, y, window.begin.x})];
        for (std::int64_t x = window.begin.x; x < window.end.x; ++x, ++at, ++row) *row = std::max(*row, mask[at]);
      }
    }
  }

  const ArrayPrompts& prompts_;
  PassContext context_;
  BoxPassOptions options_;
  WindowRule rule_;
  std::unique_ptr<WindowRunner> runner_;
  std::map<Key, PassMask> passes_;
  std::vector<std::uint8_t> merged_;
  BoxPassesResult result_;
};

}  // namespace

BoxPassesResult RunBoxPasses(std::span<const float> array, const ArrayPrompts& prompts, const PassContext& context,
                             const BoxPassOptions& options, const OnBoxPass& on_pass) {
  return BoxPasses(array, prompts, context, options).Run(on_pass);
}

}  // namespace dinsd
