#include "daemon/intake/settling.h"

#include <algorithm>

#include "pipeline/read/json_schema.h"

namespace dinsd {
namespace {

const SkippedEntry* UnreadableOf(const StudySnapshot& study) {
  const auto found = std::find_if(study.skipped.begin(), study.skipped.end(),
                                  [](const SkippedEntry& entry) { return entry.why == SkipReason::kUnreadable; });
  return found == study.skipped.end() ? nullptr : &*found;
}

}  // namespace

SettlingTracker::Verdict SettlingTracker::Observe(const StudySnapshot& study, Time now) {
  const auto [entry, is_new] = seen_.try_emplace(study.name, Seen{study, now, now});
  Seen& seen = entry->second;
  if (!is_new && seen.snapshot != study) {
    const Time first = seen.limit ? now : seen.first;
    seen = {study, first, now};
  }
  const bool is_quiet = now - seen.unchanged_since >= options_.quiet;
  const bool is_ready = (options_.rule == ReadyRule::kManifest && study.has_manifest) ||
                        (options_.rule == ReadyRule::kDoneFile && study.has_done_file) ||
                        options_.rule == ReadyRule::kRenameIn || (options_.rule == ReadyRule::kQuiet && is_quiet);
  const bool is_readable = UnreadableOf(study) == nullptr && (!study.files.empty() || !study.skipped.empty());
  if (is_ready && is_readable && !seen.is_incomplete) return Verdict::kReady;
  return now - seen.first >= seen.limit.value_or(options_.hard_limit) ? Verdict::kOverdue : Verdict::kWaiting;
}

void SettlingTracker::AwaitChange(const std::string& name, const std::string& why,
                                  std::optional<std::chrono::seconds> limit) {
  const auto entry = seen_.find(name);
  if (entry == seen_.end()) return;
  entry->second.is_incomplete = true;
  entry->second.why = why;
  entry->second.limit = limit;
}

SettlingTracker::Wait SettlingTracker::WaitOf(const StudySnapshot& study) const {
  const auto entry = seen_.find(study.name);
  const bool is_incomplete = entry != seen_.end() && entry->second.is_incomplete;
  Wait wait{is_incomplete ? entry->second.limit.value_or(options_.hard_limit) : options_.hard_limit, ""};
  if (const SkippedEntry* unreadable = UnreadableOf(study)) {
    wait.why = QuotedForMessage(unreadable->path) + " may not be read by the user of this service (permission denied)";
  } else if (is_incomplete) {
    wait.why = entry->second.why;
  } else {
    wait.why = AwaitedSign(study);
  }
  return wait;
}

std::string SettlingTracker::AwaitedSign(const StudySnapshot& study) const {
  if (study.files.empty()) return "it holds no file";
  if (options_.rule == ReadyRule::kManifest && !study.has_manifest) return "no study.json has come";
  if (options_.rule == ReadyRule::kDoneFile && !study.has_done_file) return "no .done file has come";
  return "its files keep changing";
}

}  // namespace dinsd
