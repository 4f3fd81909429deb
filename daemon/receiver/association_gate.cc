#include "daemon/receiver/association_gate.h"

#include <dcmtk/dcmnet/dcmtrans.h>
#include <dcmtk/dcmnet/dul.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <stdexcept>
#include <string>

namespace dinsd {
namespace {

constexpr int kGoodbyeSeconds = 5;
constexpr int kLongSeconds = 3600;  // for DCMTK's own timers; the clock is sooner

// For whom the connection is that DCMTK is about to make in this thread.
struct Newcomer {
  PeerClock& clock;
  std::unique_lock<std::mutex>& lock;
};
thread_local Newcomer* newcomer = nullptr;

// A connection whose bytes are counted. A peer with Nagle's algorithm sends the end of an object only when its last
// segment was acknowledged, and the kernel likes to wait 40 ms with that.
class CountedConnection : public DcmTCPConnection {
 public:
  CountedConnection(int socket, PeerClock& clock) : DcmTCPConnection(socket), clock_(clock) { Hurry(); }
  ~CountedConnection() override { clock_.Forget(); }

  ssize_t read(void* buffer, size_t size) override {
    const ssize_t got = DcmTCPConnection::read(buffer, size);
    if (got > 0) clock_.Count(static_cast<std::size_t>(got));
    Hurry();
    return got;
  }

  void closeTransportConnection() override {
    clock_.Forget();
    DcmTCPConnection::closeTransportConnection();
  }

 private:
  void Hurry() {
    const int on = 1;
    ::setsockopt(getSocket(), IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
  }

  PeerClock& clock_;
};

class CountingLayer : public DcmTransportLayer {
 public:
  DcmTransportConnection* createConnection(DcmNativeSocketType socket, OFBool) override {
    newcomer->lock.unlock();  // the socket is taken
    return new CountedConnection(socket, newcomer->clock);
  }
};

}  // namespace

void AssociationDeleter::operator()(T_ASC_Association* association) const {
  ASC_dropSCPAssociation(association, kGoodbyeSeconds);
  ASC_destroyAssociation(&association);
}

AssociationGate::AssociationGate() : layer_(std::make_unique<CountingLayer>()) {
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

AssociationPtr AssociationGate::Receive(UniqueFd socket, PeerClock& clock) {
  const int on = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  T_ASC_Association* association = nullptr;
  std::unique_lock lock(mutex_);
  Newcomer here{clock, lock};
  newcomer = &here;
  dcmExternalSocketHandle.set(socket.get());
  const OFCondition got =
      ASC_receiveAssociation(network_, &association, ASC_MAXIMUMPDUSIZE, nullptr, nullptr, OFFalse, DUL_BLOCK, 0);
  newcomer = nullptr;
  if (lock.owns_lock()) {  // the peer was gone before DCMTK made a connection of it
    clock.Forget();
  } else {
    (void)socket.Release();  // DCMTK's to close
  }
  AssociationPtr received(association);
  if (got.bad()) received.reset();
  return received;
}

}  // namespace dinsd
