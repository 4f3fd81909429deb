#include "daemon/intake/settling.h"

namespace dinsd {

SettlingTracker::Verdict SettlingTracker::Observe(const StudySnapshot& study, Time now) {
  const auto [entry, is_new] = seen_.try_emplace(study.name, Seen{study, now, now});
  Seen& seen = entry->second;
  if (!is_new && seen.snapshot != study) {
    seen.snapshot = study;
    seen.unchanged_since = now;
    seen.is_incomplete = false;
  }
  const bool is_quiet = now - seen.unchanged_since >= options_.quiet;
  const bool is_ready = (options_.rule == ReadyRule::kManifest && study.has_manifest) ||
                        (options_.rule == ReadyRule::kDoneFile && study.has_done_file) ||
                        options_.rule == ReadyRule::kRenameIn || (options_.rule == ReadyRule::kQuiet && is_quiet);
  if (is_ready && !seen.is_incomplete && !study.files.empty()) return Verdict::kReady;
  return now - seen.first >= options_.hard_limit ? Verdict::kOverdue : Verdict::kWaiting;
}

void SettlingTracker::AwaitChange(const std::string& name) {
  if (const auto entry = seen_.find(name); entry != seen_.end()) entry->second.is_incomplete = true;
}

}  // namespace dinsd
