#pragma once

#include "pipeline/followup/registration_use.h"
#include "pipeline/followup/study_registration.h"

namespace dinsd {

/// RegisterStudies, unless the cache holds that registration, which reads back bit by bit; a new one is kept there. A
/// file that is damaged, or is of other images than its name says, is made again, and a cache that cannot be written to
/// costs time, nothing else; both are told to `cache.warn`. Processes may share one. Throws what RegisterStudies
/// throws.
[[nodiscard]] StudyRegistration RegisterOnce(const StudyVolumes& prior, const StudyVolumes& today,
                                             const RegistrationOptions& options, const RegistrationCache& cache,
                                             const OnRegistrationProgress& progress = {});

/// Removes the registrations that were not used for longest until the folder holds no more than `cache.bytes`.
void TrimCache(const RegistrationCache& cache);

}  // namespace dinsd
