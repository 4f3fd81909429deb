#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "daemon/intake/folder_scan.h"

namespace dinsd {

/// How a sender says that a study is complete.
enum class ReadyRule {
  kManifest,  // study.json lists files, sizes and digests; the reader checks them
  kDoneFile,  // a file `.done` in the study (beside a lone file: `<name>.done`)
  kRenameIn,  // the sender renames the whole study into the watched folder: what is seen is complete
  kQuiet,     // nothing changed between two scans at least quiet_seconds apart
};

struct SettlingOptions {
  ReadyRule rule = ReadyRule::kQuiet;
  std::chrono::seconds quiet{30};
  std::chrono::seconds hard_limit{5400};  // a study that never settles is given up after this
};

/// Decides when a study that was seen has settled. Times are of the monotonic clock: a wall clock that is set never
/// makes a study ready. Not thread-safe.
class SettlingTracker {
 public:
  using Time = std::chrono::steady_clock::time_point;
  enum class Verdict { kWaiting, kReady, kOverdue };

  explicit SettlingTracker(const SettlingOptions& options) : options_(options) {}

  /// Takes what a scan saw. kReady is said at every scan for as long as the study stays as it is. A study that holds
  /// nothing, or something that may not be read, is never ready.
  [[nodiscard]] Verdict Observe(const StudySnapshot& study, Time now);

  /// The reader found the study incomplete, for the reason `why`: as long as nothing changes, it is not ready. With
  /// `limit` that long instead of the hard limit, which then begins with the change.
  void AwaitChange(const std::string& name, const std::string& why,
                   std::optional<std::chrono::seconds> limit = std::nullopt);

  struct Wait {
    std::chrono::seconds limit;  // how long it may last
    std::string why;             // the last that is known; may name a file, escaped
  };
  /// Why a study that is not ready is not.
  [[nodiscard]] Wait WaitOf(const StudySnapshot& study) const;

  void Forget(const std::string& name) { seen_.erase(name); }

 private:
  struct Seen {
    StudySnapshot snapshot;
    Time first;
    Time unchanged_since;
    bool is_incomplete = false;  // with the two below
    std::string why;
    std::optional<std::chrono::seconds> limit;
  };

  [[nodiscard]] std::string AwaitedSign(const StudySnapshot& study) const;

  SettlingOptions options_;
  std::map<std::string, Seen> seen_;
};

}  // namespace dinsd
