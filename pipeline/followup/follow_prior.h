#pragma once

#include <functional>
#include <string>

#include "pipeline/followup/followed.h"
#include "pipeline/followup/prior.h"
#include "pipeline/followup/registration_use.h"
#include "pipeline/prompt/prompts.h"
#include "pipeline/segment/station_study.h"

namespace dinsd {

/// The study of today that a prior is brought over to.
struct TodaysStudy {
  const InspectedStudy& study;
  const StudyImage& image;
  const StudyVolumes& volumes;
};

/// Clicks for today's study, and how they came about.
struct Followed {
  Prompts prompts;
  FollowUp follow_up;
};

/// Brings a prior timepoint over to today's image and proposes clicks inside of its lesions (ProposePrompts): the prior
/// is read (ReadPrior), its image registered with today's, its mask warped by the inverse map with nearest labels, and
/// each click checked: is it in the body, brighter than what surrounds it, still on the side where the lesion was, and
/// do the two images look alike round it; is anything of the lesion's contrast left (ContrastLeft, `may_be_gone`). What
/// fails is flagged; nothing is dropped but lesions whose place is not imaged today. `created` is RFC 3339. `progress`
/// gets words and a share in [0, 1], and may throw StudyStopped.
///
/// Throws InputError: those of ReadPrior, and PRIOR_REFUSED (kNeedsPrompts) where registration says that the two are
/// not images of one body in one place, with its reasons: a wrong prior is never used. PRIOR_TIME_LIMIT (kNeedsPrompts)
/// beyond `use.time_limit_seconds`.
[[nodiscard]] Followed FollowPrior(const ResultPlace& place, const TodaysStudy& today, const StudyReadOptions& options,
                                   const RegistrationUse& use, const std::string& created,
                                   const std::function<void(const std::string& words, double share)>& progress);

}  // namespace dinsd
