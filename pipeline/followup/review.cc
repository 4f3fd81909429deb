#include "pipeline/followup/review.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "pipeline/followup/review_checks.h"
#include "pipeline/prompt/prompt_space.h"

namespace dinsd {
namespace {

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

using Point = std::array<double, 3>;

double Distance(const Point& a, const Point& b) {
  return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

// One click of either side, in LPS mm.
struct Side {
  const PromptClick* click = nullptr;
  Point lps{};
  int order = -1;
  bool is_paired = false;

  [[nodiscard]] bool IsRejected() const { return click->status == ClickStatus::kRejected; }
};

std::vector<Side> SidesOf(const Prompts& prompts, const PromptLesion* lesion, bool has_order_by_place) {
  std::vector<Side> sides;
  if (lesion == nullptr) return sides;
  for (const PromptClick& click : lesion->clicks) {
    const int place = has_order_by_place ? static_cast<int>(sides.size()) : -1;
    sides.push_back({&click, LpsOf(prompts, click.p), click.order.value_or(place)});
  }
  return sides;
}

// The click of a review that answers `proposed`, among those that answer none yet: what lies where it lay, else what
// has its order.
Side* AnswerAmong(std::vector<Side>& reviewed, const Side& proposed, bool by_place) {
  Side* best = nullptr;
  for (Side& side : reviewed) {
    if (side.is_paired || side.click->sign != proposed.click->sign) continue;
    const double away = Distance(side.lps, proposed.lps);
    if (by_place ? away > kMovedMm : side.order < 0 || side.order != proposed.order) continue;
    if (best == nullptr || away < Distance(best->lps, proposed.lps)) best = &side;
  }
  return best;
}

ReviewedClick Answered(const Side& proposed, const Side* answer) {
  ReviewedClick click{ClickDecision::kRejected, proposed.click->sign, proposed.lps, std::nullopt, 0};
  if (answer == nullptr || answer->IsRejected()) return click;
  click.lps = answer->lps;
  const double moved = Distance(answer->lps, proposed.lps);
  click.decision = moved > kMovedMm ? ClickDecision::kMoved : ClickDecision::kKept;
  if (moved > kMovedMm) click.moved_mm = moved;
  return click;
}

// What became of each proposed click, in their order, and what is new.
std::vector<ReviewedClick> Decisions(std::vector<Side> proposed, std::vector<Side> reviewed) {
  std::vector<Side*> answers(proposed.size());
  for (const bool by_place : {true, false}) {
    for (std::size_t n = 0; n < proposed.size(); ++n) {
      if (answers[n] != nullptr) continue;
      answers[n] = AnswerAmong(reviewed, proposed[n], by_place);
      if (answers[n] != nullptr) answers[n]->is_paired = true;
    }
  }
  std::vector<ReviewedClick> clicks;
  for (std::size_t n = 0; n < proposed.size(); ++n) {
    if (!proposed[n].IsRejected()) clicks.push_back(Answered(proposed[n], answers[n]));
  }
  for (const Side& side : reviewed) {
    if (side.is_paired || side.IsRejected()) continue;
    clicks.push_back({ClickDecision::kAdded, side.click->sign, std::nullopt, side.lps, 0});
  }
  return clicks;
}

const PromptLesion* Find(const std::vector<PromptLesion>& lesions, const std::string& id) {
  const auto found =
      std::find_if(lesions.begin(), lesions.end(), [&](const PromptLesion& lesion) { return lesion.id == id; });
  return found == lesions.end() ? nullptr : &*found;
}

std::string InWords(const PromptCode& site) {
  return site.meaning + " (" + site.value + ", " + site.scheme + ")";
}

// What a person says of a lesion otherwise than the proposal, each as "laterality R (was L)".
std::vector<std::string> Changes(const PromptLesion& lesion, const PromptLesion& proposed) {
  std::vector<std::string> changes;
  const auto add = [&](std::string what, const std::string& now, const std::string& before) {
    if (now == before) return;
    what.append(" ").append(now).append(" (was ").append(before.empty() ? "none" : before).append(")");
    changes.push_back(std::move(what));
  };
  const auto site = [](const PromptLesion& of) { return of.site ? InWords(*of.site) : ""; };
  add("type", lesion.type, proposed.type);
  add("depth", lesion.depth, proposed.depth);
  add("site", site(lesion), site(proposed));
  add("laterality", lesion.laterality, proposed.laterality);
  return changes;
}

ReviewRecord RecordOf(const Prompts& reviewed, const Prompts& proposal, const std::string& proposal_sha256) {
  const PromptProvenance& by = reviewed.provenance;
  ReviewRecord record{by.operator_pseudonym, by.created, by.remark, proposal_sha256, 0, {}, 0};
  for (const PromptLesion& proposed : proposal.lesions) {
    const PromptLesion* const lesion = Find(reviewed.lesions, proposed.id);
    record.lesions.push_back({proposed.id, false,
                              Decisions(SidesOf(proposal, &proposed, true), SidesOf(reviewed, lesion, false)),
                              lesion == nullptr ? std::vector<std::string>() : Changes(*lesion, proposed)});
  }
  for (const PromptLesion& lesion : reviewed.lesions) {
    if (Find(proposal.lesions, lesion.id) != nullptr) continue;
    record.lesions.push_back({lesion.id, true, Decisions({}, SidesOf(reviewed, &lesion, false))});
  }
  record.background_clicks =
      static_cast<int>(reviewed.background.size()) - static_cast<int>(proposal.background.size());
  return record;
}

}  // namespace

ReviewRecord CompleteReview(Prompts& reviewed, const Prompts& proposal, const std::string& proposal_sha256,
                            const std::string& file) {
  CheckReview(reviewed, proposal, proposal_sha256, file);
  for (const PromptLesion& proposed : proposal.lesions) {
    if (PromptLesion* lesion = Find(reviewed.lesions, proposed.id)) TakeOverIdentity(*lesion, proposed);
  }
  return RecordOf(reviewed, proposal, proposal_sha256);
}

}  // namespace dinsd
