#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "daemon/service/context.h"
#include "daemon/service/worker_slot.h"

namespace dinsd {

/// Gives jobs to workers: one slot per device, each with one job at a time.
class Dispatcher {
 public:
  /// `on_quiet` is called when a job ended and no slot is busy any more.
  Dispatcher(ServiceContext& context, std::function<void()> on_quiet);

  /// Starts a worker per device of the settings; after a reload, running ones end as soon as they are idle.
  void Configure();

  /// Leases jobs for idle workers; to be called whenever one might be due.
  void Pump();

  /// Renews the leases of running jobs and stops those that were taken away.
  void Renew();

  /// No job is begun any more. One that will be over within `limit` is finished, the others are handed back.
  void Stop(std::chrono::seconds limit);

  /// Hands everything back at once.
  void HandBackAll();

  /// Why no study is begun although some may be due, in words for people; empty where all is well.
  [[nodiscard]] std::string Notice() const;

  [[nodiscard]] std::size_t busy() const;

  /// Tokens of staging folders in use.
  [[nodiscard]] std::set<std::string> Tokens() const;

 private:
  void StartWorkers();
  [[nodiscard]] bool MayBegin();
  void OnIdle();

  ServiceContext& context_;
  std::function<void()> on_quiet_;
  std::vector<std::unique_ptr<WorkerSlot>> slots_;
  std::vector<std::unique_ptr<WorkerSlot>> retired_;  // of devices that are no longer configured, until they end
  bool is_stopping_ = false;
  std::string obstacle_;
};

}  // namespace dinsd
