#include "storage/job_states.h"

#include <algorithm>

namespace dinsd {
namespace {

// In the order of the enumeration.
constexpr std::array<std::string_view, kJobStateCount> kWords = {
    "received",  "settling", "needs_prompts", "available", "running",  "publishing",  "done",
    "retryable", "snoozed",  "held",          "cancelled", "rejected", "quarantined", "failed"};

}  // namespace

std::string_view Word(JobState state) {
  return kWords.at(static_cast<std::size_t>(state));
}

std::optional<JobState> JobStateFromWord(std::string_view word) {
  const auto* const found = std::find(kWords.begin(), kWords.end(), word);
  if (found == kWords.end()) return std::nullopt;
  return static_cast<JobState>(found - kWords.begin());
}

}  // namespace dinsd
