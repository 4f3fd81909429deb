#pragma once

namespace dinsd {

/// When a prior study may serve. Calibrated on pairs of phantoms (RESULTS.md, "Registration"): of right priors and of
/// those of another patient, mirrored and of another part of the body.
struct PriorCheckOptions {
  double least_share_imaged = 0.5;   // of today's body that the prior image holds; below it other_body_part
  double refused_correlation = 0.5;  // of the registered images; below it low_similarity refuses,
  double least_correlation = 0.8;    // and below this it flags
  double refused_detail = 0.15;      // of their fine structure, likewise: low_detail
  double least_detail = 0.6;
  double mirror_margin = 0.15;      // by which the prior's detail must beat that of its mirror image, else side_unsure;
                                    // mirrored, where it is beaten by as much
  double least_bright_prior = 0.8;  // of the lesions that are brighter than what is round them in the prior image, else
                                    // mask_not_bright,
  double least_rim_step = 0.2;      // across the outlines in the prior image (RimFit), else mask_off_edges,
  double least_rim_deviations = 4;  // and that by so many deviations from chance
  double least_bright_today = 0.5;  // and today at their places, else lesions_not_found: lesions do shrink and go
  double most_round_trip_mm = 10;   // of the median lesion, else round_trip
  bool check_mirror = true;         // registers the mirrored prior too

  /// Throws std::invalid_argument that names the field.
  void Check() const;
};

}  // namespace dinsd
