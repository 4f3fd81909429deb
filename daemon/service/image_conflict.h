#pragma once

#include "daemon/service/context.h"
#include "daemon/service/settled_study.h"
#include "pipeline/read/study.h"

namespace dinsd {

/// Images are of one person. Where another job has those of `inspected` under another patient, whose pseudonym means
/// something here (the same `patients` of [[watch]], as in histories; an issuer is part of it), one of the two is wrong
/// and nobody knows which: both are quarantined, SAME_IMAGES_OTHER_PATIENT, so that neither is a prior. True where that
/// was so, or the lease was no longer current. A quarantined study that a person took away since is no such job.
[[nodiscard]] bool QuarantineImagesOfTwoPatients(ServiceContext& context, const Lease& lease, const SettledStudy& study,
                                                 const InspectedStudy& inspected);

}  // namespace dinsd
