#include "pipeline/segment/stage_clock.h"

#include <cstdlib>
#include <fstream>

namespace dinsd {

void StageClock::Begin(const std::string& stage, double share) {
  End();
  stage_ = stage;
  begin_ = Clock::now();
  Tell(stage, share);
}

void StageClock::Tell(const std::string& words, double share) const {
  if (progress_ && !progress_(words, share)) throw StudyStopped{};
}

std::vector<StageTiming> StageClock::Finish() {
  End();
  return std::move(timings_);
}

void StageClock::End() {
  if (stage_.empty()) return;
  timings_.push_back({stage_, std::chrono::duration<double>(Clock::now() - begin_).count()});
  stage_.clear();
}

void ForgetPeakMemory() {
  std::ofstream("/proc/self/clear_refs") << "5";
}

double PeakMemoryGib() {
  constexpr double kKibPerGib = 1024.0 * 1024.0;
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::strtod(line.c_str() + 6, nullptr) / kKibPerGib;
  }
  return 0;
}

}  // namespace dinsd
