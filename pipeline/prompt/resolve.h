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
  std::optional<VoxelBox> box;
  std::optional<GuideSpread> sigma;
  std::vector<std::string> flags;  // CLICK_MOVED, ...
};

/// Prompts on the series grid, ready for the network.
struct ResolvedPrompts {
  std::vector<ResolvedLesion> lesions;    // lesion k gets label k + 1
  std::vector<ResolvedClick> background;  // negative for every lesion
  std::optional<GuideSpread> sigma;
  bool is_preliminary = false;  // a proposed click is among them
  std::vector<std::string> warnings;
};

/// Brings prompts onto the grid of the image that they name. Throws InputError: PROMPT_IMAGE_MISMATCH (verdict
/// kQuarantined), PROMPT_FOR_MISMATCH, PROMPT_GRID_MISMATCH, PROMPT_OUTSIDE, PROMPT_SIGN_CONFLICT.
[[nodiscard]] ResolvedPrompts ResolvePrompts(const Prompts& prompts, const StudyImage& image,
                                             const std::string& study_uid, const std::string& file);

}  // namespace dinsd
