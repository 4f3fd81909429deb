#pragma once

#include "pipeline/followup/study_registration.h"

namespace dinsd {

/// A coronal grid: i to the left, j to the feet, k to the back.
inline GridGeometry CoronalGrid(std::array<std::int64_t, 3> size, std::array<double, 3> spacing,
                                std::array<double, 3> origin = {0, 0, 0}) {
  return {.size = size, .spacing = spacing, .origin = origin, .direction = {1, 0, 0, 0, 0, 1, 0, -1, 0}};
}

/// The map under which everything lies `shift_lps` mm further in the image of today than in the prior one.
inline SpatialMap ShiftedBy(const GridGeometry& today, const Point3& shift_lps) {
  SpatialMap map;
  map.frame = today.direction;
  map.offset = ToFrame(map.frame, {-shift_lps[0], -shift_lps[1], -shift_lps[2]});
  return map;
}

/// A study of one image, registered by that shift.
inline StudyRegistration StudyShiftedBy(const GridGeometry& today, const Point3& shift_lps) {
  Registration registration;
  registration.map = ShiftedBy(today, shift_lps);
  return AsStudy(std::move(registration), today);
}

}  // namespace dinsd
