#include "pipeline/followup/review_checks.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "pipeline/prompt/proposal.h"
#include "pipeline/read/input_error.h"
#include "pipeline/read/json_schema.h"
#include "pipeline/read/pseudonym.h"

namespace dinsd {
namespace {

[[noreturn]] void Refuse(const char* code, const std::string& file, const std::string& field, const std::string& why) {
  throw InputError(code, file, field, why, InputVerdict::kNeedsPrompts);
}

std::string LesionPointer(std::size_t lesion) {
  return "/lesions/" + std::to_string(lesion);
}

bool IsSameImage(const PromptImage& a, const PromptImage& b) {
  if (!a.series_uid.empty() && !b.series_uid.empty()) return a.series_uid == b.series_uid;
  return !a.sha256.empty() && a.sha256 == b.sha256;
}

// All but who made the clicks, and when.
nlohmann::json ClicksOf(const Prompts& prompts) {
  nlohmann::json clicks = PromptsToJson(prompts);
  clicks.erase("provenance");
  return clicks;
}

void CheckAnswers(const Prompts& reviewed, const Prompts& proposal, const std::string& proposal_sha256,
                  const std::string& file) {
  const std::string answered = AnsweredProposal(reviewed.provenance).value_or("");
  if (answered == proposal_sha256) return;
  if (ClicksOf(reviewed) == ClicksOf(proposal)) {
    Refuse("REVIEW_INCOMPLETE", file, "",
           "is the proposal itself, whose clicks nobody has judged yet: judge them in the page that was exported with "
           "it, or in 3D Slicer, and hand in what that saves");
  }
  Refuse("REVIEW_OTHER_PROPOSAL", file, "/provenance/importedFrom",
         answered.empty() ? "names no proposal that the clicks answer, as what the page saves does"
                          : "does not answer the clicks that are proposed now: export them again and review those");
}

void CheckWho(const PromptProvenance& by, const std::string& file) {
  const std::string fault = FaultOfPseudonym(by.operator_pseudonym);
  if (!fault.empty())
    Refuse("REVIEW_NOBODY", file, "/provenance/operator", fault + ": no pseudonym says who reviewed the clicks");
}

// A lesion for which nothing could be proposed has nothing that a person could keep or reject.
bool HasNothing(const PromptLesion& lesion) {
  return lesion.clicks.empty() && !lesion.box;
}

void CheckDecided(const Prompts& reviewed, const std::string& file) {
  for (std::size_t k = 0; k < reviewed.lesions.size(); ++k) {
    if (HasNothing(reviewed.lesions[k])) {
      Refuse("REVIEW_INCOMPLETE", file, LesionPointer(k),
             "has no click, only a prior from which none could be proposed: set one, or leave the lesion out");
    }
    for (std::size_t c = 0; c < reviewed.lesions[k].clicks.size(); ++c) {
      if (StatusOf(reviewed.lesions[k].clicks[c], reviewed.provenance) != ClickStatus::kProposed) continue;
      Refuse("REVIEW_INCOMPLETE", file, LesionPointer(k) + "/clicks/" + std::to_string(c),
             "is still proposed: nobody has said whether it is right");
    }
  }
}

template <typename Condition>
const PromptLesion* Find(const std::vector<PromptLesion>& lesions, Condition condition) {
  const auto found = std::find_if(lesions.begin(), lesions.end(), condition);
  return found == lesions.end() ? nullptr : &*found;
}

const PromptLesion* Named(const std::vector<PromptLesion>& lesions, const std::string& id) {
  return Find(lesions, [&](const PromptLesion& lesion) { return lesion.id == id; });
}

void CheckComplete(const Prompts& reviewed, const Prompts& proposal, const std::string& file) {
  for (const PromptLesion& proposed : proposal.lesions) {
    if (HasNothing(proposed) || Named(reviewed.lesions, proposed.id) != nullptr) continue;
    Refuse("REVIEW_INCOMPLETE", file, "/lesions",
           "does not say what becomes of the lesion " + QuotedForMessage(proposed.id));
  }
}

// What is wrong with the tracking UID of a lesion that was proposed.
std::string FaultOfTracking(const PromptLesion& lesion, const PromptLesion& proposed, bool may_be_left_out) {
  const std::string &now = lesion.tracking_uid, &before = proposed.tracking_uid;
  if (now == before || (now.empty() && may_be_left_out)) return "";
  const std::string name = "the lesion " + QuotedForMessage(proposed.id);
  if (now.empty()) return "is missing: " + name + " was proposed with " + before;
  return "is " + now + ", and " + name + " was proposed with " + (before.empty() ? "none" : before) +
         ": a review makes no lesion another one";
}

// What is wrong with that of a lesion which a person added.
std::string FaultOfAdded(const PromptLesion& lesion, const Prompts& proposal) {
  if (lesion.tracking_uid.empty()) return "";
  const PromptLesion* const taken = Find(
      proposal.lesions, [&](const PromptLesion& proposed) { return proposed.tracking_uid == lesion.tracking_uid; });
  if (taken == nullptr) return "";
  return "is " + lesion.tracking_uid + ", that of the proposed lesion " + QuotedForMessage(taken->id) +
         ": an added lesion has one of its own, or none";
}

// Which lesion is which stands since they were proposed: reports set them beside their priors by that.
void CheckTracking(const Prompts& reviewed, const Prompts& proposal, const std::string& file) {
  const bool may_be_left_out = reviewed.provenance.source == "imported";
  for (std::size_t k = 0; k < reviewed.lesions.size(); ++k) {
    const PromptLesion& lesion = reviewed.lesions[k];
    const PromptLesion* const proposed = Named(proposal.lesions, lesion.id);
    const std::string fault =
        proposed == nullptr ? FaultOfAdded(lesion, proposal) : FaultOfTracking(lesion, *proposed, may_be_left_out);
    if (!fault.empty())
      Refuse("REVIEW_OTHER_LESION", file, PlaceOr(lesion.place, LesionPointer(k)) + "/trackingUID", fault);
  }
}

}  // namespace

void CheckReview(const Prompts& reviewed, const Prompts& proposal, const std::string& proposal_sha256,
                 const std::string& file) {
  if (!IsSameImage(reviewed.image, proposal.image))
    Refuse("REVIEW_OTHER_IMAGE", file, "/image", "names another image than the proposal that it answers");
  CheckAnswers(reviewed, proposal, proposal_sha256, file);
  CheckWho(reviewed.provenance, file);
  CheckDecided(reviewed, file);
  CheckComplete(reviewed, proposal, file);
  CheckTracking(reviewed, proposal, file);
}

}  // namespace dinsd
