#include "storage/outbox.h"

#include <algorithm>

namespace dinsd {
namespace {

constexpr std::string_view kColumns =
    "SELECT job, revision, destination, state, attempt, failures, next_at, deadline, is_stored, transaction_uid, code,"
    " sentence, created_at, changed_at FROM outbox WHERE ";

WallTime TimeOf(std::int64_t milliseconds) {
  return WallTime(std::chrono::milliseconds(milliseconds));
}

OutboxEntry EntryOf(const Statement& row) {
  OutboxEntry entry;
  entry.key = {JobId{row.Integer(0)}, row.Integer(1), row.Text(2)};
  entry.progress.state = OutboxStateFromWord(row.Text(3)).value();
  entry.attempt = row.Integer(4);
  entry.progress.failures = static_cast<int>(row.Integer(5));
  entry.progress.next_at = TimeOf(row.Integer(6));
  if (const auto deadline = row.OptionalInteger(7)) entry.progress.deadline = TimeOf(*deadline);
  entry.progress.is_stored = row.Integer(8) != 0;
  entry.transaction_uid = row.OptionalText(9);
  entry.code = row.Text(10);
  entry.sentence = row.Text(11);
  entry.created_at = TimeOf(row.Integer(12));
  entry.changed_at = TimeOf(row.Integer(13));
  return entry;
}

bool IsOnItsWay(OutboxState state) {
  return state == OutboxState::kSending || state == OutboxState::kUnconfirmed;
}

void Explain(OutboxEntry& entry, const Reason& reason) {
  entry.code = reason.code;
  entry.sentence = reason.sentence;
  if (entry.progress.state != OutboxState::kSuperseded) return;
  entry.code = "SUPERSEDED";
  entry.sentence = "a newer revision was published before this one was sent";
}

Reason WhyAfter(CommitmentEnd end) {
  switch (end) {
    case CommitmentEnd::kAll:
      return {};
    case CommitmentEnd::kFound:
      return {"FOUND_BY_QUERY", "", "", "it has every object, as it answers to a query; it commits itself to nothing"};
    case CommitmentEnd::kNotAll:
      return {"NOT_COMMITTED", "", "", "it does not keep every object that it took"};
    case CommitmentEnd::kSilence:
      break;
  }
  return {"COMMITMENT_SILENT", "", "", "it confirmed in time neither by a report nor by its answer to a query"};
}

}  // namespace

Outbox::Outbox(Database& database, const Clock& clock, RandomBits random)
    : database_(database), clock_(clock), random_(std::move(random)) {}

template <typename... Values>
std::vector<OutboxEntry> Outbox::Select(std::string_view condition, const Values&... values) {
  Statement rows = database_.Prepare(std::string(kColumns).append(condition));
  rows.Bind(values...);
  std::vector<OutboxEntry> entries;
  while (rows.Step()) entries.push_back(EntryOf(rows));
  return entries;
}

bool Outbox::HasSuccessor(const OutboxKey& key) {
  return database_.Number("SELECT 1 FROM result WHERE job = ? AND revision > ? LIMIT 1", key.job, key.revision)
      .has_value();
}

Circumstances Outbox::At(const OutboxKey& key) {
  return {clock_.WallNow(), static_cast<double>(random_() >> 11U) * 0x1p-53, HasSuccessor(key)};
}

// Every change of a row ends here, fenced by its state and attempt.
void Outbox::Write(const OutboxEntry& before, const OutboxEntry& after) {
  const bool keeps_transaction = IsOnItsWay(after.progress.state);
  const std::int64_t changed = database_.Run(
      "UPDATE outbox SET state = ?, attempt = ?, failures = ?, next_at = ?, deadline = ?, is_stored = ?,"
      " transaction_uid = ?, code = ?, sentence = ?, changed_at = ?"
      " WHERE job = ? AND revision = ? AND destination = ? AND state = ? AND attempt = ?",
      Word(after.progress.state), after.attempt, after.progress.failures, after.progress.next_at,
      after.progress.deadline, after.progress.is_stored,
      keeps_transaction ? after.transaction_uid : std::optional<std::string>(), after.code, after.sentence,
      clock_.WallNow(), after.key.job, after.key.revision, after.key.destination, Word(before.progress.state),
      before.attempt);
  if (changed != 1) throw std::logic_error("a row of the outbox is not what it was");
}

void Outbox::WritePulse(const std::string& destination, const DestinationPulse& pulse, const std::string& sentence) {
  database_.Run(
      "INSERT INTO destination (name, failures, closed_until, free_at, sentence) VALUES (?, ?, ?, ?, ?)"
      " ON CONFLICT (name) DO UPDATE SET failures = excluded.failures, closed_until = excluded.closed_until,"
      " free_at = excluded.free_at, sentence = excluded.sentence",
      destination, pulse.failures, pulse.closed_until, pulse.free_at, sentence);
}

void Outbox::WriteObjects(const OutboxKey& key, const std::vector<OutboxObject>& objects) {
  database_.Run("DELETE FROM outbox_object WHERE job = ? AND revision = ? AND destination = ?", key.job, key.revision,
                key.destination);
  for (const OutboxObject& object : objects) {
    database_.Run(
        "INSERT INTO outbox_object (job, revision, destination, file, sop_instance, status, is_committed)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        key.job, key.revision, key.destination, object.file, object.sop_instance, object.status, object.is_committed);
  }
}

std::pair<DestinationPulse, std::string> Outbox::Pulse(const std::string& destination) {
  Statement row = database_.Prepare("SELECT failures, closed_until, free_at, sentence FROM destination WHERE name = ?");
  row.Bind(destination);
  if (!row.Step()) return {};
  return {{static_cast<int>(row.Integer(0)), TimeOf(row.Integer(1)), TimeOf(row.Integer(2))}, row.Text(3)};
}

std::vector<PublishedResult> Outbox::Unoffered() {
  Statement rows = database_.Prepare(
      "SELECT job, revision, key, digest, published_at, images FROM result WHERE offered = 0 ORDER BY job, revision");
  std::vector<PublishedResult> results;
  while (rows.Step()) {
    results.push_back({JobId{rows.Integer(0)}, rows.Integer(1), rows.Text(2), rows.Text(3), TimeOf(rows.Integer(4)),
                       rows.OptionalText(5)});
  }
  return results;
}

void Outbox::Offer(JobId job, std::int64_t revision, const std::vector<Offered>& offered) {
  Transaction transaction(database_);
  if (database_.Run("UPDATE result SET offered = 1 WHERE job = ? AND revision = ? AND offered = 0", job, revision) != 1)
    return;
  const WallTime now = clock_.WallNow();
  for (const Offered& offer : offered) {
    const OutboxState state = offer.withheld_code.empty() ? OutboxState::kPending : OutboxState::kWithheld;
    database_.Run(
        "INSERT INTO outbox (job, revision, destination, state, next_at, code, sentence, created_at, changed_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        job, revision, offer.destination, Word(state), now, offer.withheld_code, offer.withheld_sentence, now, now);
  }
  for (const OutboxEntry& old : Select("job = ? AND state IN ('pending', 'failed')", job)) {
    if (!HasSuccessor(old.key)) continue;
    OutboxEntry after = old;
    after.progress.state = OutboxState::kSuperseded;
    Explain(after, {});
    Write(old, after);
  }
  transaction.Commit();
}

std::optional<OutboxEntry> Outbox::Begin(const std::string& destination, const OutboxOptions& options,
                                         std::chrono::seconds answer_limit, const std::string& transaction_uid) {
  const WallTime now = clock_.WallNow();
  const auto [pulse, words] = Pulse(destination);
  if (!MayBegin(pulse, now)) return std::nullopt;
  Transaction transaction(database_);
  if (!Select("destination = ? AND state = 'sending'", destination).empty()) return std::nullopt;
  const std::vector<OutboxEntry> due = Select(
      "destination = ? AND state = 'pending' AND next_at <= ? AND NOT EXISTS (SELECT 1 FROM result WHERE"
      " result.job = outbox.job AND result.revision > outbox.revision) ORDER BY job, revision LIMIT 1",
      destination, now);
  if (due.empty()) return std::nullopt;
  OutboxEntry after = due.front();
  after.progress.state = OutboxState::kSending;
  after.progress.deadline = now + answer_limit;
  ++after.attempt;
  if (options.IsConfirmed()) after.transaction_uid = transaction_uid;
  Write(due.front(), after);
  WritePulse(destination, AfterBegin(pulse, options, now), words);
  transaction.Commit();
  return after;
}

Fenced Outbox::End(const OutboxKey& key, std::int64_t attempt, SendEnd end, const OutboxOptions& options,
                   const Reason& reason, const std::vector<OutboxObject>& objects) {
  Transaction transaction(database_);
  const std::optional<OutboxEntry> before = Find(key);
  if (!before || before->attempt != attempt || before->progress.state != OutboxState::kSending) return Fenced::kStale;
  OutboxEntry after = *before;
  const Circumstances at = At(key);
  after.progress = AfterEnd(before->progress, end, options, at);
  Explain(after, reason);
  Write(*before, after);
  if (!objects.empty()) WriteObjects(key, objects);
  const auto [pulse, words] = Pulse(key.destination);
  WritePulse(key.destination, AfterEnd(pulse, end, options, at), end == SendEnd::kUnreached ? reason.sentence : "");
  transaction.Commit();
  return Fenced::kDone;
}

std::vector<OutboxEntry> Outbox::Overdue() {
  return Select("deadline IS NOT NULL AND deadline <= ? ORDER BY deadline", clock_.WallNow());
}

std::optional<OutboxEntry> Outbox::FindTransaction(const std::string& transaction_uid) {
  const std::vector<OutboxEntry> found = Select("transaction_uid = ?", transaction_uid);
  return found.empty() ? std::nullopt : std::optional(found.front());
}

Outbox::Confirmed Outbox::Confirm(const std::string& transaction_uid, const std::vector<std::string>& kept,
                                  const OutboxOptions& options, bool is_by_query) {
  Transaction transaction(database_);
  const std::optional<OutboxEntry> before = FindTransaction(transaction_uid);
  if (!before) return Confirmed::kUnknown;
  if (before->progress.state == OutboxState::kSending) return Confirmed::kTooEarly;
  std::vector<OutboxObject> objects = Objects(before->key);
  bool is_all = !objects.empty();
  for (OutboxObject& object : objects) {
    const bool is_kept = std::find(kept.begin(), kept.end(), object.sop_instance) != kept.end();
    object.is_committed = is_kept && !is_by_query;
    is_all = is_all && is_kept;
  }
  WriteObjects(before->key, objects);
  OutboxEntry after = *before;
  const CommitmentEnd end = is_all ? is_by_query ? CommitmentEnd::kFound : CommitmentEnd::kAll : CommitmentEnd::kNotAll;
  after.progress = AfterCommitment(before->progress, end, options, At(before->key));
  Explain(after, WhyAfter(end));
  Write(*before, after);
  transaction.Commit();
  return Confirmed::kDone;
}

void Outbox::GiveUpWaiting(const OutboxKey& key, const OutboxOptions& options) {
  Transaction transaction(database_);
  const std::optional<OutboxEntry> before = Find(key);
  if (!before || before->progress.state != OutboxState::kUnconfirmed) return;
  OutboxEntry after = *before;
  after.progress = AfterCommitment(before->progress, CommitmentEnd::kSilence, options, At(key));
  Explain(after, WhyAfter(CommitmentEnd::kSilence));
  Write(*before, after);
  transaction.Commit();
}

Outbox::Answer Outbox::SendNow(const OutboxKey& key) {
  Transaction transaction(database_);
  if (!database_.Number("SELECT 1 FROM result WHERE job = ? AND revision = ?", key.job, key.revision))
    return Answer::kNoSuchResult;
  if (HasSuccessor(key)) return Answer::kHasSuccessor;
  const WallTime now = clock_.WallNow();
  const std::optional<OutboxEntry> before = Find(key);
  if (!before) {
    database_.Run(
        "INSERT INTO outbox (job, revision, destination, state, next_at, created_at, changed_at)"
        " VALUES (?, ?, ?, 'pending', ?, ?, ?)",
        key.job, key.revision, key.destination, now, now, now);
  } else {
    const OutboxState state = before->progress.state;
    if (state != OutboxState::kPending && state != OutboxState::kFailed && state != OutboxState::kWithheld)
      return Answer::kNotAllowed;
    OutboxEntry after = *before;
    after.progress = {.state = OutboxState::kPending, .next_at = now, .is_stored = before->progress.is_stored};
    Explain(after, {});
    Write(*before, after);
  }
  DestinationPulse pulse = Pulse(key.destination).first;
  pulse.failures = 0;
  pulse.closed_until = {};
  WritePulse(key.destination, pulse, "");
  transaction.Commit();
  return Answer::kDone;
}

std::optional<OutboxEntry> Outbox::Find(const OutboxKey& key) {
  const std::vector<OutboxEntry> found =
      Select("job = ? AND revision = ? AND destination = ?", key.job, key.revision, key.destination);
  return found.empty() ? std::nullopt : std::optional(found.front());
}

std::vector<OutboxEntry> Outbox::List(std::optional<JobId> job, const std::vector<OutboxState>& states,
                                      std::int64_t limit) {
  std::string words(" ");
  for (const OutboxState state : states) words.append(Word(state)).append(" ");
  return Select(
      "(?1 IS NULL OR job = ?1) AND (?2 = ' ' OR instr(?2, ' ' || state || ' ') > 0)"
      " ORDER BY job, revision, destination LIMIT ?3",
      job, words, limit);
}

std::vector<OutboxObject> Outbox::Objects(const OutboxKey& key) {
  Statement rows = database_.Prepare(
      "SELECT file, sop_instance, status, is_committed FROM outbox_object"
      " WHERE job = ? AND revision = ? AND destination = ? ORDER BY file");
  rows.Bind(key.job, key.revision, key.destination);
  std::vector<OutboxObject> objects;
  while (rows.Step()) {
    OutboxObject object{rows.Text(0), rows.Text(1), std::nullopt, rows.Integer(3) != 0};
    if (const auto status = rows.OptionalInteger(2)) object.status = static_cast<int>(*status);
    objects.push_back(std::move(object));
  }
  return objects;
}

std::map<OutboxState, std::int64_t> Outbox::Counts() {
  std::map<OutboxState, std::int64_t> counts;
  Statement rows = database_.Prepare("SELECT state, count(*) FROM outbox GROUP BY state");
  while (rows.Step()) counts[OutboxStateFromWord(rows.Text(0)).value()] = rows.Integer(1);
  return counts;
}

void Outbox::FollowClock(std::chrono::milliseconds step) {
  Transaction transaction(database_);
  database_.Run("UPDATE outbox SET next_at = next_at + ? WHERE state = 'pending'", step.count());
  database_.Run("UPDATE outbox SET deadline = deadline + ? WHERE deadline IS NOT NULL", step.count());
  database_.Run("UPDATE destination SET closed_until = closed_until + ?, free_at = free_at + ?", step.count(),
                step.count());
  transaction.Commit();
}

}  // namespace dinsd
