#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>

#include "gpu/voxel_types.h"

namespace dinsd {

/// 1 - mean over the lesions of a crop of each lesion's soft Dice in its surroundings: its bounding box grown by
/// kLesionSurroundings, without the voxels of other lesions. A large lesion weighs as much as a small one, which the
/// Dice of a whole crop does not see, and a mask that is drawn too large costs a small lesion all it has. `probability`
/// D, H, W float32 of tumour; `mask` (nonzero = tumour) of the same `size`, its lesions are the pieces that touch by a
/// corner. 0 without a lesion. Method: after the blob loss of Kofler et al., arXiv 2205.08209, with local surroundings.
[[nodiscard]] at::Tensor LesionDiceLoss(const at::Tensor& probability, std::span<const std::uint8_t> mask,
                                        const Size3& size);

/// Mean over the lesions of a crop of |ln(volume seen / true volume)|, both plus one voxel: the volume seen is the sum
/// of the probabilities in the lesion's surroundings, as above. Dice alone draws what it is unsure of too large
/// (Bertels et al., Medical Image Analysis 2021, "Theoretical analysis and experimental validation of volume bias of
/// soft Dice").
[[nodiscard]] at::Tensor LesionVolumeLoss(const at::Tensor& probability, std::span<const std::uint8_t> mask,
                                          const Size3& size);

/// How far the surroundings of a lesion reach, in voxels, z y x.
inline constexpr Index3 kLesionSurroundings{2, 10, 10};

}  // namespace dinsd
