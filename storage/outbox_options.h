#pragma once

#include <chrono>
#include <stdexcept>

namespace dinsd {

/// How results are sent to one destination.
struct OutboxOptions {
  int per_minute = 0;                           // results, evenly spaced; 0 = as fast as it takes them
  int attempts = 10;                            // that it refuses or leaves unconfirmed, until a result has failed
  std::chrono::seconds backoff{30};             // first ceiling of the back-off; it doubles each time
  std::chrono::seconds backoff_cap{3600};       // no back-off is longer
  int breaker_after = 3;                        // attempts in a row that do not reach it, until nothing more is tried
  bool commitment = false;                      // sent is not enough: it must say that it keeps the objects
  std::chrono::seconds commitment_limit{3600};  // without a word about that the question is asked again
  bool query = false;                           // or that it has them, where it takes no commitment

  [[nodiscard]] bool IsConfirmed() const { return commitment || query; }

  /// Throws std::invalid_argument that names the field.
  void Check() const {
    if (per_minute < 0) throw std::invalid_argument("per_minute must not be negative");
    if (attempts < 1 || breaker_after < 1) throw std::invalid_argument("attempts and breaker_after must be at least 1");
    if (backoff < std::chrono::seconds(1) || backoff_cap < backoff)
      throw std::invalid_argument("1 <= backoff_seconds <= backoff_cap_seconds does not hold");
    if (commitment_limit < std::chrono::seconds(1))
      throw std::invalid_argument("commitment_limit must be at least 1 s");
  }

  friend bool operator==(const OutboxOptions&, const OutboxOptions&) = default;
};

}  // namespace dinsd
