#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "pipeline/prompt/resolve.h"
#include "pipeline/read/volume.h"

namespace dinsd {

/// What there is to say about one lesion beside its voxels.
struct LesionRemarks {
  std::vector<std::string> flags;
  std::vector<std::string> warnings;
};

/// The mask of a study told apart.
struct DividedMask {
  std::vector<std::uint16_t> labels;     // lesion k of the prompts has label k + 1
  std::vector<std::uint8_t> unprompted;  // 1 where the mask has a voxel that belongs to no lesion
  std::vector<LesionRemarks> lesions;    // one per lesion of the prompts
  std::vector<std::string> warnings;     // about background clicks
};

/// Divides a mask on the series grid (k slowest, i fastest, nonzero = tumour) between the lesions of the prompts.
///
/// A lesion is what its positive clicks reach inside the mask by steps to the 26 neighbours, inside its box if it has
/// one; a click outside the mask or outside the lesion's box reaches nothing and is a warning, outside the mask also
/// the flag `click_outside` (the nearest part is not taken instead). A voxel that several lesions reach goes to the one
/// that is nearest inside the mask (mm; ties: the first of the file). A lesion with a box but without a positive click
/// is what of the mask lies in its box and no click reached. A 26-connected part of the mask that holds positive clicks
/// of two lesions is flagged `shared_component` on both. Negative clicks inside the lesion and background clicks inside
/// any are warnings. Throws std::invalid_argument on a mask of another size and on more than 65535 lesions.
[[nodiscard]] DividedMask DivideMask(std::span<const std::uint8_t> mask, const GridGeometry& grid,
                                     const ResolvedPrompts& prompts);

/// "(12, 40, 7)", a voxel i, j, k as messages give it.
[[nodiscard]] std::string VoxelWords(const std::array<std::int64_t, 3>& ijk);

}  // namespace dinsd
