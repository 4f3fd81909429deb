#pragma once

#include <dcmtk/dcmnet/dcmlayer.h>

#include <memory>
#include <mutex>
#include <string>

#include "config/settings.h"
#include "daemon/receiver/peer_clock.h"

namespace dinsd {

/// For whom DCMTK is about to make a connection in this thread.
struct Newcomer {
  PeerClock& clock;
  std::unique_lock<std::mutex>& lock;  // is unlocked once the socket was taken
  std::string& tls_fault;              // is told why the TLS handshake failed

  /// The one of the calling thread, null between two of them. A function, since UBSan takes a member for a null
  /// pointer.
  [[nodiscard]] static Newcomer*& OfThisThread();
};

/// What makes DCMTK's connections of sockets: plain ones, or TLS where that is enabled. Their bytes are counted by the
/// newcomer's clock, and acknowledged at once. Throws std::runtime_error for files that cannot be used.
[[nodiscard]] std::unique_ptr<DcmTransportLayer> MakeGuestLayer(const TlsSettings& tls);

}  // namespace dinsd
