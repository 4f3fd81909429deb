#include "daemon/service/result_rows.h"

#include <algorithm>
#include <set>
#include <system_error>

#include "daemon/log/log.h"

namespace dinsd {
namespace {

std::filesystem::path PlaceOf(const Job& job) {
  return std::filesystem::path(job.root) / job.entry;
}

// Where the study of `newest`, the job's, lies: it may have been moved, and be known as a copy of the job from there.
Job LyingAt(JobQueue& queue, const Job& job, const PublishedResult& newest) {
  if (job.key == newest.key && IsThere(job)) return job;
  const std::vector<Job> copies = queue.Copies(job.id, newest.key);
  const auto found = std::find_if(copies.begin(), copies.end(), IsThere);
  return found == copies.end() ? job : *found;
}

std::string OtherJobs(ServiceContext& context, const PublishedResult& result) {
  std::string words;
  JobId last{};
  for (const SameImages& other : context.queue.OtherResults(result.images.value_or(""), result.job)) {
    const auto number = static_cast<std::int64_t>(other.job);
    if (other.job == last || !context.results.IsTaken(number, other.revision)) continue;
    if (!words.empty()) words += ' ';
    words += std::to_string(number);
    last = other.job;
  }
  return words;
}

void AddRowsOf(ServiceContext& context, JobId id, bool& is_changed) {
  const std::optional<Job> job = context.queue.Find(id);
  if (job) (void)AddRows(context, *job, is_changed);
}

}  // namespace

bool IsThere(const Job& job) {
  std::error_code unseen;
  return std::filesystem::symlink_status(PlaceOf(job), unseen).type() != std::filesystem::file_type::not_found;
}

std::optional<Job> StudyOf(ServiceContext& context, JobId id) {
  const std::optional<Job> job = context.queue.Find(id);
  const std::vector<PublishedResult> results = context.queue.Results(id);
  if (!job || results.empty()) return std::nullopt;
  return LyingAt(context.queue, *job, results.back());
}

std::int64_t AddRows(ServiceContext& context, const Job& job, bool& is_changed) {
  const std::vector<PublishedResult> results = context.queue.Results(job.id);
  if (results.empty()) return 0;
  const Job place = LyingAt(context.queue, job, results.back());
  std::int64_t missing = 0;
  for (const PublishedResult& result : results) {
    const auto number = static_cast<std::int64_t>(job.id);
    if (!context.results.IsTaken(number, result.revision)) {
      ++missing;
      continue;
    }
    std::optional<IndexRow> row = context.index.Find(number, result.revision);
    if (!row || result.revision == job.revision) row = {number, result.revision, job.facts.study_date};
    row->study = place.entry;
    row->path = PlaceOf(place);
    row->same_images = OtherJobs(context, result);
    is_changed |= context.index.Add(*row);
  }
  return missing;
}

void UpdateIndex(ServiceContext& context, JobId id) {
  try {
    bool is_changed = false;
    std::set<JobId> jobs = {id};
    for (const PublishedResult& result : context.queue.Results(id)) {
      for (const SameImages& other : context.queue.OtherResults(result.images.value_or(""), id)) jobs.insert(other.job);
    }
    for (const JobId job : jobs) AddRowsOf(context, job, is_changed);
    if (is_changed) context.index.Write();
  } catch (const std::system_error& error) {
    Log(Severity::kError, "results/index.csv cannot be written", {{"errno", error.code().value()}});
  }
}

}  // namespace dinsd
