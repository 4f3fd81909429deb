#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "daemon/messages/work_order.h"
#include "daemon/service/child.h"
#include "daemon/service/context.h"

namespace dinsd {

/// One device and the worker process that has it: started, given one job at a time, watched, and started again when it
/// ends. What it says of its job becomes the job's next state.
class WorkerSlot {
 public:
  /// `on_idle` is called whenever a job ended or another one can be given.
  WorkerSlot(ServiceContext& context, std::string device, int threads, std::function<void()> on_idle);

  void StartWorker();

  [[nodiscard]] bool IsIdle() const { return state_ == State::kIdle; }
  [[nodiscard]] bool IsBusy() const { return current_.has_value(); }
  [[nodiscard]] bool KeepsFailing() const { return failed_starts_ > 1; }
  [[nodiscard]] bool HasEnded() const { return is_closed_ && child_ == nullptr; }
  [[nodiscard]] const std::string& token() const;

  /// Gives the idle worker a job. A job whose study or weights are no longer there goes back to settling.
  void Begin(const LeasedJob& leased);

  /// Renews the lease of its job, with progress; a job that was taken away is cancelled.
  void Renew();

  /// When its job will probably be over; nothing if nobody can tell yet.
  [[nodiscard]] std::optional<std::chrono::seconds> TimeLeft() const;

  /// Cancels its job, which is handed back; no more workers are started.
  void HandBack(const std::string& why);

  /// No worker is started any more, and an idle one ends.
  void Close();

  /// Close, since the daemon stops: a worker that dies from now on has its job handed back, and counts as no crash.
  void Stop();

 private:
  enum class State { kDown, kStarting, kIdle, kBusy };

  struct Current {
    LeasedJob leased;
    StudyOrder order;
    JobTicket ticket;
    std::chrono::steady_clock::time_point since;
    Progress progress;
    bool is_overdue = false;   // killed for taking too long
    bool is_disowned = false;  // its lease is gone, or handed back: whatever comes is thrown away
  };

  bool Hand(const LeasedJob& leased, StudyOrder order, UniqueFd folder);
  bool SendPrior(const LeasedJob& leased, const PriorOrder& prior, const JobTicket& ticket);
  [[nodiscard]] WorkerProposal PlacesOf(const ProposalOrder& order) const;
  [[nodiscard]] bool IsSilent() const;
  void OnMessage(const std::string& text);
  void OnReady(const std::string& device, const std::string& reason);
  void OnProgress(const JobTicket& ticket, const std::string& stage, double share);
  void OnOutcome(const WorkerOutcome& outcome);
  void OnProblem(const Problem& problem);
  void OnFailed(const WorkFailed& failed);
  void OnExit(const std::string& how);
  void OnDeath(const std::string& how);
  void WatchJob();
  void Cancel();
  void EndJob();
  void RestartLater();

  ServiceContext& context_;
  std::string device_;
  int threads_;
  std::function<void()> on_idle_;
  State state_ = State::kDown;
  std::shared_ptr<Child> child_;
  std::optional<Current> current_;
  boost::asio::steady_timer deadline_;
  boost::asio::steady_timer restart_;
  std::chrono::steady_clock::time_point last_word_;
  bool on_gpu_ = false;
  int failed_starts_ = 0;
  bool is_closed_ = false;
  bool is_stopping_ = false;
  int jobs_done_ = 0;  // by this worker
};

}  // namespace dinsd
