#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/followup/registration_options.h"
#include "pipeline/followup/similarity.h"
#include "pipeline/followup/spatial_map.h"
#include "pipeline/followup/start_search.h"
#include "pipeline/read/volume.h"

namespace dinsd {

// How the body of a prior image lies in the image of today. Nobody lies on the table twice in the same way: the place
// is looked for from scratch, then come a rigid, an affine and a deformable part. What comes out is never taken on
// trust: flags and figures go with it, and prior_check.h says whether it may be used at all.

/// The two images' likeness when a stage had ended: "header" (as their positions say), "start", "rigid", "affine",
/// "deformable".
struct StageSimilarity {
  std::string stage;
  Similarity similarity;
};

/// One prior image brought over one image of today.
struct Registration {
  SpatialMap map;                  // today -> prior; the inverse is map.ToToday
  std::optional<SpatialMap> back;  // prior -> today, found by itself the other way round; only for round trips
  std::vector<StageSimilarity> stages;
  double affine_determinant = 1;  // volume in the prior image over volume today, of the affine part
  double least_jacobian = 1;      // over the body
  double most_jacobian = 1;
  double folded_share = 0;         // of the body outside the options' Jacobians
  std::vector<std::string> flags;  // reg_no_gain, reg_folding

  /// Where a place (LPS mm) of the prior image lies today, and back.
  [[nodiscard]] Point3 ToToday(const Point3& prior_lps) const { return map.ToToday(prior_lps); }
  [[nodiscard]] Point3 ToPrior(const Point3& today_lps) const { return map.ToPrior(today_lps); }
  /// The stage of that name. Throws std::out_of_range.
  [[nodiscard]] const Similarity& At(const std::string& stage) const;
  /// How far a place of the prior image moves when the registration of the other direction brings it over and this one
  /// back: mm along the axes of the frame, the slice axis last; nothing without one.
  [[nodiscard]] std::optional<Point3> RoundTrip(const Point3& prior_lps) const;
};

/// Told before each step, with its name and the share that is done; false stops the registration (REG_STOPPED).
using OnRegistrationProgress = std::function<bool(const std::string& stage, double share)>;

/// Registers one image with another in the calling thread. The same inputs give the same result, bit by bit, whatever
/// the machine's load: a time limit ends it with an error and never with less. Throws RegistrationError,
/// std::invalid_argument (options, empty volumes).
/// With a hint the place is looked for near it alone.
[[nodiscard]] Registration RegisterImages(const Volume& prior, const Volume& today,
                                          const RegistrationOptions& options = {},
                                          const OnRegistrationProgress& progress = {},
                                          const std::optional<StartHint>& hint = {});

}  // namespace dinsd
