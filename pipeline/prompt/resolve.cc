#include "pipeline/prompt/resolve.h"

#include <algorithm>
#include <limits>
#include <map>
#include <stdexcept>
#include <utility>

#include "pipeline/prompt/prompt_grid.h"
#include "pipeline/prompt/prompt_image.h"
#include "pipeline/prompt/proposal.h"
#include "pipeline/read/input_error.h"
#include "pipeline/read/json_schema.h"

namespace dinsd {
namespace {

void AddFlag(std::vector<std::string>& flags, const std::string& flag) {
  if (std::find(flags.begin(), flags.end(), flag) == flags.end()) flags.push_back(flag);
}

// Resolves one file; a voxel that was clicked with both signs is found across all its lesions.
class Resolver {
 public:
  Resolver(const Prompts& prompts, const StudyImage& image, std::string file)
      : prompts_(prompts),
        image_(image),
        grid_(image.grid, prompts.space, file),
        slice_spacing_(*std::max_element(image.grid.spacing.begin(), image.grid.spacing.end())),
        file_(std::move(file)) {}

  ResolvedPrompts Resolve() {
    resolved_.sigma = Spread(prompts_.sigma);
    resolved_.warnings = prompts_.warnings;
    for (std::size_t k = 0; k < prompts_.lesions.size(); ++k) {
      resolved_.lesions.push_back(ResolveLesion(prompts_.lesions[k], "/lesions/" + std::to_string(k)));
    }
    resolved_.background = ResolveClicks(prompts_.background, "/background", nullptr);
    return std::move(resolved_);
  }

 private:
  static std::optional<GuideSpread> Spread(const std::optional<PromptSigma>& sigma) {
    return sigma ? std::optional(GuideSpread{sigma->zyx, sigma->unit}) : std::nullopt;
  }

  ResolvedLesion ResolveLesion(const PromptLesion& given, const std::string& pointer) {
    ResolvedLesion lesion{.id = given.id, .sigma = Spread(given.sigma)};
    lesion.clicks = ResolveClicks(given.clicks, pointer + "/clicks", &lesion);
    const std::optional<PromptBox> box = BoxThatCounts(given, prompts_.provenance);
    if (box) ResolveBox(*box, PlaceOr(box->place, pointer + "/box"), lesion);
    if (!lesion.clicks.empty() || lesion.box) return lesion;
    const bool lacks_prior = given.prior && given.clicks.empty();  // a rejected click was proposed from it
    AddFlag(lesion.flags, lacks_prior ? "PROMPT_PRIOR_MISSING" : "clicks_rejected");
    resolved_.is_preliminary = resolved_.is_preliminary || lacks_prior;
    Warn(lesion, lacks_prior ? "nothing could be proposed from the segmentation that its prior names (" + file_ + " [" +
                                   pointer + "/prior]), so the lesion stays empty"
                             : "all of its clicks were rejected, so the lesion stays empty");
    return lesion;
  }

  std::vector<ResolvedClick> ResolveClicks(const std::vector<PromptClick>& given, const std::string& pointer,
                                           ResolvedLesion* lesion) {
    std::vector<std::pair<int, ResolvedClick>> ordered;
    for (std::size_t c = 0; c < given.size(); ++c) {
      const ResolvedClick click = ResolveClick(given[c], pointer + "/" + std::to_string(c));
      if (click.status == ClickStatus::kRejected) continue;
      ordered.emplace_back(given[c].order.value_or(std::numeric_limits<int>::max()), click);
      if (lesion != nullptr && click.moved_mm > slice_spacing_ / 2) AddFlag(lesion->flags, "CLICK_MOVED");
    }
    std::stable_sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<ResolvedClick> clicks;
    clicks.reserve(ordered.size());
    for (const auto& [order, click] : ordered) clicks.push_back(click);
    return clicks;
  }

