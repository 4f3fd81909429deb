#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "pipeline/followup/followed.h"
#include "pipeline/followup/timepoint.h"
#include "pipeline/prompt/prompts.h"
#include "pipeline/read/read_options.h"

namespace dinsd {

/// Clicks that a program proposed, as a preliminary result has them, and what they were proposed from.
struct Proposal {
  Prompts prompts;
  std::string sha256;  // ProposalDigest: by that a review names it
  std::int64_t revision = 0;
  std::optional<FollowUp> follow_up;  // nothing: they came with the study
};

/// The results that a review refers to; of both, folder and digest. Images are not looked at.
struct ReviewedResult {
  ResultPlace proposal;              // the preliminary one
  std::optional<ResultPlace> prior;  // its prior as it is measured now: a newer revision, perhaps
};

/// Reads back what was proposed. Where the prior was measured again since, its volumes, objects, method and revision
/// are those of now, a lesion's by its tracking UID alone; one that it does not have any more keeps the volume that it
/// had and is flagged `prior_revised`. Throws InputError PROPOSAL_RESULT (kNeedsPrompts) where a result is no longer
/// the one that was published, or cannot be understood.
[[nodiscard]] Proposal ReadProposal(const ReviewedResult& results, const ReadLimits& limits);

}  // namespace dinsd
