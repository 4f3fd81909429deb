#pragma once

#include "config/destination_settings.h"
#include "daemon/messages/count_messages.h"
#include "daemon/messages/reader_messages.h"
#include "daemon/service/context.h"
#include "daemon/service/settled_study.h"

namespace dinsd {

/// Code of a study of which a peer has more instances than have come: it waits for a change.
inline constexpr char kStudyCount[] = "STUDY_COUNT";

/// Whom to ask how many instances a study has ([receiver] count_from), or nobody: where nobody is named, the study did
/// not come over the network, its study.json says what it is, it waits for something else, a person has to look at it,
/// or as many instances as there are now were enough before (what a peer adds to a study later must not hold back
/// clicks).
[[nodiscard]] const DestinationSettings* PeerToCount(const ServiceContext& context, const SettledStudy& study,
                                                     const ReaderAnswer& answer);

/// What stands in place of an answer for a study that has a published result: the peer may count objects of ours.
[[nodiscard]] CountAnswer NotAsked();

/// Holds what has come (the distinct SOP instances that the reader found) against the number that a peer gave. With
/// fewer the study is incomplete: that is then the problem of `answer`. Without a number the study goes on, and the log
/// and its report say so. That enough have come is kept below the receiver's spool, in .counted/STUDY.
void ApplyCount(const ServiceContext& context, const SettledStudy& study, const CountAnswer& count,
                ReaderAnswer& answer);

}  // namespace dinsd