  ResolvedClick ResolveClick(const PromptClick& given, const std::string& pointer) {
    const PlacedPoint placed = grid_.Place(given.p, PlaceOr(given.place, pointer + "/p"));
    const ResolvedClick click{placed.ijk, given.sign, StatusOf(given, prompts_.provenance), placed.moved_mm};
    if (click.status == ClickStatus::kRejected) return click;
    const std::string place = PlaceOr(given.place, pointer);
    if (!given.sop_instance_uid.empty()) CheckSlice(given.sop_instance_uid, click.ijk[2], place);
    resolved_.is_preliminary = resolved_.is_preliminary || click.status == ClickStatus::kProposed;
    const auto [first, is_new] = first_in_voxel_.try_emplace(click.ijk, click.sign, place);
    if (first->second.first != click.sign) {
      throw InputError("PROMPT_SIGN_CONFLICT", file_, place,
                       "is in the same voxel as " + first->second.second + ", with the other sign",
                       InputVerdict::kNeedsPrompts);
    }
    return click;
  }

  // A click says on which slice it was made: elsewhere, its coordinates are not what they are taken for. Slices that
  // were put between those of the files are no instance.
  void CheckSlice(const std::string& uid, std::int64_t slice, const std::string& pointer) const {
    const std::vector<std::string>& uids = image_.sop_instance_uids;
    if (uids.empty()) return;
    const auto named = std::find(uids.begin(), uids.end(), uid);
    if (named == uids.end()) {
      throw InputError("PROMPT_IMAGE_MISMATCH", file_, pointer + "/sopInstanceUID",
                       "names an instance that is not in this series", InputVerdict::kQuarantined);
    }
    const std::size_t file = image_.PlaceOfSlice(static_cast<std::size_t>(slice)).file;
    if (image_.interpolate_slices || *named == uids.at(file)) return;
    const std::string whose = image_.frames.empty()
                                  ? "of slice " + std::to_string(named - uids.begin()) + " (counted from 0)"
                                  : "of other slices";
    throw InputError("PROMPT_GRID_MISMATCH", file_, pointer,
                     "lies in slice " + std::to_string(slice) + ", and names the instance " + whose,
                     InputVerdict::kNeedsPrompts);
  }

  void ResolveBox(const PromptBox& given, const std::string& pointer, ResolvedLesion& lesion) {
    bool is_cut = false;
    const VoxelBox box = grid_.Place(given, pointer, is_cut);
    lesion.box = box;
    lesion.click_budget = given.click_budget;
    if (is_cut) Warn(lesion, "its box sticks out of the image and was cut");
    const bool has_stray = std::any_of(lesion.clicks.begin(), lesion.clicks.end(), [&](const ResolvedClick& click) {
      for (std::size_t axis = 0; axis < 3; ++axis) {
        if (click.ijk[axis] < box.begin[axis] || click.ijk[axis] >= box.end[axis]) {
          return click.sign == Polarity::kPositive;
        }
      }
      return false;
    });
    if (has_stray) Warn(lesion, "a positive click lies outside its box");
  }

  void Warn(const ResolvedLesion& lesion, const std::string& sentence) {
    resolved_.warnings.push_back("lesion " + QuotedForMessage(lesion.id) + ": " + sentence);
  }

  const Prompts& prompts_;
  const StudyImage& image_;
  PromptGrid grid_;
  double slice_spacing_;
  std::string file_;
  ResolvedPrompts resolved_;
  std::map<std::array<std::int64_t, 3>, std::pair<Polarity, std::string>> first_in_voxel_;
};

}  // namespace

ResolvedPrompts ResolvePrompts(const Prompts& prompts, const StudyImage& image, const std::string& study_uid,
                               const std::string& file) {
  if (!image.stations.empty()) throw std::invalid_argument("ResolvePrompts: an image in stations");
  CheckImage(prompts.image, image, study_uid, file);
  constexpr std::size_t kMostLesions = std::numeric_limits<std::uint16_t>::max();
  if (prompts.lesions.size() > kMostLesions) {
    throw InputError("PROMPT_SCHEMA", file, PlaceOr(prompts.lesions[kMostLesions].place, "/lesions"),
                     "more lesions than a label map has labels, 65535", InputVerdict::kNeedsPrompts);
  }
  if (prompts.image.grid) CheckStatedGrid(*prompts.image.grid, image.grid, file);
  if (prompts.space == PromptSpace::kVoxelIjk && !prompts.image.grid) {
    throw InputError("PROMPT_GRID_MISMATCH", file, "/image", "voxel indices need the grid that they count",
                     InputVerdict::kNeedsPrompts);
  }
  return Resolver(prompts, image, file).Resolve();
}

}  // namespace dinsd
