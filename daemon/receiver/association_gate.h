#pragma once

#include <dcmtk/dcmnet/assoc.h>
#include <dcmtk/dcmnet/dcmlayer.h>

#include <memory>
#include <mutex>
#include <string>

#include "config/settings.h"
#include "daemon/process/unique_fd.h"
#include "daemon/receiver/peer_clock.h"

namespace dinsd {

struct AssociationDeleter {
  void operator()(T_ASC_Association* association) const;
};

/// An association that was asked for and not answered yet. Destroying it waits for the peer to close.
using AssociationPtr = std::unique_ptr<T_ASC_Association, AssociationDeleter>;

/// Makes DICOM associations of connections that were accepted elsewhere. DCMTK's own acceptor reads the request of one
/// peer while all others wait; here each thread waits for its own. One per process: DCMTK takes a foreign socket from a
/// global variable, which is set and read under a lock that is given up before anything is read from the peer.
class AssociationGate {
 public:
  /// Of connections over TLS alone, where that is enabled. Throws std::runtime_error.
  explicit AssociationGate(const TlsSettings& tls);
  ~AssociationGate();
  AssociationGate(const AssociationGate&) = delete;
  AssociationGate& operator=(const AssociationGate&) = delete;

  struct Arrival {
    AssociationPtr association;  // none if the peer is gone, was cut or speaks another protocol
    std::string tls_fault;       // why no TLS connection was made of it, in words; empty otherwise
  };

  /// Waits for the request of the peer at `socket`; what is read from it is counted by `clock`, which must outlive the
  /// association. Thread-safe.
  [[nodiscard]] Arrival Receive(UniqueFd socket, PeerClock& clock);

 private:
  bool is_secure_;
  std::unique_ptr<DcmTransportLayer> layer_;
  std::mutex mutex_;
  T_ASC_Network* network_ = nullptr;
};

}  // namespace dinsd
