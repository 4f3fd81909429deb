#pragma once

#include <atomic>
#include <list>
#include <memory>
#include <thread>

#include "daemon/process/unique_fd.h"
#include "daemon/receiver/admission.h"
#include "daemon/receiver/association_gate.h"
#include "daemon/receiver/peer_clock.h"
#include "daemon/receiver/spool.h"
#include "daemon/receiver/store_association.h"
#include "daemon/receiver/turned_away.h"

namespace dinsd {

/// The receiver's accept loop.
///
///   thread    what runs on it
///   -------   -----------------------------------------------------------------------------------------------------
///   main      accepts, turns surplus peers away, watches the clocks of the others and cuts who is late, hears the
///             parent. It never waits for a peer.
///   guests    one for each association that there is, at most max_associations: reads, stores, answers.
class Receiver {
 public:
  /// `parent` is the socket to the parent, which is not closed.
  Receiver(const ReceiverSettings& settings, UniqueFd listener, int parent);
  ~Receiver();
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  /// Until the parent is gone, or was obeyed in that it asked for an end, or another receiver has taken over.
  void Run();

 private:
  struct Guest {
    Guest(UniqueFd connection, const IpAddress& from, std::unique_ptr<Admission::Place> seat,
          const ReceiverSettings& limits)
        : socket(std::move(connection)),
          address(from),
          place(std::move(seat)),
          clock(limits, socket.get(), std::chrono::steady_clock::now()) {}

    UniqueFd socket;
    IpAddress address;
    std::unique_ptr<Admission::Place> place;
    PeerClock clock;
    std::atomic<bool> is_over = false;
    std::thread thread;
  };

  void Wait();
  [[nodiscard]] bool HearParent();
  void Accept();
  void Welcome(UniqueFd socket, const IpAddress& address, std::unique_ptr<Admission::Place> place);
  void Serve(Guest& guest);
  void Entertain(Guest& guest);
  static void TellUnassociated(const Guest& guest, const std::string& tls_fault);
  void TellTurnedAway();
  void WatchClocks();
  void SeeOff();
  void AskForRelief();

  const ReceiverSettings& settings_;
  UniqueFd listener_;
  int parent_;
  UniqueFd bell_;  // an eventfd that a guest's thread rings when it is over
  Admission admission_;
  const DcmSharedSCPConfig contexts_;
  Spool spool_;
  AssociationGate gate_;
  TurnedAway turned_away_;
  std::list<Guest> guests_;
  int served_ = 0;
  int turned_away_count_ = 0;
  PeerClock::Time told_;
};

}  // namespace dinsd
