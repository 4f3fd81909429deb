#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/followup/prior_lesion.h"
#include "pipeline/read/volume.h"

namespace dinsd {

/// A click that a program set, and what speaks for it and against it.
struct ProposedClick {
  std::array<double, 3> lps{};       // mm, in today's image
  double moved_mm = 0;               // from the same place of the prior's patient frame
  std::optional<double> similarity;  // correlation of prior and today's image round it; nothing: it cannot be told
  std::vector<std::string> flags;    // CLICK_IN_AIR, CLICK_NOT_BRIGHT, side_changed, not_similar
};

/// What became of one lesion of the prior on its way to today's image.
struct FollowedLesion {
  PriorLesion prior;
  bool is_imaged = true;  // whether its place lies in today's field of view
  std::vector<ProposedClick> clicks;
  std::vector<std::string> flags;  // not_imaged, reg_roundtrip, may_be_gone, prior_touches_border, and those of its
                                   // clicks
};

/// How one image was brought over the other.
struct RegistrationSummary {
  double correlation_before = 0, correlation_after = 0;  // of today's body, -1 to 1
  std::vector<double> affine_determinants;  // a station each: volume in the prior image over volume today; they never
                                            // correct a volume
  std::vector<std::string> flags;           // reg_no_gain, reg_folding, and what speaks against the prior
  std::vector<std::string> findings;        // the same in sentences with their figures
  double seconds = 0;
};

/// That a study without clicks was followed from an earlier one of the same patient.
struct FollowUp {
  std::string study_date;  // of the prior, YYYY-MM-DD
  std::int64_t job = 0;
  std::int64_t revision = 0;
  std::string result_sha256;             // of the prior's result.json
  std::string weights_sha256;            // that the prior was measured with
  std::string method;                    // MethodDigest of the prior; empty: not known
  std::string options_sha256, software;  // what else it was measured with; empty: not known
  RegistrationSummary registration;
  std::vector<FollowedLesion> lesions;          // all of the prior, in its order
  LabelMap prior_mask;                          // the prior's mask and labels on today's grid
  std::optional<std::int64_t> proposed_from{};  // the revision of the prior that clicks were proposed from and whose
                                                // labels these are, where it was revised since; nothing: `revision`
};

}  // namespace dinsd
