#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "gpu/voxel_types.h"

namespace dinsd {

/// Where the published code and the paper differ, and what a test changes to see that verification notices.
struct ClickRules {
  bool tie_takes_last = true;           // of components of equal size the one that is last in raster order
  bool skeleton_of_whole_error = true;  // the paper: of the chosen component only
};

/// The click that a simulated person makes next: at the middle of the largest piece of what is wrong.
///
/// Error = prediction xor label (dense masks of `size`, nonzero = tumour), in 6-connected components, largest first.
/// The click is the component's centroid, rounded half to even, if an error lies there; else the voxel of the error's
/// 3D skeleton that is nearest to it (in voxels; first in raster order), or of the 2D skeleton of the slice with most
/// error where the 3D one is empty. The polarity is what the label says at that voxel. A voxel in `earlier` is not
/// clicked again: the next component is tried, and when all were, such voxels count as right. Nothing is returned where
/// no error is left. Method: Zhang et al., DINs, arXiv 2106.03388 and its released evaluation.
[[nodiscard]] std::optional<Click> NextClick(std::span<const std::uint8_t> prediction,
                                             std::span<const std::uint8_t> label, const Size3& size,
                                             std::span<const Index3> earlier, const ClickRules& rules = {});

}  // namespace dinsd
