#pragma once

#include <string>

#include "pipeline/followup/review_record.h"
#include "pipeline/prompt/prompts.h"
#include "pipeline/prompt/proposal.h"

namespace dinsd {

/// Holds the clicks that a person reviewed against the proposal that they answer, and says what changed. A click of the
/// review is that of the proposal which lies within kMovedMm of it or, where none does, which has its `order`: neither
/// number nor sequence of the clicks counts. Identity of a lesion (tracking UID, type, depth, site, side) that the
/// reviewed file leaves out, as those of 3D Slicer do, is taken over from the proposal's lesion of the same id. Points
/// in voxel-ijk are read by the grid that their file states. Throws InputError (kNeedsPrompts) that names `file`:
/// REVIEW_OTHER_IMAGE where the two name different images;
/// REVIEW_OTHER_PROPOSAL where they answer another one (AnsweredProposal), as that of an older revision or another job;
/// REVIEW_INCOMPLETE where a lesion of the proposal is missing, unless it has neither a click nor a box, as one whose
/// prior was not found; where one of the review has neither, or a click of it is still `proposed`;
/// REVIEW_NOBODY where no pseudonym says who reviewed.
[[nodiscard]] ReviewRecord CompleteReview(Prompts& reviewed, const Prompts& proposal,
                                          const std::string& proposal_sha256, const std::string& file);

}  // namespace dinsd
