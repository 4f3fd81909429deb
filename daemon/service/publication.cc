#include "daemon/service/publication.h"

#include <signal.h>
#include <unistd.h>

#include <set>
#include <system_error>

#include "daemon/service/job_log.h"
#include "daemon/service/prior_choice.h"
#include "daemon/service/result_rows.h"
#include "pipeline/write/result_folder.h"
#include "storage/job_codes.h"

namespace dinsd {
namespace {

void KillOneselfAt(const ServiceContext& context, const char* point) {
  if (context.faults.Has("parent", "kill", point)) ::kill(::getpid(), SIGKILL);
}

// The worker's echo of what it worked on; empty when all is as queued.
std::string Mismatch(const StudyOrder& order, const WorkSucceeded& succeeded) {
  if (succeeded.inputs_sha256 != order.inputs_sha256) return "ECHO_INPUTS";
  if (succeeded.prompts_sha256 != order.prompts_sha256) return "ECHO_PROMPTS";
  if (succeeded.weights_sha256 != order.weights.sha256) return "ECHO_WEIGHTS";
  if (succeeded.mask_sha256 != (order.import ? order.import->mask_sha256 : "")) return "ECHO_MASK";
  if (succeeded.prior_sha256 != (order.prior ? order.prior->result_sha256 : "")) return "ECHO_PRIOR";
  return {};
}

void Fail(const ServiceContext& context, const Lease& lease, const std::string& code, const std::string& sentence) {
  LogJob(Severity::kError, "not published", lease.job, code);
  FailAttempt(context, lease, {code, "", "", sentence});
}

void TellSameImages(ServiceContext& context, const Job& job) {
  std::set<std::int64_t> jobs;
  for (const SameImages& other : context.queue.OtherResults(job.images.value_or(""), job.id))
    jobs.insert(static_cast<std::int64_t>(other.job));
  if (jobs.empty()) return;
  LogJob(Severity::kWarning, "other jobs have results of the same images", job.id, std::string(kSameImagesCode),
         {{"jobs", jobs}});
}

void Record(ServiceContext& context, const Lease& lease, const Job& job) {
  if (context.queue.Complete(lease) == Fenced::kStale) return;
  KillOneselfAt(context, "after_done");
  LogJob(Severity::kInfo, "done", job.id, "", {{"revision", job.revision}, {"attempt", job.attempt}});
  TellSameImages(context, job);
  UpdateIndex(context, job.id);
  EnterHistory(context, job.id, job.revision);
}

// A number may have been given twice, by a queue that was put back from a backup: then the folder is another patient's.
// What the queue published no revision into must be empty, so that no next revision comes to lie beside it.
bool IsInTheWay(const ServiceContext& context, const Job& job) {
  const auto id = static_cast<std::int64_t>(job.id);
  return context.results.IsTaken(id, job.revision) ||
         (!context.queue.HasResults(job.id) && context.results.HoldsAnyOf(id));
}

void FailTaken(const ServiceContext& context, const LeasedJob& leased) {
  const std::filesystem::path place =
      context.results.Place(static_cast<std::int64_t>(leased.job.id), leased.job.revision);
  Fail(context, leased.lease, "RESULT_IN_THE_WAY",
       "what this queue did not publish lies in " + place.parent_path().string() +
           " and may be another patient's: move it out of results_dir, then retry this job");
}

void MoveAndRecord(ServiceContext& context, const LeasedJob& leased, const JobTicket& ticket,
                   const std::string& digest) {
  const Job& job = leased.job;
  const auto id = static_cast<std::int64_t>(job.id);
  const std::string in_place = context.results.DigestInPlace(id, job.revision, job.key.value_or(""));
  if (in_place.empty() && FailInTheWay(context, leased)) return;  // before the queue says that this revision may exist
  const std::string& published = in_place.empty() ? digest : in_place;  // the first valid result wins
  if (context.queue.BeginPublish(leased.lease, published) == Fenced::kStale) {
    LogJob(Severity::kWarning, "late result thrown away", job.id);
    return;
  }
  KillOneselfAt(context, "before_rename");
  if (in_place.empty() && !context.results.MoveIntoPlace(ticket.token, id, job.revision)) {
    FailTaken(context, leased);
    return;
  }
  KillOneselfAt(context, "after_rename");
  Record(context, leased.lease, job);
}

void TryPublish(ServiceContext& context, const LeasedJob& leased, const StudyOrder& order, const JobTicket& ticket,
                const WorkSucceeded& succeeded) {
  const std::string mismatch = Mismatch(order, succeeded);
  const std::string digest = VerifyResultFolder(context.results.Staging(ticket.token), leased.job.key.value_or(""));
  if (!mismatch.empty()) {
    Fail(context, leased.lease, mismatch, "the worker's result is not of what was queued");
  } else if (digest.empty() || digest != succeeded.result_sha256) {
    Fail(context, leased.lease, "STAGED_DAMAGED", "the staged files are not those that the worker wrote");
  } else {
    MoveAndRecord(context, leased, ticket, digest);
  }
}

}  // namespace

void Publish(ServiceContext& context, const LeasedJob& leased, const StudyOrder& order, const JobTicket& ticket,
             const WorkSucceeded& succeeded) {
  try {
    TryPublish(context, leased, order, ticket, succeeded);
  } catch (const std::system_error& error) {
    Fail(context, leased.lease, "PUBLISH_FAILED", error.what());
  }
  context.results.DiscardStaging(ticket.token);
}

void FailAttempt(const ServiceContext& context, const Lease& lease, const Reason& reason) {
  const std::string obstacle = context.results.Obstacle();
  if (obstacle.empty()) {
    (void)context.queue.Fail(lease, JobQueue::FailureKind::kError, reason);
  } else {
    LogJob(Severity::kInfo, "handed back: no result can be written", lease.job);
    (void)context.queue.HandBack(lease, reason.code + ": " + obstacle);
  }
}

bool FailInTheWay(const ServiceContext& context, const LeasedJob& leased) {
  const Job& job = leased.job;
  const auto id = static_cast<std::int64_t>(job.id);
  if (!IsInTheWay(context, job)) return false;
  if (!context.results.DigestInPlace(id, job.revision, job.key.value_or("")).empty()) return false;  // its own
  FailTaken(context, leased);
  return true;
}

void FinishInterrupted(ServiceContext& context, const LeasedJob& leased) {
  const Job& job = leased.job;
  const std::string in_place =
      context.results.DigestInPlace(static_cast<std::int64_t>(job.id), job.revision, job.key.value_or(""));
  if (!in_place.empty() && in_place == job.result_digest) {
    LogJob(Severity::kInfo, "found published after a crash", job.id);
    Record(context, leased.lease, job);
  } else {
    LogJob(Severity::kInfo, "was being published in a crash: runs again", job.id);
    (void)context.queue.HandBack(leased.lease, "the daemon ended before the result was in place");
  }
}

}  // namespace dinsd
