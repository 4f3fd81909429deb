#pragma once

#include "daemon/messages/count_messages.h"

namespace dinsd {

/// Asks a peer by C-FIND (study root, level STUDY) for Number of Study Related Instances (0020,1208) of one study, an
/// optional key (DICOM PS3.4 C.3.4, C.6.2). Of several answers that name the study the largest number counts; one that
/// names another study counts for nothing. Where there is no number the answer says why: NOT_REACHED, TLS_FILES,
/// QUERY_NOT_ACCEPTED (it takes no queries), QUERY_REFUSED (its status), STUDY_UNKNOWN (no answer names the study),
/// NO_NUMBER (the key is not supported). Blocks within the limits of the question. Thread-safe but for the limit of the
/// connection (OpenAssociation).
[[nodiscard]] CountAnswer CountInstances(const CountQuestion& question);

}  // namespace dinsd
