#pragma once

#include <stdexcept>

namespace dinsd {

/// When a change of volume counts. Sources: 20 % is the mark of volumetric response in NF1 (Dombi et al., Neurology
/// 81(21 S1), 2013, REiNS); the extent below which a volume says too little is measured on spheres (RESULTS.md).
struct ChangeOptions {
  double percent = 20;        // a change by less, either way, is `stable`
  int measurable_slices = 3;  // a lesion that spans fewer at the reference gets no class

  /// Throws std::invalid_argument that names the field.
  void Check() const {
    if (!(percent > 0 && percent < 100)) throw std::invalid_argument("percent must be above 0 and below 100");
    if (measurable_slices < 1) throw std::invalid_argument("measurable_slices must be at least 1");
  }
};

}  // namespace dinsd
