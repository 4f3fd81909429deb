#include "daemon/service/intake.h"

#include <sys/vfs.h>

#include <algorithm>
#include <stdexcept>
#include <system_error>

#include "config/watch_places.h"
#include "daemon/inspection/inspect_folder.h"
#include "daemon/intake/fingerprint.h"
#include "daemon/service/inspection_verdict.h"
#include "daemon/service/job_log.h"
#include "daemon/service/result_rows.h"
#include "daemon/service/spool_cleaner.h"
#include "pipeline/read/study_manifest.h"
#include "storage/file_lock.h"

namespace dinsd {
namespace {

constexpr std::chrono::milliseconds kHintDelay{200};  // events come in bursts
constexpr std::chrono::seconds kTellAgain{60};        // of a study that keeps changing
constexpr std::chrono::seconds kNetworkRescan{10};    // remote writers raise no events

SettlingOptions SettlingOf(const WatchSettings& watch) {
  return {static_cast<ReadyRule>(watch.ready), watch.quiet, watch.hard_limit};
}

std::chrono::seconds RescanOf(const WatchSettings& watch) {
  struct statfs status {};
  const bool is_remote = ::statfs(watch.path.c_str(), &status) == 0 && UnsafeFileSystem(status.f_type) != nullptr;
  return is_remote ? std::min(watch.rescan, kNetworkRescan) : watch.rescan;
}

bool IsOpen(JobState state) {
  return state == JobState::kReceived || state == JobState::kSettling;
}

// Sources of submitted studies are paths, those of watched folders are names.
bool IsSubmitted(const Job& job) {
  return job.source.starts_with('/');
}

}  // namespace

Intake::Intake(ServiceContext& context, Inspector& inspector)
    : context_(context),
      inspector_(inspector),
      watch_(context.io, [this] { ScanSoon(); }),
      timer_(context.io),
      submitted_{{.ready = ReadyWhen::kRenameIn}, SettlingTracker({.rule = ReadyRule::kRenameIn}), {}, {}, {}} {}

void Intake::Configure() {
  folders_.clear();
  for (const WatchSettings& watch : context_.settings.watches) {
    folders_.push_back({watch, SettlingTracker(SettlingOf(watch)), std::nullopt, {}, {}, Clock::now()});
  }
  ScanSoon();
}

void Intake::ScanSoon() {
  const Clock::time_point soon = Clock::now() + kHintDelay;
  for (Folder& folder : folders_) folder.due = std::min(folder.due, soon);
  submitted_.due = soon;
  Schedule();
}

void Intake::Schedule() {
  Clock::time_point next = submitted_.due;
  for (const Folder& folder : folders_) next = std::min(next, folder.due);
  timer_.expires_at(next);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) ScanDue();
  });
}

void Intake::ScanDue() {
  for (Folder& folder : folders_) {
    if (folder.due <= Clock::now()) Scan(folder);
  }
  if (submitted_.due <= Clock::now()) ScanSubmitted();
  Schedule();
}

void Intake::Scan(Folder& folder) {
  const std::chrono::seconds rescan = RescanOf(folder.settings);
  folder.due = Clock::now() + rescan;
  try {
    watch_.Watch(folder.settings.path);
    std::set<std::string> names;
    bool is_waiting = false;
    const WatchedContents contents = ScanWatchedFolder(folder.settings.path);
    TellNotTaken(folder, contents.not_taken);
    for (const StudySnapshot& study : contents.studies) {
      names.insert(study.name);
      See(folder, study, is_waiting);
    }
    TellGone(folder, names);
    folder.entries = std::move(names);
    folder.is_unreadable = false;
    if (is_waiting)
      folder.due = Clock::now() + std::min(rescan, std::max(folder.settings.quiet, std::chrono::seconds(1)));
  } catch (const std::system_error& error) {  // unmounted, say: nothing is taken as gone
    if (!folder.is_unreadable) {
      Log(Severity::kError, "watched folder cannot be read",
          {{"watch", folder.settings.name}, {"errno", error.code().value()}});
    }
    folder.is_unreadable = true;
  }
}

