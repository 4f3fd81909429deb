#pragma once

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string_view>

namespace dinsd {

/// How urgent a job is; the lanes share the devices by their weights.
enum class Lane { kUrgent, kRoutine, kBulk };

/// "urgent", "routine", "bulk".
[[nodiscard]] std::string_view Word(Lane lane);
[[nodiscard]] std::optional<Lane> LaneFromWord(std::string_view word);

/// How the queue leases, retries and shares.
struct QueueOptions {
  std::chrono::seconds lease{90};          // a job whose lease is not renewed for so long is taken back
  int error_budget = 6;                    // errors until a job has failed
  int crash_budget = 3;                    // crashes of its reader or worker until it is quarantined
  int lost_budget = 6;                     // ends of the whole service while it ran, until it is quarantined
  std::chrono::seconds backoff{10};        // first ceiling of the back-off after an error; it doubles each time
  std::chrono::seconds crash_backoff{60};  // the same after a crash: slower, a device may need to recover
  std::chrono::seconds backoff_cap{3600};  // no back-off is longer
  int urgent_weight = 8;                   // shares of the lanes while all of them have work
  int routine_weight = 4;
  int bulk_weight = 1;

  /// Throws std::invalid_argument that names the field.
  void Check() const {
    if (lease < std::chrono::seconds(1)) throw std::invalid_argument("lease must be at least 1 s");
    if (error_budget < 1 || crash_budget < 1 || lost_budget < 1)
      throw std::invalid_argument("error_budget, crash_budget and lost_budget must be at least 1");
    if (backoff < std::chrono::seconds(0) || crash_backoff < backoff || backoff_cap < crash_backoff)
      throw std::invalid_argument("0 <= backoff <= crash_backoff <= backoff_cap does not hold");
    if (urgent_weight < 1 || routine_weight < 1 || bulk_weight < 1)
      throw std::invalid_argument("the lanes' weights must be at least 1");
  }
};

}  // namespace dinsd
