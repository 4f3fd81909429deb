#include "daemon/service/worker_devices.h"

#include <algorithm>

namespace dinsd {

std::vector<std::string> WorkerDevices(const std::vector<std::string>& devices, const std::filesystem::path& dev) {
  std::vector<std::string> workers = devices;
  if (std::find(devices.begin(), devices.end(), "auto") == devices.end()) return workers;
  for (int i = 1; std::filesystem::exists(dev / ("nvidia" + std::to_string(i))); ++i) {
    const std::string device = "cuda:" + std::to_string(i);
    if (std::find(devices.begin(), devices.end(), device) == devices.end()) workers.push_back(device);
  }
  return workers;
}

}  // namespace dinsd
