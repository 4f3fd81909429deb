#include "pipeline/prompt/merge_stations.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "pipeline/prompt/foreign_prompts.h"
#include "pipeline/prompt/prompt_grid.h"
#include "pipeline/prompt/resolve_stations.h"
#include "pipeline/read/input_error.h"

namespace dinsd {
namespace {

constexpr double kAlongAxis = 1e-6;

bool IsAskew(const GridGeometry& grid) {
  return std::any_of(grid.direction.begin(), grid.direction.end(), [](double cosine) {
    return std::abs(cosine) > kAlongAxis && std::abs(std::abs(cosine) - 1) > kAlongAxis;
  });
}

bool IsSameSigma(const std::optional<PromptSigma>& a, const std::optional<PromptSigma>& b) {
  if (!a || !b) return !a && !b;
  return a->unit == b->unit && a->zyx.z == b->zyx.z && a->zyx.y == b->zyx.y && a->zyx.x == b->zyx.x;
}

// One sidecar in LPS mm.
class InLps {
 public:
  InLps(const PairedPrompts& source, const StudyImage& image)
      : source_(source), grid_(StationNamed(source.prompts, image, source.file).grid) {}

  void AddTo(Prompts& merged) const {
    const Prompts& from = source_.prompts;
    for (std::size_t k = 0; k < from.lesions.size(); ++k) {
      const std::string pointer = "/lesions/" + std::to_string(k);
      PromptLesion lesion = from.lesions[k];
      lesion.place = Place(lesion.place, pointer);
      lesion.clicks = Clicks(lesion.clicks, pointer + "/clicks");
      if (lesion.box) lesion.box = Box(*lesion.box, pointer + "/box");
      merged.lesions.push_back(std::move(lesion));
    }
    const std::vector<PromptClick> background = Clicks(from.background, "/background");
    merged.background.insert(merged.background.end(), background.begin(), background.end());
    merged.warnings.insert(merged.warnings.end(), from.warnings.begin(), from.warnings.end());
  }

 private:
  [[nodiscard]] std::string Place(const std::string& place, const std::string& pointer) const {
    return source_.file + " " + PlaceOr(place, pointer);
  }

  [[nodiscard]] std::array<double, 3> Point(const std::array<double, 3>& p) const {
    switch (source_.prompts.space) {
      case PromptSpace::kVoxelIjk:
        return LpsFromIndex(grid_, p);
      case PromptSpace::kRasMm:
        return {-p[0], -p[1], p[2]};
      case PromptSpace::kLpsMm:
        break;
    }
    return p;
  }

  [[nodiscard]] std::vector<PromptClick> Clicks(const std::vector<PromptClick>& given,
                                                const std::string& pointer) const {
    std::vector<PromptClick> clicks = given;
    for (std::size_t c = 0; c < clicks.size(); ++c) {
      clicks[c].p = Point(clicks[c].p);
      clicks[c].status = StatusOf(clicks[c], source_.prompts.provenance);
      clicks[c].place = Place(given[c].place, pointer + "/" + std::to_string(c));
    }
    return clicks;
  }

  // The centres of the outermost voxels that a box of voxels holds make a box that touches the same voxels.
  [[nodiscard]] PromptBox Box(const PromptBox& given, const std::string& pointer) const {
    PromptBox box = given;
    box.place = Place(given.place, pointer);
    std::array<double, 3> begin = given.min, last = given.max;
    if (source_.prompts.space == PromptSpace::kVoxelIjk) {
      if (IsAskew(grid_)) {
        throw InputError("PROMPT_AMBIGUOUS", source_.file, pointer,
                         "is in voxel indices of a station that stands askew: give it in mm",
                         InputVerdict::kNeedsPrompts);
      }
      const PromptGrid::Range range = PromptGrid(grid_, PromptSpace::kVoxelIjk, source_.file).VoxelRange(given);
      for (std::size_t axis = 0; axis < 3; ++axis) {
        begin[axis] = range.begin[axis];
        last[axis] = range.end[axis] - 1;
      }
    }
    const std::array<double, 3> a = Point(begin), b = Point(last);
    for (std::size_t axis = 0; axis < 3; ++axis) {
      box.min[axis] = std::min(a[axis], b[axis]);
      box.max[axis] = std::max(a[axis], b[axis]);
    }
    return box;
  }

  const PairedPrompts& source_;
  const GridGeometry& grid_;
};

void CheckAlike(const PairedPrompts& first, const PairedPrompts& other) {
  const auto refuse = [&](const char* field, const char* why) {
    throw InputError("PROMPT_AMBIGUOUS", other.file, field, why + first.file + ", which is for another station",
                     InputVerdict::kNeedsPrompts);
  };
  if (first.prompts.provenance.source != other.prompts.provenance.source)
    refuse("/provenance/source", "is another one than that of ");
  if (!IsSameSigma(first.prompts.sigma, other.prompts.sigma)) refuse("/sigma", "is another one than that of ");
}

}  // namespace

PairedPrompts MergeStationPrompts(const std::vector<PairedPrompts>& sources, const StudyImage& image) {
  const PairedPrompts& first = sources.at(0);
  PairedPrompts merged;
  merged.prompts = {.image = first.prompts.image,
                    .space = PromptSpace::kLpsMm,
                    .sigma = first.prompts.sigma,
                    .provenance = first.prompts.provenance};
  merged.prompts.image.grid.reset();
  std::vector<MarkupsFile> files;
  for (const PairedPrompts& source : sources) {
    CheckAlike(first, source);
    InLps(source, image).AddTo(merged.prompts);
    files.push_back({{source.file, source.sha256, source.prompts.provenance.created}, {}});
    merged.others.insert(merged.others.end(), source.others.begin(), source.others.end());
  }
  const ForeignFile one = AsOne(files);
  merged.file = one.file;
  merged.sha256 = one.sha256;
  merged.prompts.provenance.created = one.changed;
  CheckPrompts(merged.prompts, merged.file);
  return merged;
}

}  // namespace dinsd
