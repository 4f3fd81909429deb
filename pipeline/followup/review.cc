#include "pipeline/followup/review.h"

#include <algorithm>
#include <cmath>

#include "pipeline/read/input_error.h"

namespace dinsd {
namespace {

constexpr double kMovedMm = 0.5;

[[noreturn]] void Refuse(const char* code, const std::string& file, const std::string& field, const std::string& why) {
  throw InputError(code, file, field, why, InputVerdict::kNeedsPrompts);
}

PromptLesion* Find(std::vector<PromptLesion>& lesions, const std::string& id) {
  const auto found =
      std::find_if(lesions.begin(), lesions.end(), [&](const PromptLesion& lesion) { return lesion.id == id; });
  return found == lesions.end() ? nullptr : &*found;
}

void TakeOver(std::string& to, const std::string& from) {
  if (to.empty()) to = from;
}

void TakeOverIdentity(PromptLesion& lesion, const PromptLesion& proposed) {
  TakeOver(lesion.tracking_uid, proposed.tracking_uid);
  TakeOver(lesion.type, proposed.type);
  TakeOver(lesion.depth, proposed.depth);
  TakeOver(lesion.laterality, proposed.laterality);
  if (!lesion.site) lesion.site = proposed.site;
}

double Distance(const PromptClick& a, const PromptClick& b) {
  return std::hypot(a.p[0] - b.p[0], a.p[1] - b.p[1], a.p[2] - b.p[2]);
}

// Clicks answer each other in their order, as the page keeps it; a list of 3D Slicer may have lost or gained some.
void Count(const PromptLesion& lesion, const PromptLesion& proposed, ReviewChanges& changes) {
  const std::size_t common = std::min(lesion.clicks.size(), proposed.clicks.size());
  for (std::size_t n = 0; n < lesion.clicks.size(); ++n) {
    if (n >= common) {
      ++changes.added;
    } else if (lesion.clicks[n].status == ClickStatus::kRejected) {
      ++changes.rejected;
    } else if (Distance(lesion.clicks[n], proposed.clicks[n]) > kMovedMm) {
      ++changes.moved;
    } else {
      ++changes.kept;
    }
  }
  changes.rejected += static_cast<int>(proposed.clicks.size() - common);
}

void CheckDecided(const Prompts& reviewed, const std::string& file) {
  for (std::size_t k = 0; k < reviewed.lesions.size(); ++k) {
    for (std::size_t c = 0; c < reviewed.lesions[k].clicks.size(); ++c) {
      if (StatusOf(reviewed.lesions[k].clicks[c], reviewed.provenance) != ClickStatus::kProposed) continue;
      Refuse("REVIEW_INCOMPLETE", file, "/lesions/" + std::to_string(k) + "/clicks/" + std::to_string(c),
             "is still proposed: nobody has said whether it is right");
    }
  }
}

bool IsSameImage(const PromptImage& a, const PromptImage& b) {
  if (!a.series_uid.empty() && !b.series_uid.empty()) return a.series_uid == b.series_uid;
  return !a.sha256.empty() && a.sha256 == b.sha256;
}

}  // namespace

std::string AnswerTo(const std::string& proposal_sha256) {
  return "proposal " + proposal_sha256;
}

ReviewChanges CompleteReview(Prompts& reviewed, const Prompts& proposal, const std::string& proposal_sha256,
                             const std::string& file) {
  if (!IsSameImage(reviewed.image, proposal.image))
    Refuse("REVIEW_OTHER_IMAGE", file, "/image", "names another image than the proposal that it answers");
  if (reviewed.provenance.imported_from != AnswerTo(proposal_sha256)) {
    Refuse("REVIEW_OTHER_PROPOSAL", file, "/provenance/importedFrom",
           "does not answer the clicks that are proposed now: export them again and review those");
  }
  if (reviewed.provenance.operator_pseudonym.empty())
    Refuse("REVIEW_NOBODY", file, "/provenance/operator", "no pseudonym says who reviewed the clicks");
  CheckDecided(reviewed, file);
  ReviewChanges changes;
  for (const PromptLesion& proposed : proposal.lesions) {
    PromptLesion* lesion = Find(reviewed.lesions, proposed.id);
    if (lesion == nullptr)
      Refuse("REVIEW_INCOMPLETE", file, "/lesions", "does not say what becomes of the lesion '" + proposed.id + "'");
    TakeOverIdentity(*lesion, proposed);
    Count(*lesion, proposed, changes);
  }
  changes.lesions_added = static_cast<int>(reviewed.lesions.size() - proposal.lesions.size());
  return changes;
}

}  // namespace dinsd
