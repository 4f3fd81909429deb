#include "daemon/work/model_store.h"

#include <utility>

#include "daemon/work/self_test.h"
#include "model/weights_error.h"

namespace dinsd {

LoadedModel& ModelStore::Get(const WeightsFile& weights) {
  const auto known = by_sha256_.find(weights.sha256);
  if (known != by_sha256_.end()) return known->second;
  LoadedModel model = LoadModel(weights.path, device_);
  if (model.weights_sha256 != weights.sha256) {
    throw WeightsError("WEIGHTS_CHANGED", weights.path.string(), "", "the file is not the one that was configured");
  }
  RunSelfTest(*model.segmenter);
  return by_sha256_.emplace(weights.sha256, std::move(model)).first->second;
}

}  // namespace dinsd
