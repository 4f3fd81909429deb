#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <thread>
#include <vector>

#include "daemon/faults/fault_points.h"
#include "daemon/process/child_process.h"
#include "daemon/work/segment_job.h"
#include "daemon/worker/parent_link.h"
#include "model/device.h"
#include "pipeline/write/read_back_error.h"

// dinsd-worker: one per device. It chooses its device before it does anything else with the network, proves the weights
// on a tiny known input, says that it is ready, and then takes one job after the other from its parent. It opens no
// database and publishes nothing: results go into the job's staging folder.

namespace dinsd {
namespace {

constexpr int kDeviceInDoubt = 3;  // exit code after a fault that a fresh process may get rid of

// Faults on demand (tests): see fault_points.h.
bool ActOutFaults(const FaultPoints& faults, const std::string& study, const std::function<bool()>& go_on) {
  if (faults.Has("worker", "crash", study)) std::abort();
  while (faults.Has("worker", "hang", study)) ::pause();
  if (faults.Has("worker", "read-back", study)) throw ReadBackError("a fault point: seg.dcm does not read back");
  while (faults.Has("worker", "wait", study)) {
    if (!go_on()) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

class Worker {
 public:
  int Run() {
    const std::optional<ParentLink::Received> first = parent_.Receive();
    if (!first) return 0;
    Prepare(std::get<WorkerStart>(first->message));
    while (std::optional<ParentLink::Received> next = parent_.Receive()) {
      if (std::holds_alternative<WorkerPrior>(next->message)) {
        prior_ = std::move(next);
        continue;
      }
      const auto* const job = std::get_if<WorkerJob>(&next->message);
      if (job == nullptr) continue;  // a cancellation that came after the end
      const WorkerOutcome outcome = Segment(*job, next->folder.get());
      parent_.Send(outcome);
      const auto* const failed = std::get_if<WorkFailed>(&outcome.outcome);
      // No clean-up: tearing a broken device down can hang.
      if (failed != nullptr && failed->failure == WorkFailure::kFatalDevice) ::_exit(kDeviceInDoubt);
    }
    return 0;
  }

 private:
  void Prepare(const WorkerStart& start) {
    const ChosenDevice device = ChooseDevice(start.device);
    SetNetworkThreads(start.threads);
    faults_ = FaultPoints(start.has_fault_points);
    models_ = ModelStore(device.name);
    for (const WeightsFile& weights : start.weights) (void)models_.Get(weights);
    parent_.Send(WorkerReady{device.name, device.reason});
  }

  WorkerOutcome Segment(const WorkerJob& job, int folder) {
    const auto progress = [&](const std::string& stage, double share) {
      const auto go_on = [&] { return parent_.ReportProgress(job.ticket, stage, share); };
      return go_on() && ActOutFaults(faults_, job.study.name, go_on);
    };
    const std::optional<JobPrior> prior = PriorOf(job);
    return SegmentJob(job, FolderOf(folder), prior, models_, progress);
  }

  // Where the message before was about this job.
  [[nodiscard]] std::optional<JobPrior> PriorOf(const WorkerJob& job) const {
    const auto* const prior = prior_ ? std::get_if<WorkerPrior>(&prior_->message) : nullptr;
    if (prior == nullptr || !(prior->ticket == job.ticket)) return std::nullopt;
    return JobPrior{{prior->result, prior->result_sha256, FolderOf(prior_->folder.get()), prior->name},
                    prior->registration};
  }

  [[nodiscard]] static std::filesystem::path FolderOf(int descriptor) {
    return "/proc/self/fd/" + std::to_string(descriptor);
  }

  ParentLink parent_;
  std::optional<ParentLink::Received> prior_;  // of the job that comes next
  FaultPoints faults_;
  ModelStore models_{"cpu"};
};

// dinsd-worker --check DEVICE {WEIGHTS SHA256}: whether a worker could serve; needs no parent.
int Check(const std::vector<std::string>& arguments) {
  ModelStore models(ChooseDevice(arguments[1]).name);
  for (std::size_t i = 2; i + 1 < arguments.size(); i += 2) (void)models.Get({arguments[i], arguments[i + 1]});
  return 0;
}

}  // namespace
}  // namespace dinsd

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  try {
    if (arguments.size() >= 2 && arguments[0] == "--check") return dinsd::Check(arguments);
    return dinsd::Worker().Run();
  } catch (const std::exception& error) {
    // Before the first job: device, weights or protocol. No file of a study has been seen.
    std::fprintf(stderr, "<3>dinsd-worker: %s\n", error.what());
    return 1;
  }
}
