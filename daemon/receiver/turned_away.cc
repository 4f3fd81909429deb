#include "daemon/receiver/turned_away.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace dinsd {
namespace {

constexpr std::size_t kMost = 256;
constexpr std::chrono::seconds kPatience{5};

// A-ASSOCIATE-RJ, PS3.8 9.3.4: type 3, length 4; then result, source, reason.
constexpr std::array<unsigned char, 10> kLimitReached = {3, 0, 0, 0, 0, 4, 0, 2, 3, 2};
constexpr std::array<unsigned char, 10> kNotWelcome = {3, 0, 0, 0, 0, 4, 0, 1, 1, 1};

}  // namespace

void TurnedAway::Add(UniqueFd socket, Why why, Time now) {
  if (peers_.size() >= kMost) return;
  ::fcntl(socket.get(), F_SETFL, O_NONBLOCK);
  peers_.push_back({std::move(socket), why, now});
}

std::vector<int> TurnedAway::Sockets() const {
  std::vector<int> sockets;
  for (const Peer& peer : peers_) sockets.push_back(peer.socket.get());
  return sockets;
}

void TurnedAway::Look(Time now) {
  std::erase_if(peers_, [now](Peer& peer) { return IsDone(peer, now); });
}

bool TurnedAway::IsDone(Peer& peer, Time now) {
  std::array<char, 4096> bytes{};
  const ssize_t got = ::recv(peer.socket.get(), bytes.data(), bytes.size(), 0);
  if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return true;
  if (got > 0 && !peer.is_told) {
    const auto& answer = peer.why == Why::kLimit ? kLimitReached : kNotWelcome;
    ::send(peer.socket.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
    ::shutdown(peer.socket.get(), SHUT_WR);
    peer.is_told = true;
  }
  return now - peer.since > kPatience;
}

}  // namespace dinsd
