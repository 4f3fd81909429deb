#include "storage/clock.h"

#include <sys/random.h>
#include <time.h>

#include <cerrno>
#include <system_error>

namespace dinsd {

WallTime SystemClock::WallNow() const {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

std::chrono::milliseconds SystemClock::SinceBoot() const {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return std::chrono::milliseconds(std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000);
}

RandomBits SystemRandom() {
  return [] {
    std::uint64_t bits = 0;
    if (::getrandom(&bits, sizeof bits, 0) != sizeof bits)
      throw std::system_error(errno, std::generic_category(), "getrandom");
    return bits;
  };
}

}  // namespace dinsd
