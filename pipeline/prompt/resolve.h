#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "model/network_grid.h"
#include "pipeline/prompt/prompts.h"
#include "pipeline/read/study.h"
#include "pipeline/read/volume.h"

namespace dinsd {

/// Half-open box in voxels of the series grid, i, j, k.
struct VoxelBox {
  std::array<std::int64_t, 3> begin{};
  std::array<std::int64_t, 3> end{};
};

/// A click on the series grid.
struct ResolvedClick {
  std::array<std::int64_t, 3> ijk{};
  Polarity sign = Polarity::kPositive;
  ClickStatus status = ClickStatus::kVerified;  // never kUnset
  double moved_mm = 0;                          // distance from the given point to the voxel's centre
};

struct ResolvedLesion {
  std::string id;
  std::vector<ResolvedClick> clicks;  // in interaction order, without rejected ones
  std::optional<VoxelBox> box;        // inside the grid, never empty
  std::optional<int> click_budget;    // of a simulated reader in the box
  std::optional<GuideSpread> sigma;
  std::vector<std::string>
      flags;  // CLICK_MOVED, PROMPT_PRIOR_MISSING, clicks_rejected, of FlagUnlikelyClicks, FlagSideConflicts; once
};

/// Prompts on the series grid, ready for the network.
struct ResolvedPrompts {
  std::vector<ResolvedLesion> lesions;    // lesion k gets label k + 1
  std::vector<ResolvedClick> background;  // negative for every lesion
  std::optional<GuideSpread> sigma;
  bool is_preliminary = false;  // a proposed click is among them
  std::vector<std::string> warnings;
};

/// Brings prompts onto the grid of the image that they name: a click lands in the voxel floor(index + 0.5). What a box
/// in mm touches lies inside it (its 8 corners are mapped and enclosed); one that sticks out of the grid is cut, with a
/// warning. Clicks are put in interaction order; those without `order` come last, in the file's order. Flags of a
/// lesion: CLICK_MOVED (a point further than half a slice spacing from its voxel's centre), PROMPT_PRIOR_MISSING
/// (neither clicks nor box, and nothing came of the prior: the lesion stays empty and the study preliminary),
/// clicks_rejected (nothing but rejected clicks, and no BoxThatCounts). CLICK_BUDGET is the business of the passes,
/// which know how many clicks share one. Throws InputError that names `file` and the JSON pointer, or the place in
/// another program's file: PROMPT_IMAGE_MISMATCH (verdict kQuarantined; also a click's sopInstanceUID that is not of
/// the series), and with kNeedsPrompts PROMPT_FOR_MISMATCH, PROMPT_GRID_MISMATCH (also a click outside of the slice
/// whose sopInstanceUID it names), PROMPT_OUTSIDE (a point beyond the outermost voxels' edges; a box empty or wholly
/// outside), PROMPT_SIGN_CONFLICT (`+` and `-` in one voxel); std::invalid_argument for an image in stations
/// (ResolveOnStations). Thread-safe.
[[nodiscard]] ResolvedPrompts ResolvePrompts(const Prompts& prompts, const StudyImage& image,
                                             const std::string& study_uid, const std::string& file);

}  // namespace dinsd
