#include "daemon/service/worker_slot.h"

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdio>
#include <ctime>
#include <system_error>
#include <utility>

#include "daemon/messages/job_key.h"
#include "daemon/messages/message_fields.h"
#include "daemon/service/job_log.h"
#include "daemon/service/publication.h"
#include "daemon/service/result_rows.h"
#include "daemon/service/settled_study.h"
#include "pipeline/read/date_time.h"

namespace dinsd {
namespace {

constexpr std::chrono::seconds kCancelTime{15};  // a worker that was cancelled and does not stop is killed
constexpr std::chrono::milliseconds kRestartPause{500};
constexpr std::chrono::milliseconds kLongestPause{60'000};  // after several starts that failed
constexpr std::uint64_t kOpenFiles = 1024;

std::string TokenWord(const Lease& lease) {
  std::array<char, 80> word{};
  std::snprintf(word.data(), word.size(), "%" PRId64 "-%" PRId64 "-%016" PRIx64, static_cast<std::int64_t>(lease.job),
                lease.attempt, static_cast<std::uint64_t>(lease.token));
  return word.data();
}

bool IsServed(const std::vector<ServedModel>& models, const WeightsFile& weights) {
  return std::any_of(models.begin(), models.end(),
                     [&](const ServedModel& model) { return model.weights.sha256 == weights.sha256; });
}

RegistrationUse RegistrationOf(const Settings& settings) {
  const FollowUpOptions& followup = settings.followup;
  return {static_cast<double>(followup.registration_time_limit.count()),
          {settings.daemon.state_dir / "registrations", followup.registration_cache_bytes}};
}

// Of two that run at the same time the one that began later says so.
std::vector<std::string> SameImagesWarnings(JobQueue& queue, JobId job, const std::string& images) {
  std::vector<SameImages> others = queue.OtherResults(images, job);
  for (const SameImages& at_work : queue.OtherWork(images, job)) others.push_back(at_work);
  return InWords(others);
}

}  // namespace

WorkerSlot::WorkerSlot(ServiceContext& context, std::string device, int threads, std::function<void()> on_idle)
    : context_(context),
      device_(std::move(device)),
      threads_(threads),
      on_idle_(std::move(on_idle)),
      deadline_(context.io),
      restart_(context.io) {}

const std::string& WorkerSlot::token() const {
  static const std::string kNone;
  return current_ ? current_->ticket.token : kNone;
}

void WorkerSlot::StartWorker() {
  if (is_closed_) return;
  jobs_done_ = 0;
  try {
    child_ = Child::Start(
        context_.io, context_.programs / "dinsd-worker", {}, {.open_files = kOpenFiles},
        {[this](const std::string& text) { OnMessage(text); }, [this](const std::string& how) { OnExit(how); }});
  } catch (const std::system_error& error) {
    Log(Severity::kError, "no worker could be started", {{"device", device_}, {"errno", error.code().value()}});
    ++failed_starts_;
    return RestartLater();
  }
  state_ = State::kStarting;
  WorkerStart start{device_, threads_, {}, context_.has_fault_points};
  for (const ServedModel& model : context_.models) start.weights.push_back(model.weights);
  child_->Send(ToWorkerText(start));
}

void WorkerSlot::Begin(const LeasedJob& leased) {
  try {
    StudyOrder order = ParseStudyOrder(leased.work_order);
    UniqueFd folder = OpenStudy(leased.job.root, leased.job.entry);
    if (FailInTheWay(context_, leased)) return on_idle_();
    if (folder && (order.import || IsServed(context_.models, order.weights))) {
      if (Hand(leased, std::move(order), std::move(folder))) return;
      return on_idle_();
    }
    (void)context_.queue.InputChanged(leased.lease, folder ? "other weights are configured now" : "the study is gone");
  } catch (const MessageError&) {  // written by another version
    (void)context_.queue.InputChanged(leased.lease, "its work order is of another version");
  } catch (const std::system_error& error) {  // no fault of the study; nothing more is begun until it can be made
    LogJob(Severity::kError, "handed back: no staging folder could be made", leased.lease.job, "STAGING");
    (void)context_.queue.HandBack(leased.lease, std::string("no staging folder could be made: ") + error.what());
  }
  on_idle_();
}

// False where the prior's images are gone.
bool WorkerSlot::SendPrior(const LeasedJob& leased, const PriorOrder& prior, const JobTicket& ticket) {
  const std::optional<Job> study = StudyOf(context_, JobId{prior.job});
  UniqueFd images = study ? OpenStudy(study->root, study->entry) : UniqueFd();
  if (!images) {
    const std::string number = std::to_string(prior.job);
    (void)context_.queue.NeedsPrompts(
        leased.lease, leased.job.facts,
        {"PRIOR_IMAGES", "", "", "the images of job " + number + ", the prior, are not where they were"});
    LogJob(Severity::kWarning, "needs_prompts", leased.lease.job, "PRIOR_IMAGES", {{"prior", prior.job}});
    return false;
  }
  child_->Send(ToWorkerText(WorkerPrior{ticket, context_.results.Place(prior.job, prior.revision), prior.result_sha256,
                                        study->entry, RegistrationOf(context_.settings)}),
               std::move(images));
  return true;
}

WorkerProposal WorkerSlot::PlacesOf(const ProposalOrder& order) const {
  const auto place = [&](const PriorOrder& result) {
    return ResultOrder{context_.results.Place(result.job, result.revision), result.result_sha256};
  };
  return {place(order.result), order.prior ? std::optional(place(*order.prior)) : std::nullopt};
}

bool WorkerSlot::Hand(const LeasedJob& leased, StudyOrder order, UniqueFd folder) {
  const Lease& lease = leased.lease;
  if (lease.attempt == 1 && context_.faults.Has("parent", "no-staging", leased.job.entry))
    throw std::system_error(std::make_error_code(std::errc::no_space_on_device));
  JobTicket ticket{static_cast<std::int64_t>(lease.job), lease.attempt, TokenWord(lease)};
  if (order.prior && !SendPrior(leased, *order.prior, ticket)) return false;
  WorkerJob job{ticket,
                order.study,
                order.prompts_sha256,
                order.weights,
                order.read,
                order.options,
                order.objects,
                context_.results.MakeStaging(ticket.token),
                leased.job.key.value_or(""),
                static_cast<int>(leased.job.revision),
                context_.settings.worker.study_limit.count(),
                FormatDateTime(std::time(nullptr)),
                SameImagesWarnings(context_.queue, lease.job, ImagesDigest(order.study))};
  if (order.proposal) job.proposal = PlacesOf(*order.proposal);
  job.import = order.import;
  child_->Send(ToWorkerText(job), std::move(folder));
  current_ = Current{leased, std::move(order), std::move(ticket), std::chrono::steady_clock::now(), {}};
  last_word_ = current_->since;
  state_ = State::kBusy;
  WatchJob();
  LogJob(Severity::kInfo, "running", lease.job, "", {{"attempt", lease.attempt}, {"device", device_}});
  return true;
}

// The hard limit of one study: whoever takes longer hangs. The worker knows it, and ends re-runs before.
void WorkerSlot::WatchJob() {
  deadline_.expires_after(context_.settings.worker.study_limit);
  deadline_.async_wait([this](const boost::system::error_code& error) {
    if (error || !current_) return;
    current_->is_overdue = true;
    child_->Kill();
  });
}

// On the CPU one pass over a whole volume takes minutes without a word, so only the limit of the study can tell.
bool WorkerSlot::IsSilent() const {
  return on_gpu_ && std::chrono::steady_clock::now() - last_word_ > context_.settings.worker.silence_limit;
}

void WorkerSlot::Renew() {
  if (!current_ || current_->is_disowned) return;
  if (IsSilent()) {
    current_->is_overdue = true;
    return child_->Kill();
  }
  if (context_.queue.Heartbeat(current_->leased.lease, current_->progress) == Fenced::kDone) return;
  LogJob(Severity::kInfo, "taken away: its worker stops", current_->leased.lease.job);
  Cancel();
}

void WorkerSlot::Cancel() {
  current_->is_disowned = true;
  child_->Send(ToWorkerText(WorkerCancel{current_->ticket}));
  deadline_.expires_after(kCancelTime);
  deadline_.async_wait([this](const boost::system::error_code& error) {
    if (!error && child_) child_->Kill();
  });
}

void WorkerSlot::HandBack(const std::string& why) {
  is_closed_ = true;
  if (current_ && !current_->is_disowned) {
    LogJob(Severity::kInfo, "handed back", current_->leased.lease.job);
    (void)context_.queue.HandBack(current_->leased.lease, why);
    Cancel();
  }
}

std::optional<std::chrono::seconds> WorkerSlot::TimeLeft() const {
  if (!current_ || !current_->progress.seconds_left) return std::nullopt;
  return std::chrono::seconds(static_cast<std::int64_t>(*current_->progress.seconds_left));
}

void WorkerSlot::OnMessage(const std::string& text) {
  last_word_ = std::chrono::steady_clock::now();
  try {
    const FromWorker message = ParseFromWorker(text);
    if (const auto* ready = std::get_if<WorkerReady>(&message)) OnReady(ready->device, ready->reason);
    if (const auto* told = std::get_if<WorkerProgress>(&message)) OnProgress(told->ticket, told->stage, told->share);
    if (const auto* outcome = std::get_if<WorkerOutcome>(&message)) OnOutcome(*outcome);
  } catch (const MessageError&) {
    Log(Severity::kError, "a worker spoke nonsense and is killed", {{"device", device_}});
    child_->Kill();
  }
}

void WorkerSlot::OnReady(const std::string& device, const std::string& reason) {
  Log(Severity::kInfo, "worker ready", {{"device", device}, {"because", reason}, {"pid", child_->pid()}});
  on_gpu_ = device.starts_with("cuda");
  failed_starts_ = 0;
  state_ = State::kIdle;
  on_idle_();
}

void WorkerSlot::OnProgress(const JobTicket& ticket, const std::string& stage, double share) {
  if (!current_ || !(ticket == current_->ticket)) return;
  const double elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - current_->since).count();
  current_->progress = {share, stage, std::nullopt};
  if (share > 0.02) current_->progress.seconds_left = elapsed * (1 - share) / share;
}

void WorkerSlot::OnOutcome(const WorkerOutcome& outcome) {
  if (!current_ || !(outcome.ticket == current_->ticket)) return;
  failed_starts_ = 0;
  if (!current_->is_disowned) {
    if (const auto* succeeded = std::get_if<WorkSucceeded>(&outcome.outcome)) {
      Publish(context_, current_->leased, current_->order, current_->ticket, *succeeded);
    } else if (const auto* problem = std::get_if<Problem>(&outcome.outcome)) {
      OnProblem(*problem);
    } else if (const auto* failed = std::get_if<WorkFailed>(&outcome.outcome)) {
      OnFailed(*failed);
    } else {
      (void)context_.queue.HandBack(current_->leased.lease, "the worker stopped");
    }
  }
  const auto* const failed = std::get_if<WorkFailed>(&outcome.outcome);
  const bool ends = failed != nullptr && failed->failure == WorkFailure::kFatalDevice;
  EndJob();
  state_ = ends ? State::kDown : State::kIdle;
  if (ends) return;  // OnExit follows
  const int most = context_.settings.worker.recycle_after;
  if (is_closed_ || (most > 0 && ++jobs_done_ >= most)) return child_->Kill();
  on_idle_();
}

void WorkerSlot::OnProblem(const Problem& problem) {
  const Lease& lease = current_->leased.lease;
  const Reason reason{problem.code, problem.file, problem.field, problem.sentence};
  if (problem.code == "INPUT_CHANGED") {
    (void)context_.queue.InputChanged(lease, problem.sentence);
    return LogJob(Severity::kInfo, "settling", lease.job, problem.code);
  }
  if (problem.verdict == InputVerdict::kNeedsPrompts) {
    (void)context_.queue.NeedsPrompts(lease, current_->leased.job.facts, reason);
    return LogJob(Severity::kInfo, "needs_prompts", lease.job, problem.code);
  }
  const bool is_conflict = problem.verdict == InputVerdict::kQuarantined;
  const JobState state = is_conflict ? JobState::kQuarantined : JobState::kRejected;
  (void)context_.queue.Refuse(lease, state, reason);
  LogJob(Severity::kWarning, std::string(Word(state)), lease.job, problem.code);
}

void WorkerSlot::OnFailed(const WorkFailed& failed) {
  const Lease& lease = current_->leased.lease;
  LogJob(Severity::kWarning, "attempt failed", lease.job, failed.code, {{"device", device_}});
  FailAttempt(context_, lease, {failed.code, "", "", failed.detail});
}

void WorkerSlot::OnExit(const std::string& how) {
  child_.reset();
  const bool was_starting = state_ == State::kStarting;
  state_ = State::kDown;
  if (current_ && !current_->is_disowned) OnDeath(how);
  if (current_) EndJob();
  failed_starts_ = was_starting ? failed_starts_ + 1 : 0;
  if (is_closed_) return on_idle_();
  Log(was_starting ? Severity::kError : Severity::kWarning, "worker ended", {{"device", device_}, {"how", how}});
  RestartLater();
}

// Whoever stops the daemon may have ended its workers too (a service manager does): that says nothing of the study.
void WorkerSlot::OnDeath(const std::string& how) {
  const Lease& lease = current_->leased.lease;
  if (is_stopping_ && !current_->is_overdue) {
    LogJob(Severity::kInfo, "handed back", lease.job, "", {{"how", how}});
    (void)context_.queue.HandBack(lease, "the worker ended while the daemon stops: " + how);
    return;
  }
  const std::string code = current_->is_overdue ? "WORKER_HUNG" : "WORKER_CRASHED";
  LogJob(Severity::kWarning, "worker ended in this job", lease.job, code, {{"how", how}});
  (void)context_.queue.Fail(lease, JobQueue::FailureKind::kCrash, {code, "", "", "the worker ended: " + how});
}

void WorkerSlot::RestartLater() {
  std::chrono::milliseconds pause = kRestartPause;
  for (int i = 1; i < failed_starts_ && pause < kLongestPause; ++i) pause *= 2;
  restart_.expires_after(std::min(pause, kLongestPause));
  restart_.async_wait([this](const boost::system::error_code& error) {
    if (!error) StartWorker();
  });
}

void WorkerSlot::EndJob() {
  deadline_.cancel();
  context_.results.DiscardStaging(current_->ticket.token);
  current_.reset();
}

void WorkerSlot::Close() {
  is_closed_ = true;
  restart_.cancel();
  if (!current_ && child_) child_->Kill();
}

void WorkerSlot::Stop() {
  is_stopping_ = true;
  Close();
}

}  // namespace dinsd
