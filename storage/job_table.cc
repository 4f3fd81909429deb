#include "storage/job_table.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace dinsd {
namespace {

constexpr std::array<std::string_view, 3> kLanes = {"urgent", "routine", "bulk"};

constexpr std::string_view kColumns =
    "id, source, root, entry, fingerprint, state, lane, key, images, revision, model, patient, study_date, study_hash,"
    " attempt, token, owner_machine, owner_boot, owner_pid, owner_start, lease_until, progress, stage, seconds_left, "
    "error_count,"
    " crash_count, lost_count, run_at, result_digest, duplicate_of, code, file, field, sentence, created_at, "
    "changed_at";

WallTime TimeOf(std::int64_t milliseconds) {
  return WallTime(std::chrono::milliseconds(milliseconds));
}

// Reads the columns of a row one after the other.
class RowReader {
 public:
  explicit RowReader(const Statement& row) : row_(row) {}
  std::int64_t Integer() { return row_.Integer(next_++); }
  double Real() { return row_.Real(next_++); }
  std::string Text() { return row_.Text(next_++); }
  WallTime Time() { return TimeOf(Integer()); }
  std::optional<std::int64_t> OptionalInteger() { return row_.OptionalInteger(next_++); }
  std::optional<double> OptionalReal() { return row_.OptionalReal(next_++); }
  std::optional<std::string> OptionalText() { return row_.OptionalText(next_++); }

 private:
  const Statement& row_;
  int next_ = 0;
};

std::optional<ProcessIdentity> OwnerOf(RowReader& row) {
  ProcessIdentity owner{row.Text(), row.Text(), 0, 0};
  const std::optional<std::int64_t> pid = row.OptionalInteger();
  owner.start_ticks = row.Integer();
  if (!pid) return std::nullopt;
  owner.pid = *pid;
  return owner;
}

bool MayBeLeased(JobState state) {
  return state == JobState::kSettling || state == JobState::kRunning || state == JobState::kPublishing;
}

}  // namespace

std::string_view Word(Lane lane) {
  return kLanes.at(static_cast<std::size_t>(lane));
}

std::optional<Lane> LaneFromWord(std::string_view word) {
  const auto* const found = std::find(kLanes.begin(), kLanes.end(), word);
  return found == kLanes.end() ? std::nullopt : std::optional(static_cast<Lane>(found - kLanes.begin()));
}

std::string JobTable::SelectText(std::string_view condition) {
  return "SELECT " + std::string(kColumns) + " FROM job WHERE " + std::string(condition);
}

Job JobTable::JobOf(const Statement& statement) {
  RowReader row(statement);
  Job job;
  job.id = JobId{row.Integer()};
  job.source = row.Text();
  job.root = row.Text();
  job.entry = row.Text();
  job.fingerprint = row.Text();
  job.state = JobStateFromWord(row.Text()).value();
  job.lane = LaneFromWord(row.Text()).value();
  job.key = row.OptionalText();
  job.images = row.OptionalText();
  job.revision = row.Integer();
  job.model = row.Text();
  job.facts.patient = row.Text();
  job.facts.study_date = row.Text();
  job.facts.study_hash = row.Text();
  job.attempt = row.Integer();
  job.token = row.OptionalInteger();
  job.owner = OwnerOf(row);
  if (const auto until = row.OptionalInteger()) job.lease_until = TimeOf(*until);
  job.progress.share = row.Real();
  job.progress.stage = row.Text();
  job.progress.seconds_left = row.OptionalReal();
  job.error_count = row.Integer();
  job.crash_count = row.Integer();
  job.lost_count = row.Integer();
  job.run_at = row.Time();
  job.result_digest = row.OptionalText();
  if (const auto other = row.OptionalInteger()) job.duplicate_of = JobId{*other};
  job.reason.code = row.Text();
  job.reason.file = row.Text();
  job.reason.field = row.Text();
  job.reason.sentence = row.Text();
  job.created_at = row.Time();
  job.changed_at = row.Time();
  return job;
}

