#include "daemon/receiver/peer_clock.h"

#include <sys/socket.h>

namespace dinsd {
namespace {

constexpr std::uint64_t kMostOfACommand = 1U << 20U;  // a command has a few hundred bytes

}  // namespace

PeerClock::PeerClock(const ReceiverSettings& limits, int socket, Time now)
    : limits_(limits), socket_(socket), start_(now), phase_start_(now), last_byte_(now) {}

void PeerClock::Begin(Phase phase, Time now) {
  const std::lock_guard lock(mutex_);
  phase_ = phase;
  phase_start_ = now;
  last_byte_ = now;
  bytes_ = 0;
}

void PeerClock::Count(std::size_t bytes, Time now) {
  const std::lock_guard lock(mutex_);
  bytes_ += bytes;
  last_byte_ = now;
}

const char* PeerClock::Fault(Time now) const {
  const std::lock_guard lock(mutex_);
  if (phase_ == Phase::kAnswer) return nullptr;
  if (now - start_ > limits_.association_limit) return "association_seconds are over";
  if (phase_ == Phase::kObject) return ObjectFault(now);
  const bool is_message = phase_ == Phase::kMessage;
  if (now - phase_start_ > (is_message ? limits_.idle_limit : limits_.request_limit)) {
    if (is_message) return "sent no message within idle_seconds";
    return phase_ == Phase::kRequest ? "asked for no association within request_seconds" : "did not close";
  }
  return bytes_ > kMostOfACommand ? "sent a command of more than 1 MiB" : nullptr;
}

const char* PeerClock::ObjectFault(Time now) const {
  if (now - last_byte_ > limits_.idle_limit) return "sent nothing for idle_seconds in the middle of an object";
  if (limits_.least_bytes_per_second == 0) return nullptr;
  const std::chrono::duration<double> taken = now - phase_start_;
  const std::chrono::duration<double> allowed(static_cast<double>(bytes_) /
                                              static_cast<double>(limits_.least_bytes_per_second));
  return taken > limits_.idle_limit + allowed ? "is slower than least_bytes_per_second" : nullptr;
}

void PeerClock::Cut(const char* why) {
  const std::lock_guard lock(mutex_);
  if (cut_ != nullptr || socket_ < 0) return;
  cut_ = why;
  ::shutdown(socket_, SHUT_RDWR);
}

void PeerClock::Forget() {
  const std::lock_guard lock(mutex_);
  socket_ = -1;
}

const char* PeerClock::cut() const {
  const std::lock_guard lock(mutex_);
  return cut_;
}

}  // namespace dinsd
