#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "pipeline/followup/working_image.h"

namespace dinsd {

/// How alike two images are where both are imaged.
struct Similarity {
  double correlation = 0;         // -1 to 1
  double mutual_information = 0;  // nats, of 32 x 32 bins
  double share_imaged = 0;        // of the samples that lie in the other image's field of view
};

/// Similarity of the fixed image at its voxels `samples` and of the moving one where the map takes them.
[[nodiscard]] Similarity SimilarityOf(const WorkingImage& fixed, std::span<const std::size_t> samples,
                                      const WorkingImage& moving, const SpatialMap& map);

}  // namespace dinsd
