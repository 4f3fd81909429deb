#include "daemon/service/listening_socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>

#include <cerrno>
#include <system_error>

namespace dinsd {
namespace {

constexpr int kBacklog = 128;

[[noreturn]] void Fail(const std::string& address, int port) {
  throw std::system_error(errno, std::generic_category(), "listening at " + address + " port " + std::to_string(port));
}

}  // namespace

UniqueFd ListenAt(const std::string& address, int port) {
  sockaddr_storage end{};
  socklen_t size = sizeof(sockaddr_in);
  auto& v4 = reinterpret_cast<sockaddr_in&>(end);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(end);
  if (::inet_pton(AF_INET, address.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(static_cast<std::uint16_t>(port));
  } else if (::inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(static_cast<std::uint16_t>(port));
    size = sizeof v6;
  } else {
    errno = EINVAL;
    Fail(address, port);
  }
  UniqueFd socket(::socket(end.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  if (!socket || ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&end), size) != 0 ||
      ::listen(socket.get(), kBacklog) != 0) {
    Fail(address, port);
  }
  return socket;
}

std::optional<UniqueFd> PassedSocket() {
  const int count = ::sd_listen_fds(0);
  for (int fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + count; ++fd) {
    if (::sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) <= 0) continue;
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
    return UniqueFd(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
  }
  return std::nullopt;
}

int PortOf(int socket) {
  sockaddr_storage end{};
  socklen_t size = sizeof end;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&end), &size) != 0) return 0;
  if (end.ss_family == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in&>(end).sin_port);
  return end.ss_family == AF_INET6 ? ntohs(reinterpret_cast<const sockaddr_in6&>(end).sin6_port) : 0;
}

}  // namespace dinsd
