#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>

#include "config/settings.h"

namespace dinsd {

/// The time that one peer has. Whoever serves the peer blocks in reading and says what it waits for; somebody else asks
/// from time to time whether it has waited for too long, and cuts the connection, which ends the reading. Thread-safe.
class PeerClock {
 public:
  using Time = std::chrono::steady_clock::time_point;

  enum class Phase {
    kRequest,  // for the A-ASSOCIATE-RQ: request_limit
    kMessage,  // for a whole command: idle_limit, however few of its bytes trickle in
    kObject,   // for a data set: never idle_limit without a byte, and never slower on average than the least rate
    kAnswer,   // for ourselves
    kEnd,      // for the peer to close: request_limit
  };

  PeerClock(const ReceiverSettings& limits, int socket, Time now);

  void Begin(Phase phase, Time now = std::chrono::steady_clock::now());

  /// Bytes came from the peer.
  void Count(std::size_t bytes, Time now = std::chrono::steady_clock::now());

  /// Why the peer must go, in words; nullptr while it keeps to its limits.
  [[nodiscard]] const char* Fault(Time now) const;

  /// Shuts the connection down, from any thread, for the reason `why`. Nothing happens once it is closed.
  void Cut(const char* why);

  /// The socket is about to be closed; its number means nothing afterwards.
  void Forget();

  /// Why it was cut, nullptr if it was not.
  [[nodiscard]] const char* cut() const;

 private:
  [[nodiscard]] const char* ObjectFault(Time now) const;

  const ReceiverSettings& limits_;
  mutable std::mutex mutex_;
  int socket_;
  Time start_, phase_start_, last_byte_;
  Phase phase_ = Phase::kRequest;
  std::uint64_t bytes_ = 0;  // of this phase
  const char* cut_ = nullptr;
};

}  // namespace dinsd
