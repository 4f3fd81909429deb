#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace dinsd {

/// What the daemon tells systemd (sd_notify); without systemd nothing happens.
class Supervisor {
 public:
  void Ready() const;
  void Reloading() const;
  void Stopping() const;

  /// `systemctl status` shows it: counts and what is in the way, never a path or a name of a study.
  void Status(const std::string& words);

  /// Tells that the event loop is alive. To be called from it, at least every WatchdogPeriod.
  void Alive() const;

  /// How often systemd wants to hear Alive, halved; nothing if it does not watch.
  [[nodiscard]] static std::optional<std::chrono::milliseconds> WatchdogPeriod();

 private:
  std::string last_status_;
};

}  // namespace dinsd
