#include "pipeline/segment/run_plan.h"

#include <memory>
#include <utility>

#include "pipeline/segment/box_passes.h"
#include "pipeline/segment/held_clicks.h"

namespace dinsd {
namespace {

// The model's segmenter, lent, with a word before each pass so that a pass of eight can be watched and stopped.
class WatchedSegmenter : public Segmenter {
 public:
  WatchedSegmenter(Segmenter& inner, std::function<void()> before) : inner_(inner), before_(std::move(before)) {}

  ProbabilityMap Run(const NetworkInput& input) override {
    before_();
    return inner_.Run(input);
  }

 private:
  Segmenter& inner_;
  std::function<void()> before_;
};

// Where the passes are, for the watcher.
struct Place {
  std::string words = "whole volume";
  double share = 0;
  double length = 1;  // of this place, as a share
  int passes = 0;     // of this place so far
};

SeenTumour Whole(const StudyOnArray& study, std::span<const float> array, const PassContext& context) {
  SeenTumour seen;
  PassMask pass = WholePass(array, study.prompts.clicks, context);
  seen.mask = std::move(pass.mask);
  seen.highest = pass.highest;
  seen.lesions.resize(study.prompts.lesions.size());
  for (std::size_t k = 0; k < seen.lesions.size(); ++k) {
    FlagHeldClicks(study.prompts.lesions[k], pass.not_followed, seen.lesions[k]);
  }
  const int clicks = ClicksOfOneSign(study.prompts.clicks);
  if (clicks > context.manifest.max_clicks_per_sign) {
    seen.warnings.push_back("CLICK_BUDGET: " + std::to_string(clicks) +
                            " clicks of one sign in one pass, the network was trained with at most " +
                            std::to_string(context.manifest.max_clicks_per_sign));
  }
  return seen;
}

SeenTumour Boxes(const StudyOnArray& study, std::span<const float> array, const PassContext& context, Place& place) {
  const BoxPassOptions options{.max_pass_voxels = study.plan.max_pass_voxels};
  BoxPassesResult boxes = RunBoxPasses(array, study.prompts, context, options, [&](std::size_t number, std::size_t of) {
    place = {"window of lesion " + std::to_string(number) + " of " + std::to_string(of),
             static_cast<double>(number - 1) / static_cast<double>(of), 1 / static_cast<double>(of), 0};
  });
  return {std::move(boxes.mask), std::move(boxes.lesions), {}, boxes.highest};
}

}  // namespace

SeenTumour RunPlan(const StudyOnArray& study, std::span<const float> voxels, LoadedModel& model,
                   const SegmentOptions& options, const OnPass& on_pass) {
  if (!study.plan.has_passes) {
    return {std::vector<std::uint8_t>(voxels.size()), std::vector<LesionRemarks>(study.prompts.lesions.size()), {}, 0};
  }
  constexpr int kFlips = 8;
  Place place;
  std::unique_ptr<Segmenter> segmenter = std::make_unique<WatchedSegmenter>(*model.segmenter, [&] {
    const int of = options.average_flips ? kFlips : 1;
    const double done = static_cast<double>(place.passes % of) / of;
    ++place.passes;
    if (on_pass) on_pass(place.words, place.share + place.length * done);
  });
  if (options.average_flips) segmenter = AverageOverFlips(std::move(segmenter));
  if (study.mirrored != 0) segmenter = Mirrored(std::move(segmenter), study.mirrored);
  const PassContext context{model.manifest,    study.grid, study.axes.SpacingMm(),
                            options.threshold, *segmenter, study.scale};
  const std::vector<float> array = ToArray<float>(voxels, study.axes);
  SeenTumour seen = study.plan.uses_boxes ? Boxes(study, array, context, place) : Whole(study, array, context);
  seen.mask = FromArray<std::uint8_t>(seen.mask, study.axes);
  return seen;
}

}  // namespace dinsd
