#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace dinsd {

/// Where a job stands. The words are the same in database, command, log and report. Drawn in job_states.dot.
enum class JobState {
  kReceived,      // seen in a watched folder, nothing known of it yet
  kSettling,      // waits until its sender is done and a reader has looked at it
  kNeedsPrompts,  // complete, but nobody has clicked yet
  kAvailable,     // waits for a device
  kRunning,       // a worker has it
  kPublishing,    // the worker is done, its staged files are being renamed into place
  kDone,          // published and recorded
  kRetryable,     // failed once, waits until its back-off is over
  kSnoozed,       // waits until a stated time; uses no budget
  kHeld,          // a person put it aside
  kCancelled,     // a person gave it up, or it is the same as another job, or its study is gone
  kRejected,      // this input can never work
  kQuarantined,   // poison or an identity conflict: a person must look
  kFailed,        // the error budget is used up
};

inline constexpr int kJobStateCount = 14;

struct JobTransition {
  JobState from;
  JobState to;
};

/// The one table of allowed changes; whatever is not in it never happens.
inline constexpr auto kAllowedTransitions = [] {
  using enum JobState;
  return std::to_array<JobTransition>({
      {kReceived, kSettling},     {kReceived, kHeld},        {kReceived, kCancelled},     {kReceived, kRejected},
      {kSettling, kNeedsPrompts}, {kSettling, kAvailable},   {kSettling, kDone},          {kSettling, kHeld},
      {kSettling, kCancelled},    {kSettling, kRejected},    {kSettling, kQuarantined},   {kSettling, kFailed},
      {kNeedsPrompts, kSettling}, {kNeedsPrompts, kHeld},    {kNeedsPrompts, kCancelled}, {kAvailable, kSettling},
      {kAvailable, kRunning},     {kAvailable, kSnoozed},    {kAvailable, kHeld},         {kAvailable, kCancelled},
      {kRunning, kSettling},      {kRunning, kNeedsPrompts}, {kRunning, kAvailable},      {kRunning, kPublishing},
      {kRunning, kRetryable},     {kRunning, kSnoozed},      {kRunning, kHeld},           {kRunning, kCancelled},
      {kRunning, kRejected},      {kRunning, kQuarantined},  {kRunning, kFailed},         {kPublishing, kAvailable},
      {kPublishing, kDone},       {kPublishing, kRetryable}, {kPublishing, kQuarantined}, {kPublishing, kFailed},
      {kDone, kSettling},         {kRetryable, kSettling},   {kRetryable, kAvailable},    {kRetryable, kSnoozed},
      {kRetryable, kHeld},        {kRetryable, kCancelled},  {kSnoozed, kSettling},       {kSnoozed, kAvailable},
      {kSnoozed, kHeld},          {kSnoozed, kCancelled},    {kHeld, kSettling},          {kHeld, kCancelled},
      {kCancelled, kSettling},    {kRejected, kSettling},    {kQuarantined, kSettling},   {kFailed, kSettling},
  });
}();

/// Whether a job may go from `from` to `to`.
[[nodiscard]] constexpr bool IsAllowed(JobState from, JobState to) {
  for (const JobTransition& transition : kAllowedTransitions) {
    if (transition.from == from && transition.to == to) return true;
  }
  return false;
}

/// "needs_prompts" for kNeedsPrompts.
[[nodiscard]] std::string_view Word(JobState state);

/// The state of a word, nothing for another word.
[[nodiscard]] std::optional<JobState> JobStateFromWord(std::string_view word);

}  // namespace dinsd
