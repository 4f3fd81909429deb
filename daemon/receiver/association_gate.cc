#include "daemon/receiver/association_gate.h"

#include <dcmtk/dcmnet/dcmtrans.h>
#include <dcmtk/dcmnet/dul.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <stdexcept>

#include "daemon/receiver/guest_connection.h"

namespace dinsd {
namespace {

constexpr int kGoodbyeSeconds = 5;
constexpr int kLongSeconds = 3600;  // for DCMTK's own timers; the clock is sooner

}  // namespace

void AssociationDeleter::operator()(T_ASC_Association* association) const {
  ASC_dropSCPAssociation(association, kGoodbyeSeconds);
  ASC_destroyAssociation(&association);
}

AssociationGate::AssociationGate(const TlsSettings& tls) : is_secure_(tls.enabled), layer_(MakeGuestLayer(tls)) {
  dcmDisableGethostbyaddr.set(OFTrue);
  dcmSocketReceiveTimeout.set(0);              // the clock's
  dcmExternalSocketHandle.set(STDERR_FILENO);  // any: a network that has one opens no listening socket of its own
  const OFCondition made = ASC_initializeNetwork(NET_ACCEPTOR, 0, kLongSeconds, &network_);
  if (made.bad()) throw std::runtime_error(std::string("DICOM network: ") + made.text());
  ASC_setTransportLayer(network_, layer_.get(), 0);
}

AssociationGate::~AssociationGate() {
  ASC_dropNetwork(&network_);
}

AssociationGate::Arrival AssociationGate::Receive(UniqueFd socket, PeerClock& clock) {
  const int on = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  Arrival arrival;
  T_ASC_Association* association = nullptr;
  std::unique_lock lock(mutex_);
  Newcomer here{clock, lock, arrival.tls_fault};
  Newcomer::OfThisThread() = &here;
  dcmExternalSocketHandle.set(socket.get());
  const OFCondition got = ASC_receiveAssociation(network_, &association, ASC_MAXIMUMPDUSIZE, nullptr, nullptr,
                                                 is_secure_ ? OFTrue : OFFalse, DUL_BLOCK, 0);
  Newcomer::OfThisThread() = nullptr;
  if (lock.owns_lock()) {  // the peer was gone before DCMTK made a connection of it
    clock.Forget();
  } else {
    (void)socket.Release();  // DCMTK's to close
  }
  arrival.association.reset(association);
  if (got.bad()) arrival.association.reset();
  return arrival;
}

}  // namespace dinsd
