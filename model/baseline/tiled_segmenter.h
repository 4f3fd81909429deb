#pragma once

#include <memory>

#include "gpu/voxel_types.h"
#include "model/segmenter.h"

namespace dinsd {

/// Runs `inner` on tiles of `tile` voxels (smaller where the input is) that overlap by at least half, evenly placed
/// over the input, and gives the mean of their probabilities, weighted by a Gaussian round the tile's middle with a
/// standard deviation of an eighth of the tile. An input that one tile covers goes through as it is. Method: Isensee
/// et al., Nature Methods 2021 (who average logits).
[[nodiscard]] std::unique_ptr<Segmenter> InTiles(std::unique_ptr<Segmenter> inner, const Size3& tile);

/// Keeps the last answer of `inner` and gives it again where the image is the same: for networks that see no guides, so
/// that a simulated interaction costs one run.
[[nodiscard]] std::unique_ptr<Segmenter> OncePerImage(std::unique_ptr<Segmenter> inner);

}  // namespace dinsd
