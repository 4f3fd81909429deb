#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "pipeline/prompt/prompts.h"

namespace dinsd {

// How clicks that a person reviewed say which proposal they answer: the clicks, by their digest, that a program had
// set.

/// What the page of `dins review` writes as `tool`.
inline constexpr char kReviewTool[] = "dinsd review";

/// By what a proposal is known: SHA-256 of a prompts.json without its provenance, so that the same clicks, proposed
/// again as where a study is measured again, are the same proposal. Throws InputError PROMPT_SCHEMA where it is no JSON
/// object.
[[nodiscard]] std::string ProposalDigest(std::span<const std::byte> prompts_json);

/// How provenance names the proposal: `importedFrom`.
[[nodiscard]] std::string AnswerTo(const std::string& proposal_sha256);

/// The proposal that prompts answer, as they name it (a SHA-256, or whatever stands there); an empty word where they
/// are a review that names none. Nothing where they are no review, but a person's own clicks. Thread-safe.
[[nodiscard]] std::optional<std::string> AnsweredProposal(const PromptProvenance& provenance);

/// Whether a person said that no click of the lesion is right: it has clicks, and all are rejected. In a review that is
/// a rejection of the lesion, also where a box or the prior that the clicks were proposed from stands beside them.
[[nodiscard]] bool IsRejected(const PromptLesion& lesion);

/// The lesion's box, as far as it counts: that of a lesion which a review rejects does not. Thread-safe.
[[nodiscard]] std::optional<PromptBox> BoxThatCounts(const PromptLesion& lesion, const PromptProvenance& provenance);

/// Whether a person said that nothing of a proposal is right: a review with lesions, each of them rejected
/// (IsRejected), and no background click that counts. Thread-safe.
[[nodiscard]] bool IsRejection(const Prompts& prompts);

/// Throws InputError REVIEW_REJECTED (kNeedsPrompts), in the person's words, where that is so: nothing is segmented
/// from it.
void RefuseRejection(const Prompts& prompts, const std::string& file);

/// What the note of an image begins with that says why no study has the objects which the clicks name as their priors.
inline constexpr char kNoNamedPrior[] = "study_warning: the prior that the clicks name is not there: ";

/// The mark that a click of a proposal carries where its file has no room for more than a description, as 3D Slicer's
/// has: which proposal, and which click of its lesion.
struct ProposalMark {
  std::string proposal_sha256;
  std::optional<int> order;
};
[[nodiscard]] std::string MarkInWords(const ProposalMark& mark);

/// The mark of a description; nothing where it is none: what stands in the place of the SHA-256 must be one, 64
/// lower-case hex digits.
[[nodiscard]] std::optional<ProposalMark> MarkIn(const std::string& description);

}  // namespace dinsd
