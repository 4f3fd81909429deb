#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace dinsd {

/// Who asked, as the kernel says it (SO_PEERCRED); goes into the journal of the job.
struct Requester {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::int32_t pid = 0;

  [[nodiscard]] std::string Words() const;  // "uid 1000 (pid 4711)"
};

/// Answers one request; throws std::exception with a sentence for the person who asked.
using ControlHandler = std::function<nlohmann::json(const nlohmann::json& request, const Requester& who)>;

struct ControlServerOptions {
  std::filesystem::path socket;
  std::string group = "dinsd";  // owns the socket if it exists on this machine
};

/// The daemon's control socket: one JSON object in one line per connection, one line back:
/// {"ok": true, "result": ...} or {"ok": false, "error": "..."}. Mode 0660. A socket that a dead daemon left is
/// replaced. Everything happens on the io_context's one thread.
class ControlServer {
 public:
  /// Throws std::system_error if the socket cannot be made.
  ControlServer(boost::asio::io_context& io, const ControlServerOptions& options, ControlHandler handler);
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

 private:
  void Accept();

  ControlServerOptions options_;
  ControlHandler handler_;
  boost::asio::local::stream_protocol::acceptor acceptor_;
};

/// The pid of the daemon that listens at a socket; nothing where nobody does, or we may not ask.
[[nodiscard]] std::optional<std::string> ListenerAt(const std::filesystem::path& socket);

/// Sends one request to the daemon behind `socket` and returns its result. Throws std::runtime_error with the daemon's
/// sentence if it refused, or with what to do if no daemon listens there.
[[nodiscard]] nlohmann::json AskDaemon(const std::filesystem::path& socket, const nlohmann::json& request);

}  // namespace dinsd
