#pragma once

#include <algorithm>
#include <chrono>

namespace dinsd {

/// Thrown by RerunTime; no exception of the library, so that nobody takes it for a failure.
struct OutOfTime {};

/// How long the re-runs of a study may go on. Beyond its limit a study is stopped and its mask is lost, so re-runs end
/// before: they have four fifths of the limit, the rest is for writing the result. A re-run is begun where one and a
/// half times the longest one so far, the study's own way through the network among them, still fits in.
/// Not thread-safe.
class RerunTime {
 public:
  using Clock = std::chrono::steady_clock;
  using Seconds = std::chrono::duration<double>;

  /// `limit`: that the study has from `begin` on; 0 = none.
  explicit RerunTime(Seconds limit, Clock::time_point begin = Clock::now())
      : limit_(limit), begin_(begin), run_(begin) {}

  /// The study itself goes through the network.
  void BeginStudy(Clock::time_point now = Clock::now()) { run_ = now; }

  /// Throws OutOfTime where a re-run that begins now would probably not be over in time.
  void BeginRun(Clock::time_point now = Clock::now()) {
    longest_ = std::max(longest_, Seconds(now - run_));
    run_ = now;
    Check(now, 1.5 * longest_);
  }

  /// Throws OutOfTime where the time is over, or would be after `more`.
  void Check(Clock::time_point now = Clock::now(), Seconds more = Seconds(0)) const {
    if (limit_ > Seconds(0) && Seconds(now - begin_) + more > 0.8 * limit_) throw OutOfTime{};
  }

 private:
  Seconds limit_;
  Clock::time_point begin_, run_;
  Seconds longest_{0};
};

}  // namespace dinsd
