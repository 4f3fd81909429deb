#include "storage/job_codes.h"
#include "storage/job_queue.h"

// Looking at the queue, and forgetting what is old.

namespace dinsd {
namespace {

WallTime TimeOf(std::int64_t milliseconds) {
  return WallTime(std::chrono::milliseconds(milliseconds));
}

std::string StateList(const std::vector<JobState>& states) {
  std::string list;
  for (const JobState state : states) list += (list.empty() ? "'" : ", '") + std::string(Word(state)) + "'";
  return list;
}

}  // namespace

std::optional<Job> JobQueue::Find(JobId id) {
  return jobs_.Load(id);
}

std::optional<Job> JobQueue::FindStudy(const std::string& source, const std::string& entry) {
  std::vector<Job> found = jobs_.Select("source = ? AND entry = ?", source, entry);
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::vector<Job> JobQueue::List(const Filter& filter) {
  std::string condition = "id > ? AND (? = '' OR source = ?) AND (? = '' OR study_hash = ?)";
  if (!filter.states.empty()) condition += " AND state IN (" + StateList(filter.states) + ")";
  return jobs_.Select(condition + " ORDER BY id LIMIT ?", filter.after, filter.source, filter.source, filter.study_hash,
                      filter.study_hash, filter.limit);
}

std::optional<JobHistory> JobQueue::Show(JobId id) {
  std::optional<Job> job = Find(id);
  if (!job) return std::nullopt;
  JobHistory history{std::move(*job), {}, {}};
  Statement lines = database_.Prepare("SELECT at, who, what, reason FROM journal WHERE job = ? ORDER BY id");
  lines.Bind(id);
  while (lines.Step())
    history.journal.push_back({TimeOf(lines.Integer(0)), lines.Text(1), lines.Text(2), lines.Text(3)});
  history.results = Results(id);
  return history;
}

std::vector<PublishedResult> JobQueue::Results(JobId id) {
  std::vector<PublishedResult> results;
  Statement rows = database_.Prepare(
      "SELECT revision, key, digest, published_at, images FROM result WHERE job = ? ORDER BY revision");
  rows.Bind(id);
  while (rows.Step()) {
    results.push_back({id, rows.Integer(0), rows.Text(1), rows.Text(2), TimeOf(rows.Integer(3)), rows.OptionalText(4)});
  }
  return results;
}

std::vector<SameImages> JobQueue::OtherResults(const std::string& images, JobId than) {
  std::vector<SameImages> others;
  if (images.empty()) return others;
  Statement rows =
      database_.Prepare("SELECT job, revision FROM result WHERE images = ? AND job <> ? ORDER BY job, revision");
  rows.Bind(images, than);
  while (rows.Step()) others.push_back({JobId{rows.Integer(0)}, rows.Integer(1), true});
  return others;
}

std::vector<SameImages> JobQueue::OtherWork(const std::string& images, JobId than) {
  std::vector<SameImages> others;
  if (images.empty()) return others;
  for (const Job& job : jobs_.Select("state IN ('running', 'publishing') AND images = ? AND id <> ?", images, than))
    others.push_back({job.id, job.revision, false});
  return others;
}

// Of a job whose files were looked at since its result, those count; else its newest result does.
std::vector<Job> JobQueue::OthersWith(const std::string& images, JobId than) {
  if (images.empty()) return {};
  return jobs_.Select(
      "id <> ?2 AND ((images = ?1 AND state IN ('available', 'running', 'publishing', 'retryable', 'snoozed', 'held',"
      " 'failed', 'quarantined')) OR (state NOT IN ('received', 'settling', 'quarantined') AND coalesce(images, ?1) = "
      "?1"
      " AND id IN (SELECT job FROM result AS newest WHERE images = ?1 AND revision ="
      " (SELECT max(revision) FROM result WHERE result.job = newest.job)))) ORDER BY id",
      images, than);
}

std::vector<Job> JobQueue::Copies(JobId id, const std::string& key) {
  return jobs_.Select("duplicate_of = ? AND state = 'cancelled' AND key = ? ORDER BY id", id, key);
}

std::string JobQueue::WorkOrderOf(JobId id) {
  Statement statement = database_.Prepare("SELECT text FROM work_order WHERE job = ?");
  statement.Bind(id);
  return statement.Step() ? statement.Text(0) : std::string();
}

bool JobQueue::HasResults(JobId id) {
  return database_.Number("SELECT 1 FROM result WHERE job = ? LIMIT 1", id).has_value();
}

std::map<JobState, std::int64_t> JobQueue::Counts() {
  std::map<JobState, std::int64_t> counts;
  Statement statement = database_.Prepare("SELECT state, count(*) FROM job GROUP BY state");
  while (statement.Step()) counts[JobStateFromWord(statement.Text(0)).value()] = statement.Integer(1);
  return counts;
}

std::int64_t JobQueue::Prune(const PruneOptions& options) {
  Transaction transaction(database_);
  const WallTime now = Now();
  for (const Job& job : jobs_.Select("state = 'needs_prompts' AND changed_at < ? ORDER BY id LIMIT ?",
                                     now - options.needs_prompts, options.batch)) {
    Job after = job;
    after.state = JobState::kCancelled;
    after.reason = {std::string(kNoPromptsCode), "", "",
                    "no clicks came within " + std::to_string(options.needs_prompts.count()) + " days"};
    Write(job, after, kDaemon, after.reason.sentence);
  }
  const std::string is_old =
      "((j.state IN ('done', 'cancelled', 'rejected') AND j.changed_at < ?)"
      " OR (j.state IN ('failed', 'quarantined') AND j.changed_at < ?))";
  const WallTime done = now - options.done;
  const WallTime failed = now - options.failed;
  std::int64_t removed =
      database_.Run("DELETE FROM journal WHERE id IN (SELECT l.id FROM journal l JOIN job j ON j.id = l.job WHERE " +
                        is_old + " AND l.id < (SELECT max(id) FROM journal WHERE job = j.id) LIMIT ?)",
                    done, failed, options.batch);
  removed += database_.Run(
      "DELETE FROM work_order WHERE job IN (SELECT w.job FROM work_order w JOIN job j ON"
      " j.id = w.job WHERE " +
          is_old + " LIMIT ?)",
      done, failed, options.batch);
  removed += database_.Run(
      "DELETE FROM job WHERE id IN (SELECT id FROM job WHERE state = 'cancelled' AND code = ? AND changed_at < ?"
      " AND result_digest IS NULL LIMIT ?)",
      kStudyGoneCode, done, options.batch);
  transaction.Commit();
  return removed;
}

}  // namespace dinsd
