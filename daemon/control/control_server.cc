#include "daemon/control/control_server.h"

#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <istream>
#include <memory>
#include <system_error>

#include "daemon/log/log.h"
#include "daemon/process/unique_fd.h"

namespace dinsd {
namespace {

using boost::asio::local::stream_protocol;

constexpr std::size_t kMaxRequestBytes = std::size_t{1} << 20;
constexpr std::chrono::seconds kRequestTime{10};

Requester PeerOf(int socket) {
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return {};
  return {peer.uid, peer.gid, peer.pid};
}

nlohmann::json Answer(const ControlHandler& handler, const std::string& line, const Requester& who) {
  try {
    const nlohmann::json request = nlohmann::json::parse(line, nullptr, false);
    if (request.is_discarded()) throw std::runtime_error("the request is no JSON");
    return {{"ok", true}, {"result", handler(request, who)}};
  } catch (const std::exception& error) {
    return {{"ok", false}, {"error", error.what()}};
  }
}

// One request and its answer; keeps itself alive through its own handlers and gives up after kRequestTime.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(stream_protocol::socket socket, const ControlHandler& handler)
      : socket_(std::move(socket)), deadline_(socket_.get_executor()), handler_(handler) {}

  void Start() {
    deadline_.expires_after(kRequestTime);
    deadline_.async_wait([self = weak_from_this()](const boost::system::error_code& error) {
      const auto connection = self.lock();
      if (!error && connection) connection->socket_.close();
    });
    AwaitLine();
  }

 private:
  void AwaitLine() {
    boost::asio::async_read_until(socket_, request_, '\n',
                                  [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
                                    if (!error) self->Reply();
                                    if (error == boost::asio::error::not_found) self->DropPart();
                                  });
  }

  // Who still writes would never read the answer, so a line that is too long is read to its end.
  void DropPart() {
    is_too_long_ = true;
    request_.consume(request_.size());
    AwaitLine();
  }

  void Reply() {
    if (is_too_long_) {
      return Send({{"ok", false}, {"error", "a request has at most " + std::to_string(kMaxRequestBytes) + " bytes"}});
    }
    std::istream in(&request_);
    std::string line;
    std::getline(in, line);
    Send(Answer(handler_, line, PeerOf(socket_.native_handle())));
  }

  void Send(const nlohmann::json& answer) {
    reply_ = answer.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    boost::asio::async_write(
        socket_, boost::asio::buffer(reply_),
        [self = shared_from_this()](const boost::system::error_code&, std::size_t) { self->deadline_.cancel(); });
  }

  stream_protocol::socket socket_;
  boost::asio::steady_timer deadline_;
  const ControlHandler& handler_;
  boost::asio::streambuf request_{kMaxRequestBytes};
  bool is_too_long_ = false;
  std::string reply_;
};

sockaddr_un AddressOf(const std::filesystem::path& socket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = socket.string();
  if (name.size() >= sizeof(address.sun_path)) throw std::runtime_error("control socket path too long: " + name);
  std::memcpy(address.sun_path, name.c_str(), name.size() + 1);
  return address;
}

UniqueFd Connect(const std::filesystem::path& path) {
  const sockaddr_un address = AddressOf(path);
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) return socket;
  const int error = errno;
  throw std::system_error(
      error, std::generic_category(),
      error == EACCES ? path.string() + " is for members of its group" : "no daemon answers at " + path.string());
}

// A socket file that nobody listens on is a dead daemon's; one that answers is a second daemon's.
void RemoveStale(const std::filesystem::path& socket) {
  struct stat status {};
  if (::lstat(socket.c_str(), &status) != 0) return;
  if (!S_ISSOCK(status.st_mode)) throw std::runtime_error(socket.string() + " is there and is no socket");
  try {
    (void)Connect(socket);
  } catch (const std::system_error&) {
    std::filesystem::remove(socket);
    return;
  }
  throw std::runtime_error("another daemon listens at " + socket.string());
}

}  // namespace

std::string Requester::Words() const {
  return "uid " + std::to_string(uid) + " (pid " + std::to_string(pid) + ")";
}

ControlServer::ControlServer(boost::asio::io_context& io, const ControlServerOptions& options, ControlHandler handler)
    : options_(options), handler_(std::move(handler)), acceptor_(io) {
  RemoveStale(options_.socket);
  (void)AddressOf(options_.socket);
  const mode_t mask = ::umask(0117);  // the socket is 0660 from its first moment
  acceptor_.open(stream_protocol());
  boost::system::error_code error;
  acceptor_.bind(stream_protocol::endpoint(options_.socket.string()), error);
  ::umask(mask);
  if (error)
    throw std::system_error(error.value(), std::generic_category(), "control socket " + options_.socket.string());
  if (const group* owner = ::getgrnam(options_.group.c_str())) {
    if (::chown(options_.socket.c_str(), static_cast<uid_t>(-1), owner->gr_gid) != 0 && errno != EPERM) {
      throw std::system_error(errno, std::generic_category(), "group of " + options_.socket.string());
    }
  } else {
    Log(Severity::kWarning, "the socket's group does not exist: only our own user and group may use it",
        {{"group", options_.group}});
  }
  acceptor_.listen();
  Accept();
}

ControlServer::~ControlServer() {
  std::error_code ignored;
  std::filesystem::remove(options_.socket, ignored);
}

void ControlServer::Accept() {
  acceptor_.async_accept([this](const boost::system::error_code& error, stream_protocol::socket socket) {
    if (error == boost::asio::error::operation_aborted) return;
    if (!error) std::make_shared<Connection>(std::move(socket), handler_)->Start();
    Accept();
  });
}

std::optional<std::string> ListenerAt(const std::filesystem::path& socket) {
  try {
    return std::to_string(PeerOf(Connect(socket).get()).pid);
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

nlohmann::json AskDaemon(const std::filesystem::path& socket, const nlohmann::json& request) {
  const UniqueFd connection = Connect(socket);
  const std::string line = request.dump() + "\n";
  if (::send(connection.get(), line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size())) {
    throw std::system_error(errno, std::generic_category(), "asking the daemon at " + socket.string());
  }
  std::string reply;
  std::array<char, 65536> chunk{};
  for (ssize_t got = 0; (got = ::recv(connection.get(), chunk.data(), chunk.size(), 0)) > 0;) {
    reply.append(chunk.data(), static_cast<std::size_t>(got));
  }
  const nlohmann::json answer = nlohmann::json::parse(reply, nullptr, false);
  if (answer.is_discarded() || !answer.is_object()) throw std::runtime_error("the daemon's answer was cut off");
  if (!answer.value("ok", false))
    throw std::runtime_error(answer.value("error", "the daemon refused without a reason"));
  return answer.at("result");
}

}  // namespace dinsd
