#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "pipeline/followup/review.h"
#include "pipeline/read/input_error.h"

namespace dinsd {

/// Of the proposal, and of another one.
inline const std::string kSha(64, 'a'), kOtherSha(64, 'b');

inline PromptClick At(double x, ClickStatus status, std::optional<int> order = std::nullopt) {
  PromptClick click;
  click.p = {x, 0, 0};
  click.status = status;
  click.order = order;
  return click;
}

/// One lesion with three clicks at 1, 2 and 3 mm along x.
inline Prompts Proposal() {
  Prompts prompts;
  prompts.image.series_uid = "1.2.3";
  PromptLesion lesion;
  lesion.id = "L1";
  lesion.tracking_uid = "2.25.7";
  lesion.laterality = "L";
  lesion.clicks = {At(1, ClickStatus::kProposed, 0), At(2, ClickStatus::kProposed, 1),
                   At(3, ClickStatus::kProposed, 2)};
  prompts.lesions = {lesion};
  prompts.provenance.source = "propagated";
  prompts.provenance.created = "2026-11-29T10:00:00Z";
  return prompts;
}

/// An answer to it: one kept, one moved to 9 mm, one rejected, one added at 4 mm.
inline Prompts Reviewed() {
  Prompts prompts = Proposal();
  prompts.lesions[0].clicks = {At(1.2, ClickStatus::kVerified, 0), At(9, ClickStatus::kVerified, 1),
                               At(3, ClickStatus::kRejected, 2), At(4, ClickStatus::kVerified, 3)};
  prompts.provenance.source = "human";
  prompts.provenance.operator_pseudonym = "reader-7";
  prompts.provenance.created = "2026-11-30T10:00:00Z";
  prompts.provenance.imported_from = "proposal " + kSha;
  return prompts;
}

/// The code with which a review is refused, and at which field; empty where it is taken.
inline std::string FaultOf(Prompts reviewed, const Prompts& proposal = Proposal()) {
  try {
    (void)CompleteReview(reviewed, proposal, kSha, "review");
    return "";
  } catch (const InputError& error) {
    EXPECT_EQ(error.file(), "review");
    EXPECT_EQ(error.verdict(), InputVerdict::kNeedsPrompts);
    return error.code() + " " + error.field();
  }
}

}  // namespace dinsd
