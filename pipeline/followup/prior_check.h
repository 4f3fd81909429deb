#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipeline/followup/prior_check_options.h"
#include "pipeline/followup/registration_use.h"
#include "pipeline/followup/warp_labels.h"

namespace dinsd {

// Whether a prior study is what it is taken for: the same patient, the same part of the body, the same side up, and a
// mask that belongs to it. Bodies are alike, so no figure proves it; what speaks against it is named, and a prior that
// anything speaks against is never used silently.

enum class PriorVerdict {
  kUsable,   // nothing speaks against it
  kFlagged,  // a person must look; until then what comes of it is preliminary
  kRefused,  // must not be used
};

/// "usable", "flagged", "refused".
[[nodiscard]] const char* NameOf(PriorVerdict verdict);

/// One thing that speaks against a prior: empty_mask, mask_off_grid, reg_failed, other_body_part, low_similarity,
/// low_detail, mirrored, side_unsure, mask_not_bright, mask_off_edges, lesions_not_found, none_imaged, round_trip, or a
/// registration's flag.
struct PriorFinding {
  std::string name;
  PriorVerdict verdict = PriorVerdict::kFlagged;
  std::string sentence;  // with the figure and its threshold
};

/// What was measured; nothing where it could not be.
struct PriorEvidence {
  std::optional<double> correlation;      // of the registered images
  std::optional<double> detail;           // correlation of what is left of them without what is coarser than 20 mm
  std::optional<double> mirrored_detail;  // the same of the mirrored prior, registered likewise
  std::optional<double> share_imaged;     // of today's body that the prior holds
  std::optional<double> bright_prior;     // share of lesions that are bright in the prior image
  std::optional<double> rim_step;         // of the mask in the prior image (RimFit)
  std::optional<double> rim_deviations;   // likewise
  std::optional<double> bright_today;     // and today, at their mapped places
  std::optional<double> round_trip_mm;    // median of the lesions
};

struct PriorCheck {
  PriorVerdict verdict = PriorVerdict::kUsable;
  std::vector<PriorFinding> findings;
  PriorEvidence evidence;

  [[nodiscard]] bool Has(const std::string& name) const;
};

/// Looks at a prior's mask alone, before anything is registered: it must lie on the prior image's grid and hold
/// something.
[[nodiscard]] PriorCheck CheckPriorMask(const Volume& prior, const LabelMap& mask,
                                        const PriorCheckOptions& options = {});

/// Looks at a mask and the image that it was drawn on: CheckPriorMask, and whether the lesions are bright there and
/// their outlines lie on edges (mask_not_bright, mask_off_edges; both flag).
[[nodiscard]] PriorCheck CheckMaskFits(const Volume& image, const LabelMap& mask,
                                       const PriorCheckOptions& options = {});

/// Looks at a registered prior with its mask and the mask on today's grid. `registration_options` are those of the
/// registration: the mirrored prior is registered with them, once by the cache. A station's worst figure counts. Throws
/// RegistrationError REG_TIME_LIMIT and REG_STOPPED.
[[nodiscard]] PriorCheck CheckPrior(const StudyVolumes& prior, const StudyVolumes& today, const LabelMap& mask,
                                    const StudyRegistration& registration, const WarpedLabels& warped,
                                    const RegistrationOptions& registration_options,
                                    const PriorCheckOptions& options = {}, const OnRegistrationProgress& progress = {},
                                    const RegistrationCache& cache = {});

/// Correlation (-1 to 1) of the fine structure of two images over the body of the first: what is left of each without
/// its mean over cubes of 20 mm.
[[nodiscard]] double DetailCorrelation(const Volume& prior, const Volume& today, const Registration& registration,
                                       const RegistrationOptions& options);

/// The volume as its mirror image: left and right exchanged about the middle of its field of view.
[[nodiscard]] Volume Mirrored(const Volume& volume);

/// Share of the mask's lesions whose mean is above the mean of what lies within 8 mm of them in their slices; nothing
/// without lesions.
[[nodiscard]] std::optional<double> BrightShare(const Volume& image, const LabelMap& mask);

}  // namespace dinsd
