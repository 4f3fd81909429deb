#include "daemon/service/inspector.h"

#include <algorithm>
#include <chrono>
#include <system_error>
#include <utility>

#include "daemon/service/inspection_verdict.h"
#include "daemon/service/instance_count.h"
#include "daemon/service/job_log.h"
#include "daemon/service/required_series.h"

namespace dinsd {
namespace {

constexpr std::size_t kMostReaders = 2;  // hashing is bound by the disk
const Progress kReadingHeaders{0, "reading headers", std::nullopt};
constexpr std::uint64_t kMostWritten = 1U << 20U;  // a reader writes nothing but a line to standard error

}  // namespace

Inspector::Inspector(ServiceContext& context, Events events)
    : context_(context),
      events_(std::move(events)),
      counts_(context, [this](JobId id, const CountAnswer& count) { OnCount(id, count); }) {}

void Inspector::Add(const SettledStudy& study) {
  if (is_stopping_ || IsBeingRead(study.id)) return;
  Remove(study.id);  // an older look at a study that has changed since
  waiting_[study.id] = study;
  StartWaiting();
}

// Every scan says that a settled study is ready, and its reader may take longer than that: it is left alone for as long
// as its lease holds, which ends when the study changes.
bool Inspector::IsBeingRead(JobId id) {
  const auto found = running_.find(id);
  return found != running_.end() && context_.queue.Heartbeat(found->second.lease, kReadingHeaders) != Fenced::kStale;
}

std::size_t Inspector::Readers() const {
  return static_cast<std::size_t>(
      std::count_if(running_.begin(), running_.end(), [](const auto& entry) { return entry.second.child != nullptr; }));
}

void Inspector::StartWaiting() {
  while (Readers() < kMostReaders && !waiting_.empty()) {
    const SettledStudy study = waiting_.extract(waiting_.begin()).mapped();
    const std::optional<Lease> lease = context_.queue.BeginInspection(study.id);
    if (!lease) continue;
    try {
      Start(study, *lease);
    } catch (const std::system_error& error) {  // no process or descriptor is left: the next scan tries again
      LogJob(Severity::kError, "no reader could be started", study.id, "", {{"errno", error.code().value()}});
      running_.erase(study.id);
      (void)context_.queue.HandBack(*lease, "no reader could be started");
    }
  }
}

void Inspector::Start(const SettledStudy& study, const Lease& lease) {
  UniqueFd folder = OpenStudy(study.root, study.entry);
  if (!folder) {  // gone between the scan and now; the next scan says so
    (void)context_.queue.HandBack(lease, "the study could not be opened");
    return;
  }
  const ReadSettings& read = context_.settings.read;
  const ChildLimits limits{.address_space_bytes = static_cast<std::uint64_t>(read.reader_memory_gib * (1 << 30)),
                           .cpu_seconds = static_cast<std::uint64_t>(read.reader_limit.count()),
                           .file_bytes = kMostWritten};
  Running& running = running_[study.id];
  running.study = study;
  running.lease = lease;
  const JobId id = study.id;
  std::vector<std::string> arguments;
  if (context_.has_fault_points) arguments.emplace_back("--fault-points");
  running.child = Child::Start(context_.io, context_.programs / "dinsd-reader", arguments, limits,
                               {[this, id](const std::string& text) { OnAnswer(id, text); },
                                [this, id](const std::string& how) { OnExit(id, how); }});
  running.child->Send(
      ReaderRequestText({study.entry, study.files, context_.ReadOptions(), context_.settings.followup.import}),
      std::move(folder));
  running.deadline = std::make_unique<boost::asio::steady_timer>(context_.io, read.reader_limit);
  running.deadline->async_wait([this, id](const boost::system::error_code& error) {
    const auto overdue = running_.find(id);
    if (error || overdue == running_.end() || !overdue->second.child) return;
    overdue->second.is_overdue = true;
    overdue->second.child->Kill();
  });
  LogJob(Severity::kDebug, "reading headers", id);
}

void Inspector::OnAnswer(JobId id, const std::string& text) {
  Running& running = running_.at(id);
  try {
    running.answer = ParseReaderAnswer(text);
    AwaitRequiredSeries(context_.settings, running.study.source, running.answer);
    const DestinationSettings* const peer = PeerToCount(context_, running.study, running.answer);
    if (peer != nullptr && !context_.queue.HasResults(id)) {
      AskForCount(running, *peer);
    } else {
      if (peer != nullptr) ApplyCount(context_, running.study, NotAsked(), running.answer);
      Conclude(id);
    }
  } catch (const MessageError& error) {
    OnNonsense(id, error);
  }
  StartWaiting();
}

void Inspector::OnNonsense(JobId id, const MessageError& error) {
  LogJob(Severity::kError, "reader spoke nonsense", id, "READER_PROTOCOL");
  (void)context_.queue.Fail(running_.at(id).lease, JobQueue::FailureKind::kCrash,
                            {"READER_PROTOCOL", "", "", std::string("a reader's answer was refused: ") + error.what()});
  Remove(id);
}

// The study stays lent meanwhile, and another reader has its place.
void Inspector::AskForCount(Running& running, const DestinationSettings& peer) {
  running.deadline.reset();
  running.child->Abandon();
  running.child.reset();
  counts_.Ask(running.study.id, peer, running.answer.study->identity.study_uid);
}

void Inspector::OnCount(JobId id, const CountAnswer& count) {
  Running& running = running_.at(id);
  if (context_.queue.Heartbeat(running.lease, kReadingHeaders) == Fenced::kStale) return Remove(id);  // it has changed
  try {
    ApplyCount(context_, running.study, count, running.answer);
    Conclude(id);
  } catch (const MessageError& error) {
    OnNonsense(id, error);
  }
}

void Inspector::Conclude(JobId id) {
  const Running& running = running_.at(id);
  const ReaderAnswer& answer = running.answer;
  const Inspection inspection = ApplyAnswer(context_, running.lease, running.study, answer);
  SettledStudy study = running.study;
  if (answer.problem) study.incomplete = ReasonOf(*answer.problem);
  Remove(id);
  if (inspection == Inspection::kAvailable) events_.on_available();
  if (inspection == Inspection::kIncomplete) events_.on_incomplete(study);
}

void Inspector::OnExit(JobId id, const std::string& how) {
  const Running& running = running_.at(id);
  const std::string code = running.is_overdue ? "READER_HUNG" : "READER_CRASHED";
  LogJob(Severity::kWarning, "reader ended by itself", id, code, {{"how", how}});
  (void)context_.queue.Fail(running.lease, JobQueue::FailureKind::kCrash,
                            {code, "", "", "the reader ended without an answer: " + how});
  Remove(id);
  StartWaiting();
}

void Inspector::Remove(JobId id) {
  const auto found = running_.find(id);
  if (found == running_.end()) return;
  counts_.Forget(id);
  if (found->second.child) found->second.child->Abandon();
  running_.erase(found);
}

void Inspector::Renew() {
  std::vector<JobId> lost;
  for (const auto& [id, running] : running_) {
    if (context_.queue.Heartbeat(running.lease, kReadingHeaders) == Fenced::kStale) {
      lost.push_back(id);
    }
  }
  for (const JobId id : lost) Remove(id);
  StartWaiting();
}

void Inspector::HandBackAll() {
  is_stopping_ = true;
  waiting_.clear();
  while (!running_.empty()) {
    const auto& [id, running] = *running_.begin();
    (void)context_.queue.HandBack(running.lease, "the daemon stops");
    Remove(id);
  }
}

}  // namespace dinsd
