#pragma once

#include <string>
#include <vector>

#include "config/settings.h"
#include "daemon/messages/worker_messages.h"
#include "pipeline/read/study.h"

namespace dinsd {

/// One [[model]] of the configuration with the digest of its weights, which is part of every job's key.
struct ServedModel {
  std::string name;  // the weights' file name without its ending
  WeightsFile weights;
  ModelSettings conditions;
};

/// Hashes the weights of every [[model]]. Throws ConfigError that names a file that cannot be read.
[[nodiscard]] std::vector<ServedModel> ServeModels(const std::vector<ModelSettings>& models);

/// The first model whose conditions all hold for `image`; nullptr if there is none.
[[nodiscard]] const ServedModel* ChooseModel(const std::vector<ServedModel>& models, const StudyImage& image);

/// How the slices of a grid lie: the plane across its slice axis.
[[nodiscard]] SliceOrientation OrientationOf(const GridGeometry& grid);

}  // namespace dinsd
