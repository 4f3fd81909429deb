#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/followup/follow_prior.h"
#include "pipeline/prompt/pairing.h"

namespace dinsd {

/// A lesion of a prior that clicks name by an object and a number in it.
struct NamedLesion {
  std::uint16_t label = 0;     // in the mask of the prior's result
  bool is_superseded = false;  // the object is of an older revision: the lesion is the one of its tracking UID now
};

/// The lesion that clicks mean by an object of an earlier study and the number of a segment or region in it: of the
/// result's own SEG and RT Structure Set, of the object that it was imported from, or of those of an older final
/// revision beside it (rN). Nothing where the object is none of them, has no such number, or the lesion is not in the
/// result any more; without a number, nothing unless the object has one lesion alone. Throws InputError PRIOR_RESULT
/// where a result cannot be understood, and those of ReadDicomSeg and ReadRtStruct.
[[nodiscard]] std::optional<NamedLesion> LesionOfPrior(const PromptPrior& named, const ResultPlace& place,
                                                       const ReadLimits& limits);

/// Clicks whose lesions name objects of an earlier study get what `followed` proposes for those lesions, as `proposed`
/// clicks in their own space, and the tracking of the prior where they have none. `followed` is FollowPrior of the
/// whole result that the objects belong to; of its follow-up what is left are the lesions that were named, those of
/// superseded objects flagged `prior_superseded`. A lesion whose object or place is not there, or cannot be read, stays
/// without clicks (PROMPT_PRIOR_MISSING), with the reason among the warnings; each of the prior is taken once.
[[nodiscard]] PairedPrompts WithNamedPriors(PairedPrompts clicks, const ResultPlace& place, const ReadLimits& limits,
                                            Followed& followed);

/// Clicks of which some may have been proposed, and what from.
struct NamedClicks {
  PairedPrompts clicks;
  std::optional<FollowUp> follow_up;  // nothing: nothing came of the prior
};

/// WithNamedPriors of what `follow` returns (FollowPrior). Where it refuses the prior with the verdict kNeedsPrompts,
/// the lesions that name it stay without clicks, with the refusal among the warnings, as long as other lesions have
/// clicks or boxes; else, and with any other verdict, the refusal is thrown on.
[[nodiscard]] NamedClicks FollowNamedPriors(PairedPrompts clicks, const ResultPlace& place, const ReadLimits& limits,
                                            const std::function<Followed()>& follow);

/// Throws InputError PROMPT_PRIOR_MISSING (kNeedsPrompts), with the warnings of the prompts and what the notes of the
/// image say of their priors (kNoNamedPrior), where lesions name priors and not one lesion has a click or a box:
/// nothing can be segmented.
void RefuseWithoutPriors(const PairedPrompts& clicks, const std::vector<std::string>& notes = {});

}  // namespace dinsd
