#include "pipeline/followup/follow_prior.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <map>
#include <utility>

#include "pipeline/followup/click_verdict.h"
#include "pipeline/followup/lesion_contrast.h"
#include "pipeline/followup/prior_at_border.h"
#include "pipeline/followup/prior_check.h"
#include "pipeline/followup/propose.h"
#include "pipeline/followup/registration_cache.h"
#include "pipeline/followup/registration_error.h"
#include "pipeline/followup/warp_labels.h"
#include "pipeline/prompt/prompt_image.h"
#include "pipeline/prompt/side_check.h"

namespace dinsd {
namespace {

constexpr double kReadingShare = 0.05;    // of the whole, for progress; registration has the rest
constexpr double kLeastSimilarity = 0.3;  // below it the two images do not look alike round a click

[[noreturn]] void Refuse(const std::string& name, const std::string& why) {
  throw InputError("PRIOR_REFUSED", name, "", why, InputVerdict::kNeedsPrompts);
}

// It says nothing of the prior.
[[noreturn]] void RefuseSlow(const std::string& name, const RegistrationUse& use) {
  std::array<char, 192> why{};
  (void)std::snprintf(why.data(), why.size(),
                      "registration with the prior took longer than %g s of a station ([followup] "
                      "registration_time_limit_seconds): retry this job, or click",
                      use.time_limit_seconds);
  throw InputError("PRIOR_TIME_LIMIT", name, "", why.data(), InputVerdict::kNeedsPrompts);
}

using Progress = std::function<void(const std::string& words, double share)>;

// Registration and check tell their shares; together they are all but the reading.
OnRegistrationProgress Telling(const Progress& progress, double begin, double end) {
  return [&progress, begin, end](const std::string& stage, double share) {
    progress("bringing the prior over: " + stage, begin + (end - begin) * share);
    return true;
  };
}

std::string Sentences(const PriorCheck& check, PriorVerdict verdict) {
  std::string sentences;
  for (const PriorFinding& finding : check.findings) {
    if (finding.verdict != verdict) continue;
    sentences.append(sentences.empty() ? "" : "; ").append(finding.name).append(": ").append(finding.sentence);
  }
  return sentences;
}

void RefuseWhere(const PriorCheck& check, const std::string& name) {
  if (check.verdict == PriorVerdict::kRefused) Refuse(name, Sentences(check, PriorVerdict::kRefused));
}

// What is known of both images to judge clicks by.
struct Judge {
  const Volume& today;
  const MeasuredStudy& prior;
  const StudyRegistration& registration;
  std::optional<double> today_middle, prior_middle;  // x of the bodies' middles

