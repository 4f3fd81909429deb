#pragma once

#include <string>

#include "pipeline/followup/review_record.h"
#include "pipeline/prompt/prompts.h"
#include "pipeline/prompt/proposal.h"

namespace dinsd {

/// Holds the clicks that a person reviewed against the proposal that they answer, and says what changed. A click of the
/// review is that of the proposal which lies within kMovedMm of it or, where none does, which has its `order`: neither
/// number nor sequence of the clicks counts. What the reviewed file does not say of a lesion (type, depth, site, side)
/// is taken over from the proposal's lesion of the same id, and its tracking UID where other programs' files have none;
/// what it says otherwise counts, and is among the changes. Points in voxel-ijk are read by the grid that their file
/// states. Throws InputError of CheckReview.
[[nodiscard]] ReviewRecord CompleteReview(Prompts& reviewed, const Prompts& proposal,
                                          const std::string& proposal_sha256, const std::string& file);

}  // namespace dinsd
