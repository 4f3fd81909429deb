#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include "pipeline/followup/working_image.h"

namespace dinsd {

/// A shift (mm in the frame) that takes places of today to places of the prior image, and how good it looks.
struct Start {
  Point3 shift{};
  double score = 0;
};

/// What is known of the start already: a shift, and how far from it to look along the patient's length.
struct StartHint {
  Point3 shift_lps{};  // mm, from a place of today to that of the prior image
  double reach_mm = 0;
};

/// Where to begin: shifts of the whole prior image, best first, at most `most`, at least 40 mm apart from each other.
/// Every shift by steps of a voxel is tried under which a third of today's body lies in the prior image: along the
/// patient all of them, or those of the hint, across it those that bring the middles of the bodies within 80 mm of each
/// other. Scored by the correlation of a sample of today's body, times the square root of the share of it that the
/// prior image holds. Both images in `frame`, of equal spacing. Throws RegistrationError REG_NO_OVERLAP.
[[nodiscard]] std::vector<Start> FindStarts(const WorkingImage& today, const WorkingImage& prior, int most,
                                            const std::array<double, 9>& frame,
                                            const std::optional<StartHint>& hint = {});

}  // namespace dinsd
