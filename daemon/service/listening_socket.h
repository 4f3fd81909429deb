#pragma once

#include <optional>
#include <string>

#include "daemon/process/unique_fd.h"

namespace dinsd {

/// Listens for TCP connections at an IPv4 or IPv6 address; port 0 is any free one. The socket does not block. Throws
/// std::system_error.
[[nodiscard]] UniqueFd ListenAt(const std::string& address, int port);

/// The listening socket that systemd passed to this process (dinsd-receiver.socket), as a copy that does not block;
/// nothing without one.
[[nodiscard]] std::optional<UniqueFd> PassedSocket();

/// The port of such a socket; 0 if it has none.
[[nodiscard]] int PortOf(int socket);

}  // namespace dinsd
