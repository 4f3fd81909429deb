#include "daemon/service/measure_again.h"

#include <algorithm>
#include <optional>

#include "daemon/service/job_log.h"
#include "daemon/service/settled_study.h"
#include "daemon/service/study_facts.h"
#include "pipeline/report/method.h"

namespace dinsd {
namespace {

std::string NumberOf(JobId job) {
  return std::to_string(static_cast<std::int64_t>(job));
}

// Nothing where no network measured it, or nobody can tell any more.
std::optional<MeasuredOtherwise> OtherwiseOf(ServiceContext& context, const Timepoint& timepoint) {
  if (timepoint.facts.method.empty() || IsPresentMethod(context, timepoint.facts.method)) return std::nullopt;
  const std::optional<Job> job = context.queue.Find(timepoint.job);
  const std::string weights =
      WeightsOfResult(context.results.Place(static_cast<std::int64_t>(timepoint.job), timepoint.revision));
  if (!job || weights.empty()) return std::nullopt;
  MeasuredOtherwise found{timepoint.job, timepoint.revision, job->entry, weights, ""};
  if (!OpenStudy(job->root, job->entry)) found.obstacle = "its images are not where they were";
  return found;
}

}  // namespace

bool IsPresentMethod(const ServiceContext& context, const std::string& method) {
  const std::string options = OptionsDigest(context.settings.segment);
  return std::any_of(context.models.begin(), context.models.end(), [&](const ServedModel& model) {
    return MethodDigest(model.weights.sha256, options, ThisSoftware()) == method;
  });
}

std::vector<MeasuredOtherwise> AllMeasuredOtherwise(ServiceContext& context, const std::string& weights_sha256) {
  std::vector<MeasuredOtherwise> all;
  for (const Timepoint& timepoint : context.history.OfDoneJobs()) {
    std::optional<MeasuredOtherwise> found = OtherwiseOf(context, timepoint);
    if (found && (weights_sha256.empty() || found->weights_sha256 == weights_sha256)) all.push_back(*std::move(found));
  }
  return all;
}

bool MeasureAgain(ServiceContext& context, JobId job, const std::string& who, const std::string& why) {
  const std::optional<Job> found = context.queue.Find(job);
  if (!found || found->state != JobState::kDone) return false;
  if (context.queue.Retry(job, who, why).what != JobQueue::Answer::What::kDone) return false;
  LogJob(Severity::kInfo, "settling: it is measured again", job);
  return true;
}

void MeasurePriorAgain(ServiceContext& context, const Timepoint& prior, JobId followed) {
  if (!context.settings.followup.measure_prior_again) return;
  const std::optional<MeasuredOtherwise> found = OtherwiseOf(context, prior);
  if (!found || !found->obstacle.empty() || context.measured_again.contains(prior.job)) return;
  const bool is_queued = MeasureAgain(context, prior.job, "dinsd",
                                      "measured with other weights, options or another version than job " +
                                          NumberOf(followed) + ", which is followed from it");
  if (is_queued) context.measured_again.insert(prior.job);
}

}  // namespace dinsd
