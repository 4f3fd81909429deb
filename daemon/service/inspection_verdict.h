#pragma once

#include "daemon/messages/reader_messages.h"
#include "daemon/service/context.h"
#include "daemon/service/settled_study.h"

namespace dinsd {

/// What came of looking at a study, for whoever waits for it.
enum class Inspection {
  kAvailable,   // it waits for a worker
  kIncomplete,  // its manifest names files that are not there yet: back to settling
  kOver,        // refused, without prompts, the same as before, or no longer ours
};

/// Turns a reader's answer into the job's next state. What may be told of the study goes along as salted digests.
Inspection ApplyAnswer(ServiceContext& context, const Lease& lease, const SettledStudy& study,
                       const ReaderAnswer& answer);

}  // namespace dinsd
