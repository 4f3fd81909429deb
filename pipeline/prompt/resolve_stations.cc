#include "pipeline/prompt/resolve_stations.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "pipeline/prompt/prompt_grid.h"
#include "pipeline/prompt/prompt_image.h"
#include "pipeline/prompt/proposal.h"
#include "pipeline/read/input_error.h"
#include "pipeline/read/station_image.h"

namespace dinsd {
namespace {

using Point = std::array<double, 3>;

class StationResolver {
 public:
  StationResolver(const Prompts& prompts, const StudyImage& image, std::string file)
      : prompts_(prompts),
        image_(image),
        map_(MapOf(image)),
        file_(std::move(file)),
        given_(StationNamed(prompts, image, file_).grid) {}

  StationPrompts Resolve() {
    StationPrompts resolved{.whole = ResolveWhole()};
    for (std::size_t s = 0; s < image_.stations.size(); ++s) {
      resolved.stations.push_back(ResolveStation(s));
      for (ResolvedLesion& lesion : resolved.stations.back().lesions) lesion.flags.clear();
      resolved.stations.back().warnings.clear();
    }
    return resolved;
  }

 private:
  // A copy that counts the voxels of one grid, without clicks and boxes, and the image that it names.
  [[nodiscard]] Prompts EmptyFor(const StudyImage& image) const {
    Prompts prompts{.image = NamesOf(image, ""), .space = PromptSpace::kVoxelIjk, .sigma = prompts_.sigma};
    prompts.image.grid = image.grid;
    prompts.provenance = prompts_.provenance;
    for (const PromptLesion& lesion : prompts_.lesions) {
      prompts.lesions.push_back(lesion);
      prompts.lesions.back().clicks.clear();
      prompts.lesions.back().box.reset();
    }
    return prompts;
  }

  // Calls visit(click, its pointer, the lesion's clicks or the background of `into`).
  template <typename Visit>
  void ForClicks(Prompts& into, const Visit& visit) const {
    const auto each = [&](const std::vector<PromptClick>& clicks, const std::string& pointer, auto& list) {
      for (std::size_t c = 0; c < clicks.size(); ++c)
        visit(clicks[c], PlaceOr(clicks[c].place, pointer + "/" + std::to_string(c)), list);
    };
    for (std::size_t k = 0; k < prompts_.lesions.size(); ++k)
      each(prompts_.lesions[k].clicks, "/lesions/" + std::to_string(k) + "/clicks", into.lesions[k].clicks);
    each(prompts_.background, "/background", into.background);
  }

  [[nodiscard]] Point InLps(const Point& p) const {
    if (prompts_.space == PromptSpace::kVoxelIjk) return LpsFromIndex(given_, p);
    return prompts_.space == PromptSpace::kRasMm ? Point{-p[0], -p[1], p[2]} : p;
  }

  [[nodiscard]] PromptGrid GridOf(std::size_t s) const { return {image_.stations[s].grid, PromptSpace::kLpsMm, file_}; }

  // The station whose point it is, also at an edge where the moved grids disagree.
  [[nodiscard]] std::size_t OwnerOf(const Point& lps, const std::string& pointer) const {
    std::vector<std::size_t> holders;
    for (std::size_t s = 0; s < image_.stations.size(); ++s) {
      if (GridOf(s).Holds(lps)) holders.push_back(s);
    }
    if (holders.empty()) {
      throw InputError("PROMPT_OUTSIDE", file_, pointer,
                       "lies in none of the " + std::to_string(image_.stations.size()) + " stations",
                       InputVerdict::kNeedsPrompts);
    }
    std::array<std::int64_t, 3> ijk{};
    const Point index = IndexFromLps(map_.grid, lps);
    for (std::size_t axis = 0; axis < 3; ++axis) ijk[axis] = static_cast<std::int64_t>(std::floor(index[axis] + 0.5));
    const std::optional<std::size_t> owner = map_.OwnerOf(ijk);
    const bool holds = owner && std::count(holders.begin(), holders.end(), *owner) > 0;
    return holds ? *owner : holders.front();
  }

  // The voxels of the common grid that a box touches.
  [[nodiscard]] PromptBox OnCommonGrid(const PromptBox& box) const {
    PromptBox placed = box;
    const bool is_voxels = prompts_.space == PromptSpace::kVoxelIjk;
    const PromptGrid::Range range = PromptGrid(is_voxels ? given_ : map_.grid, prompts_.space, file_).VoxelRange(box);
    const Point begin = IndexFromLps(map_.grid, given_.origin);
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const double shift = is_voxels ? std::round(begin[axis]) : 0;
      placed.min[axis] = range.begin[axis] + shift;
      placed.max[axis] = range.end[axis] + shift;
    }
    return placed;
  }

  // A rejected click lies in one station, the box in several.
  [[nodiscard]] std::optional<PromptBox> BoxOf(std::size_t k) const {
    return BoxThatCounts(prompts_.lesions[k], prompts_.provenance);
  }

  // A box that is inside out is told by its own bounds.
  void CheckBox(const PromptLesion& lesion, std::size_t k) const {
    for (std::size_t axis = 0; lesion.box && axis < 3; ++axis) {
      if (lesion.box->min[axis] <= lesion.box->max[axis]) continue;
      throw InputError("PROMPT_OUTSIDE", file_, PlaceOr(lesion.box->place, "/lesions/" + std::to_string(k) + "/box"),
                       "its min is above its max", InputVerdict::kNeedsPrompts);
    }
  }

