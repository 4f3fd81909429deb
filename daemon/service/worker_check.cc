#include "daemon/service/worker_check.h"

#include <boost/process.hpp>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "config/load_settings.h"

namespace dinsd {
namespace {

namespace process = boost::process;
using Clock = std::chrono::steady_clock;

using TemporaryFile = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

TemporaryFile MakeTemporaryFile() {
  TemporaryFile file(std::tmpfile(), std::fclose);
  if (!file) throw std::runtime_error("no temporary file can be made for what a worker says");
  return file;
}

// A worker that checks one device; what it says goes to a file without a name.
struct CheckingWorker {
  CheckingWorker(const std::filesystem::path& programs, std::string on, const std::vector<ServedModel>& models)
      : device(std::move(on)),
        child((programs / "dinsd-worker").string(), process::args(Arguments(device, models)),
              process::std_err > words.get(), process::std_in < process::null) {}

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
    std::rewind(words.get());
    std::string said;
    for (int c = std::fgetc(words.get()); c != EOF; c = std::fgetc(words.get())) {
      said += c == '\n' ? ' ' : static_cast<char>(c);
    }
    while (!said.empty() && said.back() == ' ') said.pop_back();
    return said;
  }

  std::string device;
  TemporaryFile words = MakeTemporaryFile();
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
