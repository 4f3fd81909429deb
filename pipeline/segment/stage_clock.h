#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "pipeline/segment_study.h"

namespace dinsd {

/// Tells a study's progress and measures its stages. Not thread-safe.
class StageClock {
 public:
  explicit StageClock(OnStudyProgress progress) : progress_(std::move(progress)) {}

  /// Ends the stage before and begins `stage`, at `share` of the whole. Throws StudyStopped.
  void Begin(const std::string& stage, double share);

  /// A step within the stage, in words for people. Throws StudyStopped.
  void Tell(const std::string& words, double share) const;

  /// Ends the last stage.
  [[nodiscard]] std::vector<StageTiming> Finish();

 private:
  using Clock = std::chrono::steady_clock;

  void End();

  OnStudyProgress progress_;
  Clock::time_point begin_;
  std::string stage_;
  std::vector<StageTiming> timings_;
};

/// From here on PeakMemoryGib counts afresh (proc(5), clear_refs); does nothing where the kernel does not let it.
void ForgetPeakMemory();

/// Largest resident memory of this process since ForgetPeakMemory, or so far, in GiB, as the kernel counts it; 0 where
/// it does not say.
[[nodiscard]] double PeakMemoryGib();

}  // namespace dinsd