void Intake::ScanSubmitted() {
  submitted_.due = Clock::now() + std::chrono::seconds(60);
  JobQueue::Filter filter{.states = {JobState::kReceived, JobState::kSettling, JobState::kNeedsPrompts}};
  for (std::vector<Job> page = context_.queue.List(filter); !page.empty(); page = context_.queue.List(filter)) {
    for (const Job& job : page) {
      filter.after = job.id;
      if (!IsSubmitted(job)) continue;
      submitted_.settings.name = job.source;
      submitted_.settings.path = job.root;
      submitted_.settings.lane = job.lane;
      bool is_waiting = false;
      try {
        const std::optional<StudySnapshot> study = ScanStudy(job.root, job.entry);
        if (study) {
          See(submitted_, *study, is_waiting);
        } else {
          context_.queue.StudyGone(job.id);
        }
      } catch (const std::system_error&) {  // its folder is away: perhaps it comes back
      }
      if (is_waiting) submitted_.due = Clock::now() + std::chrono::seconds(1);
    }
  }
}

void Intake::See(Folder& folder, const StudySnapshot& study, bool& is_waiting) {
  const WatchSettings& watch = folder.settings;
  const JobQueue::Seen seen =
      context_.queue.SeeStudy({watch.name, watch.path, study.name, FingerprintOf(study), watch.lane});
  TellSeen(folder, seen);
  is_waiting = is_waiting || IsOpen(seen.state) || seen.what == JobQueue::Seen::What::kBusy;
  if (!IsOpen(seen.state)) return folder.tracker.Forget(study.name);
  switch (folder.tracker.Observe(study, Clock::now())) {
    case SettlingTracker::Verdict::kWaiting:
      return;
    case SettlingTracker::Verdict::kReady:
      return Inspect(folder, study, seen.id);
    case SettlingTracker::Verdict::kOverdue: {
      const SettlingTracker::Wait wait = folder.tracker.WaitOf(study);
      folder.tracker.Forget(study.name);  // a sender that goes on has as long again
      return Reject(seen.id,
                    {"NOT_SETTLED", "", "",
                     "it did not become complete within " + std::to_string(wait.limit.count()) + " s: " + wait.why});
    }
  }
}

// A sender that copies changes its study at every scan: what is told of it is told again only after a while.
void Intake::Tell(Folder& folder, Severity severity, const std::string& event, JobId id, const std::string& code) {
  const Clock::time_point now = Clock::now();
  const auto [told, is_first] = folder.told[id].try_emplace(event + code, now);
  if (!is_first && now - told->second < kTellAgain) return;
  told->second = now;
  LogJob(severity, event, id, code);
}

void Intake::TellSeen(Folder& folder, const JobQueue::Seen& seen) {
  using What = JobQueue::Seen::What;
  const bool is_given_up = seen.state == JobState::kCancelled;
  if (!IsOpen(seen.state) && !is_given_up) folder.told.erase(seen.id);
  if (seen.what == What::kNew) Tell(folder, Severity::kInfo, "received", seen.id);
  if (seen.what != What::kChanged) return;
  if (is_given_up) {
    Tell(folder, Severity::kWarning, "files changed, but a person cancelled it: retry takes it up", seen.id);
  } else {
    Tell(folder, Severity::kInfo, "settling: files changed", seen.id);
  }
}

void Intake::Reject(JobId id, const Reason& reason) {
  if (context_.queue.RejectUnsettled(id, reason)) LogJob(Severity::kWarning, "rejected", id, reason.code);
}

// Once for each such entry; its name may be a patient's.
void Intake::TellNotTaken(Folder& folder, const std::vector<std::string>& entries) {
  std::set<std::string> now(entries.begin(), entries.end());
  if (!std::includes(folder.not_taken.begin(), folder.not_taken.end(), now.begin(), now.end())) {
    Log(Severity::kWarning, "links and files that are no plain ones lie in a watched folder: they are not taken",
        {{"watch", folder.settings.name}, {"entries", now.size()}});
  }
  folder.not_taken = std::move(now);
}

void Intake::Inspect(Folder& folder, const StudySnapshot& study, JobId id) {
  if (const std::optional<Problem> unsafe = UnsafeEntry(study)) return Reject(id, ReasonOf(*unsafe));
  if (AwaitsRemoved(folder, study, id)) return;
  SettledStudy settled{id, folder.settings.name, folder.settings.path, study.name, {}, folder.settings.lane};
  for (const FileStamp& file : study.files) settled.files.push_back(file.path);
  inspector_.Add(settled);
}

