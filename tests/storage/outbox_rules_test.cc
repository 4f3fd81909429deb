#include "storage/outbox_rules.h"

#include <gtest/gtest.h>

namespace dinsd {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const WallTime kNow{std::chrono::sys_days(std::chrono::year(2026) / 3 / 1)};
const OutboxOptions kOptions{.attempts = 3, .backoff = seconds(8), .backoff_cap = seconds(60), .breaker_after = 2};
const OutboxOptions kConfirming{.attempts = 3, .commitment = true, .commitment_limit = seconds(100)};

SendProgress Sending() {
  return {.state = OutboxState::kSending, .deadline = kNow};
}

TEST(OutboxRules, WordsAreReadBack) {
  for (int i = 0; i < kOutboxStateCount; ++i) {
    const auto state = static_cast<OutboxState>(i);
    EXPECT_EQ(OutboxStateFromWord(Word(state)), state);
  }
  EXPECT_EQ(OutboxStateFromWord("lost"), std::nullopt);
}

TEST(OutboxRules, TheBackOffDoublesUpToItsCapAndItsJitterIsHalfOfIt) {
  for (const auto& [count, ceiling] : {std::pair(1, 8), {2, 16}, {3, 32}, {4, 60}, {50, 60}, {5000, 60}}) {
    EXPECT_EQ(SendBackOff(kOptions, count, 0), milliseconds(ceiling * 500)) << count;
    EXPECT_EQ(SendBackOff(kOptions, count, 0.5), milliseconds(ceiling * 750)) << count;
    EXPECT_LT(SendBackOff(kOptions, count, 0.9999), seconds(ceiling)) << count;
  }
}

TEST(OutboxRules, WhatDoesNotReachTheDestinationCountsForItAndNotForTheResult) {
  SendProgress progress = Sending();
  DestinationPulse pulse;
  for (int i = 1; i <= 100; ++i) {
    progress = AfterEnd(progress, SendEnd::kUnreached, kOptions, {kNow, 0.5});
    pulse = AfterEnd(pulse, SendEnd::kUnreached, kOptions, {kNow, 0.5});
    EXPECT_EQ(progress, (SendProgress{.state = OutboxState::kPending, .next_at = kNow}));
    EXPECT_EQ(pulse.failures, i);
    EXPECT_EQ(IsOpen(pulse, kOptions), i >= 2);
    EXPECT_FALSE(MayBegin(pulse, kNow));
    progress.state = OutboxState::kSending;
  }
  EXPECT_TRUE(MayBegin(pulse, kNow + seconds(60)));
  EXPECT_EQ(AfterEnd(pulse, SendEnd::kStored, kOptions, {kNow, 0.5}), DestinationPulse());
  EXPECT_EQ(AfterEnd(pulse, SendEnd::kRefused, kOptions, {kNow, 0.5}), DestinationPulse()) << "it answered";
  EXPECT_EQ(AfterEnd(pulse, SendEnd::kWrongResult, kOptions, {kNow, 0.5}), pulse) << "it was not asked";
}

TEST(OutboxRules, PausesGrowOnceTheBreakerIsOpen) {
  DestinationPulse pulse;
  std::vector<seconds> pauses;
  for (int i = 0; i < 6; ++i) {
    pulse = AfterEnd(pulse, SendEnd::kUnreached, kOptions, {kNow, 0});
    pauses.push_back(std::chrono::duration_cast<seconds>(pulse.closed_until - kNow));
  }
  EXPECT_EQ(pauses, (std::vector<seconds>{seconds(4), seconds(4), seconds(8), seconds(16), seconds(30), seconds(30)}));
}

TEST(OutboxRules, RefusalsUseTheBudget) {
  SendProgress progress = Sending();
  progress = AfterEnd(progress, SendEnd::kRefused, kOptions, {kNow, 0});
  EXPECT_EQ(progress, (SendProgress{OutboxState::kPending, 1, kNow + seconds(4), std::nullopt, false}));
  progress = AfterEnd(progress, SendEnd::kRefused, kOptions, {kNow, 0});
  EXPECT_EQ(progress.state, OutboxState::kPending);
  progress = AfterEnd(progress, SendEnd::kRefused, kOptions, {kNow, 0});
  EXPECT_EQ(progress.state, OutboxState::kFailed);
  EXPECT_EQ(progress.failures, 3);
}

TEST(OutboxRules, AResultThatIsNotWhatWasPublishedIsNeverSent) {
  EXPECT_EQ(AfterEnd(Sending(), SendEnd::kWrongResult, kOptions, {kNow, 0}).state, OutboxState::kFailed);
}

TEST(OutboxRules, WhatHasASuccessorIsNotTriedAgain) {
  for (const SendEnd end : {SendEnd::kHandedBack, SendEnd::kUnreached, SendEnd::kRefused})
    EXPECT_EQ(AfterEnd(Sending(), end, kOptions, {kNow, 0, true}).state, OutboxState::kSuperseded);
  EXPECT_EQ(AfterEnd(Sending(), SendEnd::kStored, kOptions, {kNow, 0, true}).state, OutboxState::kSent);
  EXPECT_EQ(
      AfterCommitment({.state = OutboxState::kUnconfirmed}, CommitmentEnd::kNotAll, kConfirming, {kNow, 0, true}).state,
      OutboxState::kSuperseded);
}

TEST(OutboxRules, WithCommitmentSentIsNotTheEnd) {
  const SendProgress sent = AfterEnd(Sending(), SendEnd::kStored, kConfirming, {kNow, 0});
  EXPECT_EQ(sent, (SendProgress{OutboxState::kUnconfirmed, 0, {}, kNow + seconds(100), true}));
  EXPECT_EQ(AfterCommitment(sent, CommitmentEnd::kAll, kConfirming, {kNow, 0}),
            (SendProgress{OutboxState::kCommitted, 0, {}, std::nullopt, true}));
  const SendProgress silent = AfterCommitment(sent, CommitmentEnd::kSilence, kConfirming, {kNow, 0});
  EXPECT_EQ(silent.state, OutboxState::kPending);
  EXPECT_TRUE(silent.is_stored) << "only asked again, not sent again";
  const SendProgress lost = AfterCommitment(sent, CommitmentEnd::kNotAll, kConfirming, {kNow, 0});
  EXPECT_EQ(lost.state, OutboxState::kPending);
  EXPECT_FALSE(lost.is_stored) << "sent again";
  EXPECT_EQ(lost.failures, 1);
}

TEST(OutboxRules, AQueryThatFindsAllIsNoCommitment) {
  const OutboxOptions asking{.attempts = 3, .commitment_limit = seconds(100), .query = true};
  const SendProgress sent = AfterEnd(Sending(), SendEnd::kStored, asking, {kNow, 0});
  EXPECT_EQ(sent, (SendProgress{OutboxState::kUnconfirmed, 0, {}, kNow + seconds(100), true}));
  EXPECT_EQ(AfterCommitment(sent, CommitmentEnd::kFound, asking, {kNow, 0}),
            (SendProgress{OutboxState::kSent, 0, {}, std::nullopt, true}));
  EXPECT_EQ(AfterEnd(Sending(), SendEnd::kUnasked, asking, {kNow, 0}).state, OutboxState::kPending);
}

TEST(OutboxRules, APeerThatTakesNoRequestsForCommitmentUsesTheBudget) {
  SendProgress progress = Sending();
  for (int i = 0; i < 3; ++i) progress = AfterEnd(progress, SendEnd::kUnasked, kConfirming, {kNow, 0});
  EXPECT_EQ(progress.state, OutboxState::kFailed);
  EXPECT_TRUE(progress.is_stored);
  EXPECT_EQ(AfterEnd(Sending(), SendEnd::kUnasked, kOptions, {kNow, 0}).state, OutboxState::kSent);
}

TEST(OutboxRules, TheRateSpacesAttemptsEvenly) {
  const OutboxOptions slow{.per_minute = 4};
  const DestinationPulse pulse = AfterBegin({}, slow, kNow);
  EXPECT_FALSE(MayBegin(pulse, kNow + milliseconds(14'999)));
  EXPECT_TRUE(MayBegin(pulse, kNow + milliseconds(15'000)));
  EXPECT_EQ(AfterBegin({}, kOptions, kNow), DestinationPulse()) << "no limit";
}

}  // namespace
}  // namespace dinsd