std::optional<Job> JobTable::Load(JobId id) {
  std::vector<Job> jobs = Select("id = ?", id);
  return jobs.empty() ? std::nullopt : std::optional(std::move(jobs.front()));
}

std::optional<Job> JobTable::LoadLeased(const Lease& lease, std::initializer_list<JobState> states) {
  std::optional<Job> job = Load(lease.job);
  const bool is_current = job && job->token == lease.token && job->attempt == lease.attempt &&
                          std::find(states.begin(), states.end(), job->state) != states.end();
  return is_current ? job : std::nullopt;
}

JobId JobTable::Insert(const Job& job) {
  const auto number = static_cast<std::int64_t>(job.id);
  database_.Run(
      "INSERT INTO job (id, source, root, entry, fingerprint, state, lane, key, revision, patient, study_date,"
      " study_hash, result_digest, created_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      number == 0 ? std::nullopt : std::optional(number), job.source, job.root, job.entry, job.fingerprint,
      Word(job.state), Word(job.lane), job.key, job.revision, job.facts.patient, job.facts.study_date,
      job.facts.study_hash, job.result_digest, job.created_at, job.changed_at);
  return JobId{database_.LastInsertedId()};
}

void JobTable::Update(const Job& before, Job after) {
  if (before.state != after.state && !IsAllowed(before.state, after.state)) {
    throw std::logic_error("a job cannot go from " + std::string(Word(before.state)) + " to " +
                           std::string(Word(after.state)));
  }
  if (!MayBeLeased(after.state)) after.token.reset();
  if (!after.token) {
    after.owner.reset();
    after.lease_until.reset();
    after.progress = {};
  }
  const std::optional<ProcessIdentity>& owner = after.owner;
  using OptionalNumber = std::optional<std::int64_t>;
  const std::int64_t changed = database_.Run(
      "UPDATE job SET root = ?, fingerprint = ?, state = ?, lane = ?, key = ?, images = ?, revision = ?, model = ?,"
      " patient = ?, study_date = ?, study_hash = ?, attempt = ?, token = ?, owner_machine = ?, owner_boot = ?, "
      "owner_pid = ?,"
      " owner_start = ?, lease_until = ?, progress = ?, stage = ?, seconds_left = ?, error_count = ?, crash_count = ?,"
      " lost_count = ?, run_at = ?, result_digest = ?, duplicate_of = ?, code = ?, file = ?, field = ?, sentence = ?,"
      " changed_at = ? WHERE id = ? AND state = ? AND attempt = ? AND token IS ?",
      after.root, after.fingerprint, Word(after.state), Word(after.lane), after.key, after.images, after.revision,
      after.model, after.facts.patient, after.facts.study_date, after.facts.study_hash, after.attempt, after.token,
      owner ? std::optional(owner->machine) : std::nullopt, owner ? std::optional(owner->boot) : std::nullopt,
      owner ? OptionalNumber(owner->pid) : std::nullopt, owner ? OptionalNumber(owner->start_ticks) : std::nullopt,
      after.lease_until, after.progress.share, after.progress.stage, after.progress.seconds_left, after.error_count,
      after.crash_count, after.lost_count, after.run_at, after.result_digest, after.duplicate_of, after.reason.code,
      after.reason.file, after.reason.field, after.reason.sentence, after.changed_at, before.id, Word(before.state),
      before.attempt, before.token);
  if (changed != 1) throw std::logic_error("a job changed under the hands of its transaction");
}

void JobTable::AddJournal(JobId id, WallTime at, std::string_view who, std::string_view what, std::string_view reason) {
  database_.Run("INSERT INTO journal (job, at, who, what, reason) VALUES (?, ?, ?, ?, ?)", id, at, who, what, reason);
}

}  // namespace dinsd
