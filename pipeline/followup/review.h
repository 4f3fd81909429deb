#pragma once

#include <string>

#include "pipeline/prompt/prompts.h"

namespace dinsd {

/// How a person's clicks differ from those that a program had proposed.
struct ReviewChanges {
  int kept = 0, moved = 0, rejected = 0, added = 0;  // clicks; moved: by more than 0.5 mm
  int lesions_added = 0;
};

/// How the provenance of reviewed clicks names the proposal that they answer: `importedFrom`.
[[nodiscard]] std::string AnswerTo(const std::string& proposal_sha256);

/// Holds the clicks that a person reviewed against the proposal that they answer. Identity of a lesion (tracking UID,
/// type, depth, site, side) that the reviewed file leaves out, as those of 3D Slicer do, is taken over from the
/// proposal's lesion of the same id. Both in LPS mm. Throws InputError (kNeedsPrompts) that names `file`:
/// REVIEW_OTHER_IMAGE where the two name different images;
/// REVIEW_OTHER_PROPOSAL where they answer another one (AnswerTo), as that of an older revision or another job;
/// REVIEW_INCOMPLETE where a lesion of the proposal is missing, or a click of the review is still `proposed`;
/// REVIEW_NOBODY where no pseudonym says who reviewed.
[[nodiscard]] ReviewChanges CompleteReview(Prompts& reviewed, const Prompts& proposal,
                                           const std::string& proposal_sha256, const std::string& file);

}  // namespace dinsd
