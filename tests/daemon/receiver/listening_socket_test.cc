#include "daemon/service/listening_socket.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cstdlib>
#include <string>
#include <system_error>

namespace dinsd {
namespace {

TEST(ListeningSocket, ListensAtAFreePortAndDoesNotBlock) {
  const UniqueFd socket = ListenAt("127.0.0.1", 0);
  EXPECT_GT(PortOf(socket.get()), 0);
  EXPECT_EQ(::accept(socket.get(), nullptr, nullptr), -1);
  EXPECT_EQ(errno, EAGAIN);
}

TEST(ListeningSocket, SaysWhereItCannotListen) {
  const UniqueFd socket = ListenAt("127.0.0.1", 0);
  const int port = PortOf(socket.get());
  try {
    (void)ListenAt("127.0.0.1", port);
    FAIL() << "twice";
  } catch (const std::system_error& error) {
    EXPECT_EQ(std::string(error.what()),
              "listening at 127.0.0.1 port " + std::to_string(port) + ": Address already in use");
  }
  EXPECT_THROW((void)ListenAt("localhost", 0), std::system_error);
}

TEST(ListeningSocket, TakesTheOneThatSystemdPasses) {
  EXPECT_FALSE(PassedSocket());
  const UniqueFd socket = ListenAt("127.0.0.1", 0);
  const int port = PortOf(socket.get());
  const pid_t child = ::fork();
  if (child == 0) {  // as systemd leaves it: descriptor 3, and the environment says so
    ::dup2(socket.get(), 3);
    ::fcntl(3, F_SETFL, 0);
    ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
    ::setenv("LISTEN_FDS", "1", 1);
    const std::optional<UniqueFd> passed = PassedSocket();
    const bool is_it = passed && PortOf(passed->get()) == port && passed->get() != 3;
    ::_exit(is_it && ::accept(passed->get(), nullptr, nullptr) == -1 && errno == EAGAIN ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace dinsd
