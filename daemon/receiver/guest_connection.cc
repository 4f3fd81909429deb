#include "daemon/receiver/guest_connection.h"

#include <dcmtk/dcmnet/dcmtrans.h>
#include <dcmtk/dcmtls/tlstrans.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <utility>

#include "daemon/tls/tls_layer.h"

namespace dinsd {

Newcomer*& Newcomer::OfThisThread() {
  thread_local Newcomer* here = nullptr;
  return here;
}

namespace {

// A connection whose bytes are counted. A peer with Nagle's algorithm sends the end of an object only when its last
// segment was acknowledged, and the kernel likes to wait 40 ms with that.
template <typename Connection>
class Counted : public Connection {
 public:
  template <typename... Arguments>
  Counted(PeerClock& clock, int socket, Arguments... arguments) : Connection(socket, arguments...), clock_(clock) {
    Hurry();
  }
  ~Counted() override { clock_.Forget(); }

  ssize_t read(void* buffer, size_t size) override {
    const ssize_t got = Connection::read(buffer, size);
    if (got > 0) clock_.Count(static_cast<std::size_t>(got));
    Hurry();
    return got;
  }

  void close() override {
    clock_.Forget();
    Connection::close();
  }

  void closeTransportConnection() override {
    clock_.Forget();
    Connection::closeTransportConnection();
  }

 private:
  void Hurry() {
    const int on = 1;
    ::setsockopt(this->getSocket(), IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
  }

  PeerClock& clock_;
};

constexpr unsigned char kHandshake = 0x16;  // the first byte that a TLS peer sends (RFC 8446 5.1)

class TlsGuest : public Counted<DcmTLSConnection> {
 public:
  TlsGuest(Newcomer& newcomer, int socket, SSL* tls)
      : Counted(newcomer.clock, socket, tls), tls_(tls), fault_(newcomer.tls_fault) {}

  OFCondition serverSideHandshake() override {
    unsigned char first = 0;
    const bool has_spoken = ::recv(getSocket(), &first, 1, MSG_PEEK) == 1;
    OFCondition made = DcmTLSConnection::serverSideHandshake();
    if (made.bad()) fault_ = has_spoken && first != kHandshake ? "it speaks no TLS" : FaultOf(made);
    return made;
  }

 private:
  [[nodiscard]] std::string FaultOf(const OFCondition& made) const {
    const long verified = SSL_get_verify_result(tls_);
    if (verified != X509_V_OK)
      return std::string("its certificate is refused: ") + X509_verify_cert_error_string(verified);
    const std::string text = made.text();
    return text.find("did not return a certificate") == std::string::npos ? text : "it has no certificate";
  }

  SSL* tls_;
  std::string& fault_;  // of the one who waits for the handshake
};

DcmTransportConnection* Taken(DcmTransportConnection* connection) {
  Newcomer::OfThisThread()->lock.unlock();
  return connection;
}

class PlainLayer : public DcmTransportLayer {
 public:
  DcmTransportConnection* createConnection(DcmNativeSocketType socket, OFBool) override {
    return Taken(new Counted<DcmTCPConnection>(Newcomer::OfThisThread()->clock, socket));
  }
};

class TlsLayer : public DcmTransportLayer {
 public:
  explicit TlsLayer(const TlsSettings& tls) : layer_(MakeTlsLayer(tls, NET_ACCEPTOR, kReceiverTlsNames)) {}

  DcmTransportConnection* createConnection(DcmNativeSocketType socket, OFBool) override {
    SSL* tls = SSL_new(layer_->getNativeHandle());
    if (tls == nullptr) return nullptr;
    SSL_set_fd(tls, socket);
    return Taken(new TlsGuest(*Newcomer::OfThisThread(), socket, tls));
  }

 private:
  std::unique_ptr<DcmTLSTransportLayer> layer_;
};

}  // namespace

std::unique_ptr<DcmTransportLayer> MakeGuestLayer(const TlsSettings& tls) {
  if (tls.enabled) return std::make_unique<TlsLayer>(tls);
  return std::make_unique<PlainLayer>();
}

}  // namespace dinsd
