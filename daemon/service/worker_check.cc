#include "daemon/service/worker_check.h"

#include <boost/process.hpp>
#include <string>

#include "config/load_settings.h"

namespace dinsd {

void CheckByWorker(const std::filesystem::path& programs, const std::vector<std::string>& devices,
                   const std::vector<ServedModel>& models) {
  namespace process = boost::process;
  for (const std::string& device : devices) {
    std::vector<std::string> arguments = {"--check", device};
    for (const ServedModel& model : models) {
      arguments.push_back(model.weights.path);
      arguments.push_back(model.weights.sha256);
    }
    process::ipstream words;
    process::child worker((programs / "dinsd-worker").string(), process::args(arguments), process::std_err > words,
                          process::std_in < process::null);
    std::string said;
    for (std::string line; std::getline(words, line);) said += (said.empty() ? "" : " ") + line;
    worker.wait();
    if (worker.exit_code() != 0) throw ConfigError({"no worker can start on device \"" + device + "\": " + said});
  }
}

}  // namespace dinsd
