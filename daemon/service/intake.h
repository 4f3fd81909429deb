#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/intake/folder_watch.h"
#include "daemon/intake/settling.h"
#include "daemon/log/log.h"
#include "daemon/service/context.h"
#include "daemon/service/inspector.h"

namespace dinsd {

/// Brings studies in: every watched folder is scanned from time to time (the truth) and after events (a hint); what
/// has settled goes to the inspector. Nothing in a watched folder is ever opened here, written to or moved.
class Intake {
 public:
  Intake(ServiceContext& context, Inspector& inspector);

  /// Takes the watched folders from the settings: at start and after a reload.
  void Configure();

  /// Scans every folder within a moment.
  void ScanSoon();

  /// A study of which the reader found something missing: it waits for another change.
  void AwaitChange(const SettledStudy& study);

  /// A person names a study, which is taken as complete. Returns its job. Throws std::runtime_error.
  JobId Submit(const std::filesystem::path& study, Lane lane);

  void Stop() { timer_.cancel(); }

 private:
  using Clock = std::chrono::steady_clock;

  struct Folder {
    WatchSettings settings;
    SettlingTracker tracker;
    std::optional<std::set<std::string>> entries;                    // as last scanned; nothing before the first scan
    std::set<std::string> not_taken;                                 // that was told of
    std::map<JobId, std::map<std::string, Clock::time_point>> told;  // of studies that settle, and when
    Clock::time_point due;
    bool is_unreadable = false;
  };

  struct Source {
    std::string name;
    std::filesystem::path root;
  };

  [[nodiscard]] Source SourceOf(const std::filesystem::path& root) const;
  void CheckIsNoWatch(const std::filesystem::path& study) const;
  void ScanDue();
  void Scan(Folder& folder);
  void ScanSubmitted();
  void See(Folder& folder, const StudySnapshot& study, bool& is_waiting);
  void Inspect(Folder& folder, const StudySnapshot& study, JobId id);
  [[nodiscard]] bool AwaitsRemoved(Folder& folder, const StudySnapshot& study, JobId id);
  void Reject(JobId id, const Reason& reason);
  static void Tell(Folder& folder, Severity severity, const std::string& event, JobId id, const std::string& code = "");
  static void TellSeen(Folder& folder, const JobQueue::Seen& seen);
  static void TellNotTaken(Folder& folder, const std::vector<std::string>& entries);
  void TellGone(Folder& folder, const std::set<std::string>& now);
  [[nodiscard]] std::set<std::string> OpenEntries(const std::string& source);
  void Schedule();

  ServiceContext& context_;
  Inspector& inspector_;
  FolderWatch watch_;
  boost::asio::steady_timer timer_;
  std::vector<Folder> folders_;
  Folder submitted_;
};

}  // namespace dinsd
