#pragma once

#include "daemon/messages/reader_messages.h"
#include "daemon/service/context.h"
#include "daemon/service/settled_study.h"

namespace dinsd {

/// What came of looking at a study, for whoever waits for it.
enum class Inspection {
  kAvailable,   // it waits for a worker
  kIncomplete,  // what its manifest lists or its clicks are for is not there yet: back to settling
  kOver,        // refused, without prompts, the same as before, or no longer ours
};

[[nodiscard]] Reason ReasonOf(const Problem& problem);

/// Turns a reader's answer into the job's next state. What may be told of the study goes along as salted digests.
Inspection ApplyAnswer(ServiceContext& context, const Lease& lease, const SettledStudy& study,
                       const ReaderAnswer& answer);

}  // namespace dinsd
