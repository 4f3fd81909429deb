#include "daemon/service/supervisor.h"

#include <systemd/sd-daemon.h>

namespace dinsd {

void Supervisor::Ready() const {
  sd_notify(0, "READY=1");
}

void Supervisor::Reloading() const {
  sd_notify(0, "RELOADING=1");
}

void Supervisor::Stopping() const {
  sd_notify(0, "STOPPING=1");
}

void Supervisor::Status(const std::string& words) {
  if (words == last_status_) return;
  last_status_ = words;
  sd_notify(0, ("STATUS=" + words).c_str());
}

void Supervisor::Alive() const {
  sd_notify(0, "WATCHDOG=1");
}

std::optional<std::chrono::milliseconds> Supervisor::WatchdogPeriod() {
  std::uint64_t microseconds = 0;
  if (sd_watchdog_enabled(0, &microseconds) <= 0) return std::nullopt;
  return std::chrono::milliseconds(microseconds / 2000);
}

}  // namespace dinsd
