#pragma once

#include <string>

#include "pipeline/prompt/prompts.h"

namespace dinsd {

/// Whether what a person reviewed answers a proposal, by its ProposalDigest. Throws InputError (kNeedsPrompts) that
/// names `file`:
/// REVIEW_OTHER_IMAGE where the two name different images;
/// REVIEW_OTHER_PROPOSAL where they answer another one (AnsweredProposal), as that of an older revision or another job;
/// REVIEW_NOBODY where no pseudonym says who reviewed (FaultOfPseudonym);
/// REVIEW_INCOMPLETE where it is the proposal itself; where a lesion of the proposal is missing, unless it has neither
/// a click nor a box, as one whose prior was not found; where one of the review has neither, or a click of it is still
/// `proposed`;
/// REVIEW_OTHER_LESION where a lesion has another tracking UID than it was proposed with, or none, which only the files
/// of other programs (source `imported`) may leave out; where an added lesion has that of a proposed one.
/// Thread-safe.
void CheckReview(const Prompts& reviewed, const Prompts& proposal, const std::string& proposal_sha256,
                 const std::string& file);

}  // namespace dinsd
