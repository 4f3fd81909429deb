#include "daemon/service/dispatcher.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <thread>
#include <utility>

#include "daemon/service/job_log.h"
#include "daemon/service/worker_devices.h"

namespace dinsd {
namespace {

std::string LackOfRoom(const DaemonSettings& daemon) {
  for (const auto& [folder, name] :
       {std::pair(daemon.results_dir, "results_dir"), std::pair(daemon.state_dir, "state_dir")}) {
    std::error_code error;
    const std::filesystem::space_info space = std::filesystem::space(folder, error);
    if (error || space.available >= daemon.least_free_bytes) continue;
    return std::string(name) + " has less than least_free_mib = " + std::to_string(daemon.least_free_bytes >> 20U) +
           " free";
  }
  return {};
}

}  // namespace

Dispatcher::Dispatcher(ServiceContext& context, std::function<void()> on_quiet)
    : context_(context), on_quiet_(std::move(on_quiet)) {}

void Dispatcher::Configure() {
  for (std::unique_ptr<WorkerSlot>& slot : slots_) {
    slot->Close();
    retired_.push_back(std::move(slot));
  }
  slots_.clear();
  StartWorkers();
}

// One device has one worker: new ones wait until the old ones have ended.
void Dispatcher::StartWorkers() {
  std::erase_if(retired_, [](const std::unique_ptr<WorkerSlot>& slot) { return slot->HasEnded(); });
  if (is_stopping_ || !retired_.empty() || !slots_.empty()) return;
  const std::vector<std::string> devices = WorkerDevices(context_.settings.worker.devices);
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  const int share = cores / static_cast<int>(devices.size());
  const int threads = context_.settings.worker.threads > 0 ? context_.settings.worker.threads : std::max(1, share);
  for (const std::string& device : devices) {
    slots_.push_back(std::make_unique<WorkerSlot>(context_, device, threads, [this] { OnIdle(); }));
    slots_.back()->StartWorker();
  }
}

// Posted, since it is called from inside a slot that has not finished yet.
void Dispatcher::OnIdle() {
  boost::asio::post(context_.io, [this] {
    StartWorkers();
    Pump();
    if (busy() == 0) on_quiet_();
  });
}

// A study that cannot be written at its end would be lost work, and count as its own error.
bool Dispatcher::MayBegin() {
  std::string obstacle = context_.results.Obstacle();
  if (obstacle.empty()) obstacle = LackOfRoom(context_.settings.daemon);
  if (!obstacle.empty()) obstacle += ": no study is begun";
  if (obstacle != obstacle_) Log(Severity::kWarning, obstacle.empty() ? "studies can be begun again" : obstacle);
  obstacle_ = obstacle;
  return obstacle.empty();
}

std::string Dispatcher::Notice() const {
  if (!obstacle_.empty()) return obstacle_;
  const bool none_runs = !slots_.empty() && std::all_of(slots_.begin(), slots_.end(),
                                                        [](const auto& slot) { return slot->KeepsFailing(); });
  return none_runs ? "no worker can be started: see the log" : "";
}

void Dispatcher::Pump() {
  if (is_stopping_ || !MayBegin()) return;
  for (const std::unique_ptr<WorkerSlot>& slot : slots_) {
    if (!slot->IsIdle()) continue;
    const std::optional<LeasedJob> leased = context_.queue.LeaseNext();
    if (!leased) return;
    slot->Begin(*leased);
  }
}

void Dispatcher::Renew() {
  for (const std::unique_ptr<WorkerSlot>& slot : slots_) slot->Renew();
  for (const std::unique_ptr<WorkerSlot>& slot : retired_) slot->Renew();
}

void Dispatcher::Stop(std::chrono::seconds limit) {
  is_stopping_ = true;
  for (const std::unique_ptr<WorkerSlot>& slot : slots_) {
    const std::optional<std::chrono::seconds> left = slot->TimeLeft();
    if (slot->IsBusy() && (!left || *left > limit)) {
      slot->HandBack("the daemon stops");
    } else {
      slot->Stop();
    }
  }
  for (const std::unique_ptr<WorkerSlot>& slot : retired_) slot->Stop();
}

void Dispatcher::HandBackAll() {
  is_stopping_ = true;
  for (const std::unique_ptr<WorkerSlot>& slot : slots_) slot->HandBack("the daemon stops");
  for (const std::unique_ptr<WorkerSlot>& slot : retired_) slot->HandBack("the daemon stops");
}

std::size_t Dispatcher::busy() const {
  const auto is_busy = [](const std::unique_ptr<WorkerSlot>& slot) { return slot->IsBusy(); };
  return static_cast<std::size_t>(std::count_if(slots_.begin(), slots_.end(), is_busy) +
                                  std::count_if(retired_.begin(), retired_.end(), is_busy));
}

std::set<std::string> Dispatcher::Tokens() const {
  std::set<std::string> tokens;
  for (const std::unique_ptr<WorkerSlot>& slot : slots_) tokens.insert(slot->token());
  for (const std::unique_ptr<WorkerSlot>& slot : retired_) tokens.insert(slot->token());
  return tokens;
}

}  // namespace dinsd