  [[nodiscard]] ProposedClick Of(const std::array<double, 3>& lps) const {
    ProposedClick click;
    click.lps = lps;
    const Point3 before = registration.ToPrior(lps);
    click.moved_mm = std::hypot(lps[0] - before[0], lps[1] - before[1], lps[2] - before[2]);
    click.similarity = SimilarityRound(lps, today, prior.volumes.whole, registration);
    if (!click.similarity || *click.similarity < kLeastSimilarity) click.flags.emplace_back("click_not_similar");
    if (ChangedSide(lps[0], today_middle, before[0], prior_middle)) click.flags.emplace_back("click_changed_side");
    return click;
  }
};

void AddOnce(const std::vector<std::string>& from, std::vector<std::string>& to) {
  for (const std::string& word : from) {
    if (std::find(to.begin(), to.end(), word) == to.end()) to.push_back(word);
  }
}

const WarpedLesion* FindWarped(const WarpedLabels& warped, std::uint16_t label) {
  const auto found = std::find_if(warped.lesions.begin(), warped.lesions.end(),
                                  [&](const WarpedLesion& lesion) { return lesion.label == label; });
  return found == warped.lesions.end() ? nullptr : &*found;
}

FollowedLesion FollowedOf(const PriorLesion& prior, const WarpedLabels& warped, const Prompts& prompts,
                          const Judge& judge) {
  FollowedLesion lesion{prior, true, {}, {}};
  const WarpedLesion* place = FindWarped(warped, prior.label);
  if (place == nullptr) {
    lesion.flags.emplace_back("prior_empty");
    return lesion;
  }
  lesion.flags = place->flags;
  FlagPriorAtBorder(lesion);
  lesion.is_imaged = std::find(lesion.flags.begin(), lesion.flags.end(), "not_imaged") == lesion.flags.end();
  const auto proposed = std::find_if(prompts.lesions.begin(), prompts.lesions.end(),
                                     [&](const PromptLesion& given) { return given.id == prior.id; });
  if (proposed == prompts.lesions.end()) return lesion;
  for (const PromptClick& click : proposed->clicks) {
    lesion.clicks.push_back(judge.Of(click.p));
    AddOnce(lesion.clicks.back().flags, lesion.flags);
  }
  return lesion;
}

// A lesion of which little contrast is left where it lay. It keeps its clicks: only a person can say that it is gone.
void FlagGone(const MeasuredStudy& prior, const TodaysStudy& today, const LabelMap& mapped,
              std::vector<FollowedLesion>& lesions) {
  const std::map<std::uint16_t, LesionContrast> before = ContrastsOf(prior.volumes.whole, prior.mask),
                                                now = ContrastsOf(today.volumes.whole, mapped);
  for (FollowedLesion& lesion : lesions) {
    const auto then = before.find(lesion.prior.label), here = now.find(lesion.prior.label);
    if (lesion.clicks.empty() || then == before.end() || here == now.end()) continue;
    const std::optional<double> left = ContrastLeft(then->second, here->second);
    if (left && *left < kLeastContrastLeft) AddOnce({"may_be_gone"}, lesion.flags);
  }
}

RegistrationSummary Summary(const StudyRegistration& registration, const PriorCheck& check, double seconds) {
  RegistrationSummary summary;
  summary.seconds = seconds;
  summary.flags = registration.Flags();
  for (const PriorFinding& finding : check.findings) {
    AddOnce({finding.name}, summary.flags);
    summary.findings.push_back(finding.sentence);
  }
  for (const Registration& part : registration.parts) {
    const double share = 1.0 / static_cast<double>(registration.parts.size());
    summary.correlation_before += share * part.At("header").correlation;
    summary.correlation_after += share * part.At("deformable").correlation;
    summary.affine_determinants.push_back(part.affine_determinant);
  }
  return summary;
}

FollowUp WhereItCameFrom(const ResultPlace& place, const Prior& prior) {
  const MeasuredStudy& measured = prior.measured;
  return {prior.study_date,
          measured.job,
          measured.revision,
          place.result_sha256,
          measured.weights_sha256,
          measured.method,
          measured.options_sha256,
          measured.software,
          {},
          {},
          {}};
}

// A lesion whose place is outside of today's image has no click, even if a voxel of it just reaches in.
void ForgetNotImaged(WarpedLabels& warped) {
  for (const WarpedLesion& lesion : warped.lesions) {
    if (std::find(lesion.flags.begin(), lesion.flags.end(), "not_imaged") == lesion.flags.end()) continue;
    std::replace(warped.map.labels.begin(), warped.map.labels.end(), lesion.label, std::uint16_t{0});
  }
}

// The mask where its lesions lie today, once nothing speaks against it so much that it must not be used.
WarpedLabels BringOver(const MeasuredStudy& prior, const TodaysStudy& today, const std::string& name,
                       const RegistrationUse& use, const Progress& progress, StudyRegistration& registration,
                       RegistrationSummary& summary) {
  const auto begin = std::chrono::steady_clock::now();
  RegistrationOptions options;
  options.time_limit_seconds = use.time_limit_seconds;
  try {
    RefuseWhere(CheckPriorMask(prior.volumes.whole, prior.mask), name);
    registration =
        RegisterOnce(prior.volumes, today.volumes, options, use.cache, Telling(progress, kReadingShare, 0.6));
    WarpedLabels warped = WarpLabels(prior.mask, today.volumes.map.grid, registration);
    const PriorCheck check = CheckPrior(prior.volumes, today.volumes, prior.mask, registration, warped, options, {},
                                        Telling(progress, 0.6, 1), use.cache);
    RefuseWhere(check, name);
    summary =
        Summary(registration, check, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    return warped;
  } catch (const RegistrationError& error) {
    if (error.code() == "REG_TIME_LIMIT") RefuseSlow(name, use);
    Refuse(name, std::string("the prior could not be brought over to today's images: ") + error.what());
  }
}

}  // namespace

Followed FollowPrior(const ResultPlace& place, const TodaysStudy& today, const StudyReadOptions& options,
                     const RegistrationUse& use, const std::string& created, const Progress& progress) {
  progress("reading the prior", 0);
  const Prior prior = ReadPrior(place, today.study.identity, options);
  const MeasuredStudy& measured = prior.measured;
  Followed followed{{}, WhereItCameFrom(place, prior)};
  FollowUp& follow_up = followed.follow_up;

  StudyRegistration registration;
  std::vector<std::string> warnings;
  RegistrationUse telling = use;
  telling.cache.warn = [&](const std::string& sentence) { AddOnce({sentence}, warnings); };
  WarpedLabels warped = BringOver(measured, today, place.name, telling, progress, registration, follow_up.registration);
  ForgetNotImaged(warped);
  followed.prompts =
      ProposePrompts(measured.lesions, warped.map, NamesOf(today.image, today.study.identity.study_uid), created);
  followed.prompts.warnings = std::move(warnings);
  if (followed.prompts.lesions.empty())
    Refuse(place.name, "no lesion of the prior lies in today's field of view: nothing can be proposed");

  const Judge judge{today.volumes.whole, measured, registration, BodyMiddleX(today.volumes.whole),
                    BodyMiddleX(measured.volumes.whole)};
  for (const PriorLesion& lesion : measured.lesions)
    follow_up.lesions.push_back(FollowedOf(lesion, warped, followed.prompts, judge));
  FlagGone(measured, today, warped.map, follow_up.lesions);
  follow_up.prior_mask = std::move(warped.map);
  return followed;
}

}  // namespace dinsd
