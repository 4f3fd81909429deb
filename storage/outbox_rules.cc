#include "storage/outbox_rules.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace dinsd {
namespace {

constexpr std::array<std::string_view, kOutboxStateCount> kWords = {"pending",   "sending", "sent",       "unconfirmed",
                                                                    "committed", "failed",  "superseded", "withheld"};

SendProgress InState(SendProgress progress, OutboxState state) {
  progress.state = state;
  progress.deadline.reset();
  return progress;
}

// Later again, unless there is a newer revision: then it is never sent after that one.
SendProgress Again(SendProgress progress, WallTime next_at, const Circumstances& at) {
  progress.next_at = next_at;
  return InState(progress, at.has_successor ? OutboxState::kSuperseded : OutboxState::kPending);
}

SendProgress AfterFailure(SendProgress progress, const OutboxOptions& options, const Circumstances& at) {
  ++progress.failures;
  if (progress.failures >= options.attempts && !at.has_successor) return InState(progress, OutboxState::kFailed);
  return Again(progress, at.now + SendBackOff(options, progress.failures, at.share), at);
}

}  // namespace

std::string_view Word(OutboxState state) {
  return kWords.at(static_cast<std::size_t>(state));
}

std::optional<OutboxState> OutboxStateFromWord(std::string_view word) {
  const auto* const found = std::find(kWords.begin(), kWords.end(), word);
  if (found == kWords.end()) return std::nullopt;
  return static_cast<OutboxState>(found - kWords.begin());
}

std::chrono::milliseconds SendBackOff(const OutboxOptions& options, int count, double share) {
  const double doubled = static_cast<double>(options.backoff.count()) * std::exp2(count - 1);
  const double ceiling = std::min(doubled, static_cast<double>(options.backoff_cap.count()));
  return std::chrono::milliseconds(static_cast<std::int64_t>(ceiling * (1 + share) * 500));
}

DestinationPulse AfterBegin(DestinationPulse pulse, const OutboxOptions& options, WallTime now) {
  if (options.per_minute > 0) pulse.free_at = now + std::chrono::milliseconds(60'000 / options.per_minute);
  return pulse;
}

DestinationPulse AfterEnd(DestinationPulse pulse, SendEnd end, const OutboxOptions& options, const Circumstances& at) {
  if (end == SendEnd::kHandedBack || end == SendEnd::kWrongResult) return pulse;  // says nothing about it
  if (end != SendEnd::kUnreached) {
    pulse.failures = 0;
    pulse.closed_until = {};
    return pulse;
  }
  ++pulse.failures;
  const int doublings = std::max(1, pulse.failures - options.breaker_after + 1);
  pulse.closed_until = at.now + SendBackOff(options, doublings, at.share);
  return pulse;
}

SendProgress AfterEnd(SendProgress progress, SendEnd end, const OutboxOptions& options, const Circumstances& at) {
  switch (end) {
    case SendEnd::kHandedBack:
    case SendEnd::kUnreached:
      return Again(progress, at.now, at);
    case SendEnd::kWrongResult:
      return InState(progress, OutboxState::kFailed);
    case SendEnd::kRefused:
      progress.is_stored = false;
      return AfterFailure(progress, options, at);
    case SendEnd::kUnasked:
    case SendEnd::kStored:
      break;
  }
  progress.is_stored = true;
  if (!options.IsConfirmed()) return InState(progress, OutboxState::kSent);
  if (end == SendEnd::kUnasked) return AfterFailure(progress, options, at);
  progress.state = OutboxState::kUnconfirmed;
  progress.deadline = at.now + options.commitment_limit;
  return progress;
}

SendProgress AfterCommitment(SendProgress progress, CommitmentEnd end, const OutboxOptions& options,
                             const Circumstances& at) {
  if (end == CommitmentEnd::kAll) return InState(progress, OutboxState::kCommitted);
  if (end == CommitmentEnd::kFound) return InState(progress, OutboxState::kSent);
  if (end == CommitmentEnd::kNotAll) progress.is_stored = false;
  return AfterFailure(progress, options, at);
}

}  // namespace dinsd
