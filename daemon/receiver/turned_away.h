#pragma once

#include <chrono>
#include <vector>

#include "daemon/process/unique_fd.h"

namespace dinsd {

/// Peers that get no association: each is told so once it has said what it wants, and has a few seconds to close. No
/// thread is spent on them. Not thread-safe.
class TurnedAway {
 public:
  using Time = std::chrono::steady_clock::time_point;

  enum class Why {
    kLimit,    // there are too many: rejected for now, local limit exceeded
    kUnknown,  // it may not send from there: rejected, no reason given
  };

  /// Takes a connection over; closes it at once where there are hundreds already.
  void Add(UniqueFd socket, Why why, Time now);

  /// The descriptors that have something to read when one of them is to be looked at.
  [[nodiscard]] std::vector<int> Sockets() const;

  /// Reads what came, answers, and forgets who is gone or late. Never blocks.
  void Look(Time now);

 private:
  struct Peer {
    UniqueFd socket;
    Why why;
    Time since;
    bool is_told = false;
  };

  static bool IsDone(Peer& peer, Time now);

  std::vector<Peer> peers_;
};

}  // namespace dinsd
