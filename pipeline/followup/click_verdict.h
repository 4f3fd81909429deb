#pragma once

#include <array>
#include <optional>

#include "pipeline/followup/study_registration.h"
#include "pipeline/read/volume.h"

namespace dinsd {

/// How far round a click two images are compared, mm.
inline constexpr double kSimilarityRadiusMm = 30;

/// Correlation (Pearson, -1 to 1) of today's image with the prior one, as the registration brings it over, within
/// kSimilarityRadiusMm of a place (LPS mm of today). Nothing where fewer than 20 voxels lie in both images, or one of
/// them does not vary there. Thread-safe.
[[nodiscard]] std::optional<double> SimilarityRound(const std::array<double, 3>& today_lps, const Volume& today,
                                                    const Volume& prior, const StudyRegistration& registration);

/// Whether a place lies on the other side of the body than the place that it comes from: both more than
/// kSideToleranceMm from the middle (BodyMiddleX), to different sides. A middle that is not known says nothing.
[[nodiscard]] bool ChangedSide(double today_x, std::optional<double> today_middle, double prior_x,
                               std::optional<double> prior_middle);

}  // namespace dinsd
