#include <algorithm>
#include <cstdint>
#include <set>
#include <string_view>

#include "pipeline/prompt/prompts.h"
#include "pipeline/read/code_points.h"
#include "pipeline/read/input_error.h"
#include "pipeline/read/json_schema.h"

namespace dinsd {
namespace {

[[noreturn]] void Refuse(const char* code, const std::string& file, const std::string& pointer,
                         const std::string& sentence) {
  throw InputError(code, file, pointer, sentence, InputVerdict::kNeedsPrompts);
}

std::string LesionPointer(std::size_t lesion) {
  return "/lesions/" + std::to_string(lesion);
}

std::string ClickPointer(const std::string& parent, std::size_t click) {
  return parent + "/" + std::to_string(click);
}

// An id as people see it: without what cannot be seen, and without blanks at its ends.
std::string VisibleForm(std::string_view id) {
  std::string visible;
  while (!id.empty()) {
    std::uint32_t code_point = 0;
    const std::string_view one = id.substr(0, std::max<std::size_t>(1, SequenceLength(id, code_point)));
    const bool is_control = one.size() == 1 && (static_cast<unsigned char>(one[0]) < 0x20 || one[0] == 0x7F);
    if (!is_control && !InvisibleIn(one)) visible += one;
    id.remove_prefix(one.size());
  }
  const std::size_t begin = visible.find_first_not_of(' ');
  return begin == std::string::npos ? "" : visible.substr(begin, visible.find_last_not_of(' ') - begin + 1);
}

void CheckNames(const Prompts& prompts, const std::string& file) {
  std::set<std::string> ids, tracking_uids;
  for (std::size_t k = 0; k < prompts.lesions.size(); ++k) {
    const PromptLesion& lesion = prompts.lesions[k];
    const std::string visible = VisibleForm(lesion.id);
    if (visible.empty()) {
      Refuse("PROMPT_SCHEMA", file, PlaceOr(lesion.place, LesionPointer(k) + "/id"),
             QuotedForMessage(lesion.id) + " is blank to the eye");
    }
    if (!ids.insert(visible).second) {
      Refuse("PROMPT_DUPLICATE_LESION", file, PlaceOr(lesion.place, LesionPointer(k) + "/id"),
             QuotedForMessage(lesion.id) + " names a lesion before it, or looks as one does");
    }
    if (!lesion.tracking_uid.empty() && !tracking_uids.insert(lesion.tracking_uid).second) {
      Refuse("PROMPT_DUPLICATE_LESION", file, LesionPointer(k) + "/trackingUID",
             QuotedForMessage(lesion.tracking_uid) + " names a lesion before it");
    }
  }
}

void CheckHasPositive(const PromptLesion& lesion, std::size_t k, const std::string& file) {
  std::size_t negative = 0;
  for (const PromptClick& click : lesion.clicks) {
    if (click.status == ClickStatus::kRejected) continue;
    if (click.sign == Polarity::kPositive) return;
    ++negative;
  }
  if (negative == 0 || lesion.box || lesion.prior) return;
  Refuse("PROMPT_NO_POSITIVE", file, PlaceOr(lesion.place, LesionPointer(k) + "/clicks"),
         "lesion " + QuotedForMessage(lesion.id) + " has " + std::to_string(negative) +
             " negative clicks and no positive one, no box and no prior");
}

void CheckPriorClicks(const Prompts& prompts, const std::vector<PromptClick>& clicks, bool has_prior,
                      const std::string& parent, const std::string& file) {
  const bool is_propagated = prompts.provenance.source == "propagated";
  for (std::size_t c = 0; c < clicks.size(); ++c) {
    if (clicks[c].sign == Polarity::kPositive) continue;
    if (is_propagated) {
      Refuse("PROMPT_PRIOR_NEGATIVE", file, ClickPointer(parent, c) + "/sign",
             R"(is "-", propagated clicks are positive only)");
    }
    if (has_prior && StatusOf(clicks[c], prompts.provenance) == ClickStatus::kProposed) {
      Refuse("PROMPT_PRIOR_NEGATIVE", file, ClickPointer(parent, c) + "/sign",
             R"(is "-" and proposed, on a lesion with a prior)");
    }
  }
}

void CheckBackground(const Prompts& prompts, const std::string& file) {
  for (std::size_t c = 0; c < prompts.background.size(); ++c) {
    if (prompts.background[c].sign == Polarity::kPositive) {
      Refuse("PROMPT_SIGN_CONFLICT", file, ClickPointer("/background", c) + "/sign",
             R"(is "+", background clicks are negative)");
    }
  }
}

}  // namespace

ClickStatus StatusOf(const PromptClick& click, const PromptProvenance& provenance) {
  if (click.status != ClickStatus::kUnset) return click.status;
  const bool is_trusted = provenance.source == "human" || provenance.source == "imported";
  return is_trusted ? ClickStatus::kVerified : ClickStatus::kProposed;
}

std::vector<std::string> PriorObjectsOf(const Prompts& prompts) {
  std::set<std::string> objects;
  for (const PromptLesion& lesion : prompts.lesions) {
    if (lesion.prior && lesion.clicks.empty() && !lesion.box) objects.insert(lesion.prior->sop_instance_uid);
  }
  return {objects.begin(), objects.end()};
}

void CheckPrompts(const Prompts& prompts, const std::string& file) {
  CheckNames(prompts, file);
  CheckBackground(prompts, file);
  for (std::size_t k = 0; k < prompts.lesions.size(); ++k) {
    const PromptLesion& lesion = prompts.lesions[k];
    CheckHasPositive(lesion, k, file);
    CheckPriorClicks(prompts, lesion.clicks, lesion.prior.has_value(), LesionPointer(k) + "/clicks", file);
  }
  CheckPriorClicks(prompts, prompts.background, false, "/background", file);
}

}  // namespace dinsd
