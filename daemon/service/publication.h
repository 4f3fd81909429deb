#pragma once

#include "daemon/messages/work_order.h"
#include "daemon/messages/worker_messages.h"
#include "daemon/service/context.h"

namespace dinsd {

/// Publishes what a worker staged: its digests are compared with what was queued, the staged files with their
/// result.json, then the job is marked `publishing`, the folder renamed into place once, and the job recorded as
/// `done`. A result of the same key that lies there already is adopted; nothing is put into a job's folder that holds
/// only what this queue did not publish. Whatever does not fit ends in the job's failure; a lease that is no longer
/// current changes nothing. The staging folder is gone afterwards.
void Publish(ServiceContext& context, const LeasedJob& leased, const StudyOrder& order, const JobTicket& ticket,
             const WorkSucceeded& succeeded);

/// An attempt failed: an error of the study. But while no result can be written it says nothing of the study, which is
/// handed back.
void FailAttempt(const ServiceContext& context, const Lease& lease, const Reason& reason);

/// Fails the job where something that this queue did not publish lies in the place of its result; false where nothing
/// does. So that a study is not segmented for nothing.
bool FailInTheWay(const ServiceContext& context, const LeasedJob& leased);

/// After a crash: a job that was being published is done if its result lies in place, else it runs again.
void FinishInterrupted(ServiceContext& context, const LeasedJob& leased);

}  // namespace dinsd
