#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

namespace dinsd {

/// A time of the wall clock as the database keeps it: milliseconds since 1970, UTC.
using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;

/// The two clocks of the queue: what is stored is wall time, what is measured is time since boot, suspend included
/// (CLOCK_BOOTTIME). Both are asked on the queue's thread only.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual WallTime WallNow() const = 0;
  [[nodiscard]] virtual std::chrono::milliseconds SinceBoot() const = 0;
};

/// The clocks of this machine.
class SystemClock : public Clock {
 public:
  [[nodiscard]] WallTime WallNow() const override;
  [[nodiscard]] std::chrono::milliseconds SinceBoot() const override;
};

/// 64 random bits.
using RandomBits = std::function<std::uint64_t()>;

/// The kernel's random numbers: tokens cannot be guessed, and two processes never draw the same ones.
[[nodiscard]] RandomBits SystemRandom();

}  // namespace dinsd
