#include "daemon/service/worker_check.h"

#include <boost/process.hpp>
#include <memory>
#include <string>
#include <thread>

#include "config/load_settings.h"

namespace dinsd {
namespace {

namespace process = boost::process;
using Clock = std::chrono::steady_clock;

// A worker that checks one device; what it says is a few lines, which its pipe holds until it has ended.
struct CheckingWorker {
  CheckingWorker(const std::filesystem::path& programs, std::string on, const std::vector<ServedModel>& models)
      : device(std::move(on)),
        child((programs / "dinsd-worker").string(), process::args(Arguments(device, models)), process::std_err > words,
              process::std_in < process::null) {}

  static std::vector<std::string> Arguments(const std::string& device, const std::vector<ServedModel>& models) {
    std::vector<std::string> arguments = {"--check", device};
    for (const ServedModel& model : models) {
      arguments.push_back(model.weights.path);
      arguments.push_back(model.weights.sha256);
    }
    return arguments;
  }

  [[nodiscard]] bool EndsBefore(Clock::time_point deadline) {
    while (child.running()) {
      if (Clock::now() >= deadline) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return true;
  }

  [[nodiscard]] std::string Said() {
    std::string said;
    for (std::string line; std::getline(words, line);) said += (said.empty() ? "" : " ") + line;
    return said;
  }

  std::string device;
  process::ipstream words;
  process::child child;
};

}  // namespace

void CheckByWorker(const std::filesystem::path& programs, const std::vector<std::string>& devices,
                   const std::vector<ServedModel>& models, std::chrono::milliseconds limit) {
  const Clock::time_point deadline = Clock::now() + limit;
  std::vector<std::unique_ptr<CheckingWorker>> workers;
  workers.reserve(devices.size());
  for (const std::string& device : devices) {
    workers.push_back(std::make_unique<CheckingWorker>(programs, device, models));
  }
  std::vector<std::string> faults;
  for (const auto& worker : workers) {
    if (!worker->EndsBefore(deadline)) {
      worker->child.terminate();
      faults.push_back("the worker of device \"" + worker->device + "\" had not loaded its weights after " +
                       std::to_string(limit.count() / 1000) + " s");
    } else if (worker->child.exit_code() != 0) {
      faults.push_back("no worker can start on device \"" + worker->device + "\": " + worker->Said());
    }
  }
  if (!faults.empty()) throw ConfigError(faults);
}

}  // namespace dinsd
