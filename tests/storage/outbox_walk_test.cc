#include <map>
#include <set>

#include "tests/storage/outbox_fixture.h"

// A random walk of an outbox and three destinations that come and go, refuse, fall silent and lie, against a model that
// only keeps what they were given: whatever the order, the promises hold after each step, and once all of them are well
// again everything comes to its end.

namespace dinsd {
namespace {

using std::chrono::seconds;

const std::vector<std::string> kNames = {"confirming", "plain", "slow"};

class OutboxWalk : public OutboxTest {
 protected:
  [[nodiscard]] static OutboxOptions OptionsOf(const std::string& name) {
    OutboxOptions options{.attempts = 4, .backoff = seconds(2), .backoff_cap = seconds(30), .breaker_after = 2};
    options.commitment = name == "confirming";
    options.query = name == "slow";
    options.commitment_limit = seconds(40);
    options.per_minute = name == "slow" ? 6 : 0;
    return options;
  }

  void Step() {
    const std::string name = kNames[static_cast<std::size_t>(random_.Below(3))];
    switch (random_.Below(10)) {
      case 0:
        return PublishOne();
      case 1:
      case 2:
      case 3:
        return BeginAt(name);
      case 4:
      case 5:
        return EndAt(name, static_cast<SendEnd>(random_.Below(6)));
      case 6:
        return Report();
      case 7:
        return clock_.Pass(std::chrono::milliseconds(random_.Below(20'000)));
      case 8:
        return SettleOverdue();
      default:
        (void)outbox_.SendNow({JobId{1 + random_.Below(6)}, 1 + random_.Below(3), name});
    }
  }

  void PublishOne() {
    const std::string entry = std::to_string(random_.Below(6));
    const std::optional<Job> known = queue_.FindStudy("incoming", entry);
    if (known) {
      PublishNext(known->id);
    } else {
      (void)Done(entry);
    }
    OfferAll(kNames);
  }

  void BeginAt(const std::string& name) {
    const auto [pulse, words] = outbox_.Pulse(name);
    const std::optional<OutboxEntry> entry =
        outbox_.Begin(name, OptionsOf(name), seconds(100), "2.25." + std::to_string(++uid_));
    if (!entry) return;
    EXPECT_FALSE(under_way_.contains(name)) << "two attempts at once";
    EXPECT_LE(pulse.closed_until, clock_.wall) << "through an open breaker";
    if (name == "slow" && last_begun_.contains(name)) {
      EXPECT_GE(clock_.wall - last_begun_[name], seconds(10));
    }
    last_begun_[name] = clock_.wall;
    EXPECT_GT(entry->attempt, attempts_[entry->key]) << "an attempt's number was given twice";
    attempts_[entry->key] = entry->attempt;
    const std::int64_t newest = newest_stored_[{entry->key.job, name}];
    EXPECT_GE(entry->key.revision, newest) << "an old revision after its successor";
    under_way_[name] = *entry;
    if (entry->transaction_uid) last_transaction_ = *entry->transaction_uid;
  }

  void EndAt(const std::string& name, SendEnd end) {
    if (!under_way_.contains(name)) return;
    const OutboxEntry entry = under_way_[name];
    if (entry.progress.is_stored && end == SendEnd::kRefused) end = SendEnd::kUnreached;
    ASSERT_EQ(outbox_.End(entry.key, entry.attempt, end, OptionsOf(name), {"CODE", "", "", "words"}, {{"f", "1.2", 0}}),
              Fenced::kDone);
    under_way_.erase(name);
    if (end == SendEnd::kStored || end == SendEnd::kUnasked) {
      std::int64_t& newest = newest_stored_[{entry.key.job, name}];
      newest = std::max(newest, entry.key.revision);
      ++stored_;
    }
    EXPECT_EQ(outbox_.End(entry.key, entry.attempt, SendEnd::kStored, OptionsOf(name), {}), Fenced::kStale);
  }

  // Of a random transaction, old or new, or of none.
  void Report(bool is_true = false) {
    const bool is_last = is_true || random_.Below(3) > 0;
    const std::string uid = is_last ? last_transaction_ : "2.25." + std::to_string(1 + random_.Below(uid_ + 2));
    const std::vector<std::string> kept =
        is_true || random_.Below(2) == 0 ? std::vector<std::string>{"1.2"} : std::vector<std::string>{};
    const bool is_by_query = random_.Below(2) == 0;
    if (outbox_.Confirm(uid, kept, OptionsOf("confirming"), is_by_query) != Outbox::Confirmed::kDone) return;
    EXPECT_TRUE(answered_.insert(uid).second) << "a transaction was answered twice";
    EXPECT_EQ(outbox_.Confirm(uid, {"1.2"}, OptionsOf("confirming")), Outbox::Confirmed::kUnknown);
  }

  void SettleOverdue() {
    for (const OutboxEntry& entry : outbox_.Overdue()) {
      if (entry.progress.state == OutboxState::kUnconfirmed) {
        outbox_.GiveUpWaiting(entry.key, OptionsOf(entry.key.destination));
      } else {
        EndAt(entry.key.destination, SendEnd::kHandedBack);
      }
    }
  }

  void ExpectPromises() {
    EXPECT_EQ(database_.Number("SELECT count(*) FROM result"),
              database_.Number("SELECT count(*) FROM (SELECT 1 FROM outbox WHERE destination = 'plain')"))
        << "a result without its row";
    EXPECT_EQ(database_.Number("SELECT count(*) FROM outbox WHERE state = 'sending'"),
              static_cast<std::int64_t>(under_way_.size()));
    EXPECT_EQ(database_.Number("SELECT count(*) FROM outbox WHERE state = 'pending' AND EXISTS (SELECT 1 FROM result"
                               " WHERE result.job = outbox.job AND result.revision > outbox.revision)"),
              0)
        << "an old revision still waits to be sent";
    for (const OutboxEntry& entry : outbox_.List({}, {OutboxState::kPending}, 1000)) {
      EXPECT_LE(entry.progress.next_at, clock_.wall + seconds(30)) << "beyond the cap of the back-off";
      EXPECT_LT(entry.progress.failures, 4) << "beyond the budget";
    }
  }

  // All destinations are well: everything that waits gets through.
  void Heal() {
    for (int round = 0; round < 2000; ++round) {
      clock_.Pass(seconds(15));
      for (const std::string& name : kNames) {
        BeginAt(name);
        EndAt(name, SendEnd::kStored);
        if (OptionsOf(name).IsConfirmed()) Report(true);
      }
      SettleOverdue();
    }
  }

  std::map<std::string, OutboxEntry> under_way_;
  std::map<std::string, WallTime> last_begun_;
  std::map<OutboxKey, std::int64_t> attempts_;
  std::map<std::pair<JobId, std::string>, std::int64_t> newest_stored_;
  std::string last_transaction_;
  std::set<std::string> answered_;
  int stored_ = 0;
};

TEST_F(OutboxWalk, KeepsThePromisesWhateverHappensInWhateverOrder) {
  for (int step = 0; step < 4000; ++step) {
    Step();
    ExpectPromises();
    ASSERT_FALSE(HasFailure()) << "after step " << step;
  }
  EXPECT_GT(stored_, 50) << "the walk sent next to nothing";
  EXPECT_GT(answered_.size(), 5U);
  Heal();
  for (const auto& [state, count] : outbox_.Counts()) {
    EXPECT_TRUE(state == OutboxState::kSent || state == OutboxState::kCommitted || state == OutboxState::kFailed ||
                state == OutboxState::kSuperseded)
        << count << " rows are left " << Word(state);
  }
}

}  // namespace
}  // namespace dinsd
