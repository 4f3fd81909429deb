#pragma once

#include <stdexcept>
#include <vector>

#include "gpu/connected_components.h"
#include "pipeline/evaluate/statistics_options.h"

namespace dinsd {

/// What a lesion is when lesions are counted.
enum class LesionRule {
  kComponents,  // a piece of the mask (26 neighbours), whatever its labels are
  kLabels,      // the voxels of one label
};

/// How masks are compared.
struct EvaluateOptions {
  Connectivity surface_erosion = Connectivity::k18;
  LesionRule lesions = LesionRule::kComponents;
  std::vector<double> iou_thresholds{0.1, 0.5};
  BootstrapOptions bootstrap;

  /// Throws std::invalid_argument that names the field.
  void Check() const {
    bootstrap.Check();
    for (const double threshold : iou_thresholds) {
      if (!(threshold > 0 && threshold <= 1)) throw std::invalid_argument("an IoU threshold lies in (0, 1]");
    }
  }
};

}  // namespace dinsd