// Of a study that was removed from the spool after its result had been published a part may come again: its result
// would take the place of the whole study's.
bool Intake::AwaitsRemoved(Folder& folder, const StudySnapshot& study, JobId id) {
  if (folder.settings.name != kReceivedWatch) return false;
  const std::size_t before = RemovedObjects(folder.settings.path, study.name), now = ObjectsIn(study);
  if (now >= before) return false;
  folder.tracker.AwaitChange(study.name, "its " + std::to_string(before) +
                                             " objects were removed after its result had been published, and only " +
                                             std::to_string(now) + " are there again");
  Tell(folder, Severity::kWarning, "settling", id, "OBJECTS_REMOVED");
  return true;
}

void Intake::TellGone(Folder& folder, const std::set<std::string>& now) {
  const std::set<std::string> before = folder.entries ? *folder.entries : OpenEntries(folder.settings.name);
  for (const std::string& entry : before) {
    if (now.contains(entry)) continue;
    const std::optional<Job> job = context_.queue.FindStudy(folder.settings.name, entry);
    if (!job) continue;
    folder.told.erase(job->id);
    context_.queue.StudyGone(job->id);
    UpdateIndex(context_, job->duplicate_of.value_or(job->id));  // it may lie elsewhere now
  }
}

std::set<std::string> Intake::OpenEntries(const std::string& source) {
  using enum JobState;
  JobQueue::Filter filter{.states = {kReceived, kSettling, kNeedsPrompts, kAvailable, kRetryable, kSnoozed, kCancelled},
                          .source = source};
  std::set<std::string> entries;
  for (std::vector<Job> page = context_.queue.List(filter); !page.empty(); page = context_.queue.List(filter)) {
    for (const Job& job : page) entries.insert(job.entry);
    filter.after = page.back().id;
  }
  return entries;
}

void Intake::AwaitChange(const SettledStudy& study) {
  std::optional<std::chrono::seconds> limit;  // clicks may come long before their images
  if (study.incomplete.code == kNoImages) limit = context_.settings.queue.keep_waiting;
  const auto await = [&](Folder& folder) {
    folder.tracker.AwaitChange(study.entry, study.incomplete.sentence, limit);
    Tell(folder, Severity::kInfo, "settling", study.id, study.incomplete.code);
  };
  if (study.source.starts_with('/')) await(submitted_);
  for (Folder& folder : folders_) {
    if (folder.settings.name == study.source) await(folder);
  }
}

// The watched folder where `root` is one, else `root` itself. What lies inside a study is none of its own: it would run
// twice, and without what the study's study.json says.
Intake::Source Intake::SourceOf(const std::filesystem::path& root) const {
  for (const Folder& folder : folders_) {
    const std::filesystem::path below = root.lexically_relative(Resolved(folder.settings.path));
    if (below == ".") return {folder.settings.name, folder.settings.path};
    if (!below.empty() && *below.begin() != "..") {
      throw std::runtime_error("it lies inside a study of the watched folder \"" + folder.settings.name +
                               "\": submit " + (folder.settings.path / *below.begin()).string());
    }
  }
  return {root.string(), root};
}

// Its studies are taken one by one; as one study it would mix their patients.
void Intake::CheckIsNoWatch(const std::filesystem::path& study) const {
  for (const Folder& folder : folders_) {
    const std::filesystem::path below = Resolved(folder.settings.path).lexically_relative(study);
    if (!below.empty() && *below.begin() != "..") {
      throw std::runtime_error("it is or holds the watched folder \"" + folder.settings.name +
                               "\", whose studies are taken one by one");
    }
  }
}

JobId Intake::Submit(const std::filesystem::path& study, Lane lane) {
  std::filesystem::path path = study.lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  if (!path.is_absolute() || !path.has_filename()) throw std::runtime_error("an absolute path of a study is needed");
  CheckIsNoWatch(Resolved(path));
  const Source source = SourceOf(Resolved(path.parent_path()));
  const std::optional<StudySnapshot> snapshot = ScanStudy(source.root, path.filename());
  if (!snapshot) throw std::runtime_error("no folder and no image file of that name that the daemon may see");
  const std::filesystem::path manifest = source.root / kManifestFile;
  if (!std::filesystem::is_directory(source.root / snapshot->name) && std::filesystem::exists(manifest))
    throw std::runtime_error("a study.json lies beside it: submit their folder");
  const JobQueue::Seen seen =
      context_.queue.SeeStudy({source.name, source.root.string(), snapshot->name, FingerprintOf(*snapshot), lane});
  ScanSoon();
  return seen.id;
}

}  // namespace dinsd
