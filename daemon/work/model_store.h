#pragma once

#include <map>
#include <string>

#include "daemon/messages/worker_messages.h"
#include "model/network_segmenter.h"

namespace dinsd {

/// The models that a worker holds, each loaded and tried once. Not thread-safe.
class ModelStore {
 public:
  explicit ModelStore(std::string device) : device_(std::move(device)) {}

  /// Loads `weights` on first use. Throws WeightsError (WEIGHTS_CHANGED when the file is no longer the one that was
  /// configured) and SelfTestError.
  LoadedModel& Get(const WeightsFile& weights);

 private:
  std::string device_;
  std::map<std::string, LoadedModel> by_sha256_;
};

}  // namespace dinsd
