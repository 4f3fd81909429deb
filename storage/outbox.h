#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "storage/database.h"
#include "storage/job_records.h"
#include "storage/outbox_rules.h"

namespace dinsd {

/// One result on its way to one destination.
struct OutboxKey {
  JobId job{};
  std::int64_t revision = 0;
  std::string destination;

  friend auto operator<=>(const OutboxKey&, const OutboxKey&) = default;
};

/// One object of a result, as the last attempt had it.
struct OutboxObject {
  std::string file;  // in the result folder
  std::string sop_instance;
  std::optional<int> status;  // of the answer to C-STORE; nothing = none came
  bool is_committed = false;

  friend bool operator==(const OutboxObject&, const OutboxObject&) = default;
};

struct OutboxEntry {
  OutboxKey key;
  SendProgress progress;
  std::int64_t attempt = 0;
  std::optional<std::string> transaction_uid;
  std::string code;
  std::string sentence;
  WallTime created_at{};
  WallTime changed_at{};
};

/// What is to be sent where, as it survives crashes: one row for each result and destination. Each change is one
/// IMMEDIATE transaction. A destination has one attempt at a time; what comes back for another attempt than the current
/// one changes nothing (Fenced::kStale). When and whether to try again is decided by outbox_rules.h.
///
/// Threads: one, that of the Database. Every call may throw StorageError and then has changed nothing.
class Outbox {
 public:
  /// `database` and `clock` must outlive it.
  Outbox(Database& database, const Clock& clock, RandomBits random = SystemRandom());

  // --- A result was published --------------------------------------------------------------------------------------

  /// Results for which nobody has decided yet where they go, by job and revision.
  [[nodiscard]] std::vector<PublishedResult> Unoffered();

  /// A destination, and why it does not take the result; without a code it does.
  struct Offered {
    std::string destination;
    std::string withheld_code;
    std::string withheld_sentence;
  };

  /// Makes the rows of a result and decides with it on all destinations that there are. Older revisions of the job that
  /// were not sent are `superseded` now. A result that was offered before is left as it is.
  void Offer(JobId job, std::int64_t revision, const std::vector<Offered>& offered);

  // --- It is sent --------------------------------------------------------------------------------------------------

  /// The next row that is due at a destination, `sending` now: an answer has to come by `answer_limit`, and it counts
  /// for its attempt only. `transaction_uid`, which nobody can foresee, is that of the request for commitment if the
  /// options want one, or a query. Nothing while an attempt is under way, the breaker or the rate forbids it, or none
  /// is due.
  [[nodiscard]] std::optional<OutboxEntry> Begin(const std::string& destination, const OutboxOptions& options,
                                                 std::chrono::seconds answer_limit, const std::string& transaction_uid);

  /// An attempt is over. `objects` are those that the sender told of (empty = keep what is known).
  Fenced End(const OutboxKey& key, std::int64_t attempt, SendEnd end, const OutboxOptions& options,
             const Reason& reason, const std::vector<OutboxObject>& objects = {});

  /// Rows whose answer or commitment is overdue.
  [[nodiscard]] std::vector<OutboxEntry> Overdue();

  // --- The destination commits itself ------------------------------------------------------------------------------

  [[nodiscard]] std::optional<OutboxEntry> FindTransaction(const std::string& transaction_uid);

  enum class Confirmed {
    kDone,
    kUnknown,   // no such transaction, or it was answered before: nothing was changed
    kTooEarly,  // the attempt itself is not over yet: ask again
  };
  /// A report on the transaction: which instances are kept, or were found by a query. Every object of the row must be
  /// among them; anything else is as a refusal. Counts once: the transaction is forgotten with it.
  [[nodiscard]] Confirmed Confirm(const std::string& transaction_uid, const std::vector<std::string>& kept,
                                  const OutboxOptions& options, bool is_by_query = false);

  /// No report came by the deadline: a row that is `unconfirmed` is asked for again.
  void GiveUpWaiting(const OutboxKey& key, const OutboxOptions& options);

  // --- A person asks -----------------------------------------------------------------------------------------------

  enum class Answer { kDone, kNoSuchResult, kNotAllowed, kHasSuccessor };

  /// Sends a result, also one that was never offered, failed or was withheld; at once, with a fresh budget and a closed
  /// breaker. Not one that is on its way or was sent (kNotAllowed), nor one with a newer revision.
  Answer SendNow(const OutboxKey& key);

  [[nodiscard]] std::optional<OutboxEntry> Find(const OutboxKey& key);
  /// By job, revision and destination; those of one job, or of all.
  [[nodiscard]] std::vector<OutboxEntry> List(std::optional<JobId> job, const std::vector<OutboxState>& states,
                                              std::int64_t limit);
  [[nodiscard]] std::vector<OutboxObject> Objects(const OutboxKey& key);
  [[nodiscard]] std::map<OutboxState, std::int64_t> Counts();
  /// How a destination does, and what its last failure said.
  [[nodiscard]] std::pair<DestinationPulse, std::string> Pulse(const std::string& destination);

  /// The wall clock was set: all times move with it.
  void FollowClock(std::chrono::milliseconds step);

 private:
  [[nodiscard]] Circumstances At(const OutboxKey& key);
  [[nodiscard]] bool HasSuccessor(const OutboxKey& key);
  void Write(const OutboxEntry& before, const OutboxEntry& after);
  void WritePulse(const std::string& destination, const DestinationPulse& pulse, const std::string& sentence);
  void WriteObjects(const OutboxKey& key, const std::vector<OutboxObject>& objects);
  template <typename... Values>
  [[nodiscard]] std::vector<OutboxEntry> Select(std::string_view condition, const Values&... values);

  Database& database_;
  const Clock& clock_;
  RandomBits random_;
};

}  // namespace dinsd
