#pragma once

#include <vector>

#include "pipeline/followup/working_image.h"

namespace dinsd {

/// A shift (mm in the frame) that takes places of today to places of the prior image, and how good it looks.
struct Start {
  Point3 shift{};
  double score = 0;
};

/// Where to begin: shifts of the whole prior image, best first, at most `most`, at least 40 mm apart from each other.
/// Every shift by steps of a voxel is tried under which a third of today's body lies in the prior image and the middles
/// of the bodies lie within 80 mm of each other across the longest axis of the image: nobody lies in the same place on
/// the table twice. Scored by the correlation of a sample of today's body, times the square root of the share of it
/// that the prior image holds. Both images in one frame, of equal spacing. Throws RegistrationError REG_NO_OVERLAP.
[[nodiscard]] std::vector<Start> FindStarts(const WorkingImage& today, const WorkingImage& prior, int most);

}  // namespace dinsd
