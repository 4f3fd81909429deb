#pragma once

#include <cstdint>
#include <optional>

#include "pipeline/followup/follow_prior.h"
#include "pipeline/prompt/pairing.h"

namespace dinsd {

/// The label of the result's mask that clicks mean by an object of an earlier study and the number of a segment or
/// region in it: the result's own SEG and RT Structure Set, or the object that it was imported from. Nothing where the
/// object is none of them, or has no such number; without a number, nothing unless the object has one lesion alone.
/// Throws InputError PRIOR_RESULT where the result cannot be understood.
[[nodiscard]] std::optional<std::uint16_t> LabelOfPrior(const PromptPrior& named, const ResultPlace& place,
                                                        const ReadLimits& limits);

/// Clicks whose lesions name objects of an earlier study get what `followed` proposes for those lesions, as `proposed`
/// clicks in their own space, and the tracking of the prior where they have none. `followed` is FollowPrior of the
/// whole result that the objects belong to; of its follow-up what is left are the lesions that were named. A lesion
/// whose object or place is not there stays without clicks (PROMPT_PRIOR_MISSING); each of the prior is taken once.
[[nodiscard]] PairedPrompts WithNamedPriors(PairedPrompts clicks, const ResultPlace& place, const ReadLimits& limits,
                                            Followed& followed);

}  // namespace dinsd