  ResolvedPrompts ResolveWhole() {
    StudyImage whole{.format = image_.format, .series_uid = image_.stations.front().series_uid, .grid = map_.grid};
    Prompts prompts = EmptyFor(whole);
    prompts.warnings = prompts_.warnings;
    ForClicks(prompts, [&](const PromptClick& given, const std::string& pointer, std::vector<PromptClick>& into) {
      const Point lps = InLps(given.p);
      const std::size_t owner = OwnerOf(lps, pointer);
      PromptClick click = given;
      click.p = IndexFromLps(image_.stations[owner].grid, lps);
      for (std::size_t axis = 0; axis < 3; ++axis)
        click.p[axis] += static_cast<double>(map_.stations[owner].offset[axis]);
      into.push_back(click);
    });
    for (std::size_t k = 0; k < prompts_.lesions.size(); ++k) {
      CheckBox(prompts_.lesions[k], k);
      if (const std::optional<PromptBox> box = BoxOf(k)) prompts.lesions[k].box = OnCommonGrid(*box);
    }
    return ResolvePrompts(prompts, whole, "", file_);
  }

  // An instance that a click names is looked for where it is; no other station has to have it.
  [[nodiscard]] std::string InstanceFor(const PromptClick& given, std::size_t s, std::size_t owner,
                                        const std::string& pointer, const Point& lps) const {
    if (given.sop_instance_uid.empty()) return "";
    for (std::size_t other = 0; other < image_.stations.size(); ++other) {
      const std::vector<std::string>& uids = image_.stations[other].sop_instance_uids;
      if (std::count(uids.begin(), uids.end(), given.sop_instance_uid) == 0) continue;
      if (!GridOf(other).Holds(lps)) {
        throw InputError("PROMPT_GRID_MISMATCH", file_, pointer,
                         "lies outside of station " + std::to_string(other + 1) + ", whose instance it names",
                         InputVerdict::kNeedsPrompts);
      }
      return other == s ? given.sop_instance_uid : "";
    }
    return s == owner ? given.sop_instance_uid : "";
  }

  ResolvedPrompts ResolveStation(std::size_t s) {
    const StudyImage& station = image_.stations[s];
    Prompts prompts = EmptyFor(station);
    const PromptGrid grid = GridOf(s);
    ForClicks(prompts, [&](const PromptClick& given, const std::string& pointer, std::vector<PromptClick>& into) {
      const Point lps = InLps(given.p);
      const std::string instance = InstanceFor(given, s, OwnerOf(lps, pointer), pointer, lps);
      if (!grid.Holds(lps)) return;
      PromptClick click = given;
      click.p = IndexFromLps(station.grid, lps);
      click.place = pointer;
      click.sop_instance_uid = instance;
      into.push_back(click);
    });
    for (std::size_t k = 0; k < prompts_.lesions.size(); ++k) {
      if (const std::optional<PromptBox> box = BoxOf(k)) prompts.lesions[k].box = BoxIn(s, *box);
    }
    return ResolvePrompts(prompts, station, "", file_);
  }

  [[nodiscard]] std::optional<PromptBox> BoxIn(std::size_t s, const PromptBox& given) const {
    PromptBox box = OnCommonGrid(given);
    const StationBlock& block = map_.stations[s];
    for (std::size_t axis = 0; axis < 3; ++axis) {
      box.min[axis] -= static_cast<double>(block.offset[axis]);
      box.max[axis] -= static_cast<double>(block.offset[axis]);
      if (!(box.max[axis] > 0 && box.min[axis] < static_cast<double>(block.size[axis]))) return std::nullopt;
      if (!(box.min[axis] < box.max[axis])) return std::nullopt;
    }
    return box;
  }

  const Prompts& prompts_;
  const StudyImage& image_;
  StationMap map_;
  std::string file_;
  GridGeometry given_;
};

}  // namespace

const StudyImage& StationNamed(const Prompts& prompts, const StudyImage& image, const std::string& file) {
  std::vector<const StudyImage*> named;
  for (const StudyImage& station : image.stations) {
    if (NamesImage(prompts.image, station)) named.push_back(&station);
  }
  if (named.empty()) CheckImage(prompts.image, image, "", file);
  if (!prompts.image.grid) {
    if (prompts.space == PromptSpace::kVoxelIjk) {
      throw InputError("PROMPT_GRID_MISMATCH", file, "/image", "voxel indices need the grid that they count",
                       InputVerdict::kNeedsPrompts);
    }
    return *named.front();
  }
  for (const StudyImage* station : named) {
    try {
      CheckStatedGrid(*prompts.image.grid, station->grid, file);
      return *station;
    } catch (const InputError&) {
      if (station == named.back()) throw;
    }
  }
  return *named.front();
}

StationPrompts ResolveOnStations(const Prompts& prompts, const StudyImage& image, const std::string& study_uid,
                                 const std::string& file) {
  if (image.stations.empty()) {
    StationPrompts resolved{.whole = ResolvePrompts(prompts, image, study_uid, file)};
    resolved.stations.push_back(resolved.whole);
    return resolved;
  }
  CheckImage(prompts.image, image, study_uid, file);
  return StationResolver(prompts, image, file).Resolve();
}

}  // namespace dinsd
