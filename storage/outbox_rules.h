#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "storage/clock.h"
#include "storage/outbox_options.h"

namespace dinsd {

/// How far a result is on its way to one destination.
///
///   pending -> sending -> sent                       without commitment
///                      -> unconfirmed -> committed   with it
///                                     -> sent        with a query instead, which has found everything
///                      -> pending                    later again: it was not reached, refused, or did not commit
///                      itself
///                      -> failed                     that happened too often, or our own files changed
///   superseded: a newer revision was published before it was sent;  withheld: the destination does not take it
///
/// A person's retry makes failed and withheld ones pending.
enum class OutboxState { kPending, kSending, kSent, kUnconfirmed, kCommitted, kFailed, kSuperseded, kWithheld };

inline constexpr int kOutboxStateCount = 8;

[[nodiscard]] std::string_view Word(OutboxState state);
[[nodiscard]] std::optional<OutboxState> OutboxStateFromWord(std::string_view word);

/// How one attempt to send ended.
enum class SendEnd {
  kHandedBack,   // by ourselves: it never began
  kUnreached,    // no association with the destination: says nothing about the result
  kRefused,      // it did not take every object, or broke off
  kUnasked,      // it took every object, but takes no requests for commitment
  kStored,       // it took every object
  kWrongResult,  // our own files are not what was published: never sent
};

/// What a report on the commitment says, or that none came in time.
enum class CommitmentEnd {
  kAll,
  kFound,  // no commitment: a query has found all
  kNotAll,
  kSilence,
};

/// What the rules know of a row of the outbox.
struct SendProgress {
  OutboxState state = OutboxState::kPending;
  int failures = 0;
  WallTime next_at{};
  std::optional<WallTime> deadline;
  bool is_stored = false;

  friend bool operator==(const SendProgress&, const SendProgress&) = default;
};

/// What they know of a destination.
struct DestinationPulse {
  int failures = 0;         // attempts in a row that did not reach it
  WallTime closed_until{};  // nothing is tried before
  WallTime free_at{};       // the same, for its rate

  friend bool operator==(const DestinationPulse&, const DestinationPulse&) = default;
};

/// The circumstances of a decision; `share` in [0, 1) is random. Nothing here looks at a clock or draws a number.
struct Circumstances {
  WallTime now{};
  double share = 0;
  bool has_successor = false;  // a newer revision of the job was published
};

/// Between half and all of a ceiling that starts at `backoff` and doubles with each of `count` >= 1 failures up to
/// `backoff_cap`.
[[nodiscard]] std::chrono::milliseconds SendBackOff(const OutboxOptions& options, int count, double share);

[[nodiscard]] inline bool MayBegin(const DestinationPulse& pulse, WallTime now) {
  return pulse.closed_until <= now && pulse.free_at <= now;
}

/// Whether only a single attempt is made from time to time.
[[nodiscard]] inline bool IsOpen(const DestinationPulse& pulse, const OutboxOptions& options) {
  return pulse.failures >= options.breaker_after;
}

/// An attempt begins: the next one not before the rate allows it.
[[nodiscard]] DestinationPulse AfterBegin(DestinationPulse pulse, const OutboxOptions& options, WallTime now);

/// An attempt ended. Below breaker_after failures the pause is the first back-off; from then on it doubles.
[[nodiscard]] DestinationPulse AfterEnd(DestinationPulse pulse, SendEnd end, const OutboxOptions& options,
                                        const Circumstances& at);

/// A row that was `sending`, after the attempt.
[[nodiscard]] SendProgress AfterEnd(SendProgress progress, SendEnd end, const OutboxOptions& options,
                                    const Circumstances& at);

/// A row that was `unconfirmed`, after a report or its deadline.
[[nodiscard]] SendProgress AfterCommitment(SendProgress progress, CommitmentEnd end, const OutboxOptions& options,
                                           const Circumstances& at);

}  // namespace dinsd
