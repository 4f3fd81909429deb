#pragma once

#include <optional>
#include <stdexcept>
#include <string>

#include "model/guide_rule.h"
#include "pipeline/interval/interval_options.h"

namespace dinsd {

/// How a study is brought to the network.
enum class SegmentMode {
  kAuto,   // whole volume, or boxes where that holds more clicks or far more voxels than the network was trained for
  kWhole,  // the whole volume in one pass
  kBoxes,  // a window round the clicks of each lesion
};

struct SegmentOptions {
  SegmentMode mode = SegmentMode::kAuto;
  double threshold = 0.5;             // of the probability of tumour
  bool average_flips = false;         // eight passes instead of one
  double max_memory_gib = 0;          // estimated need above it: boxes if the mode allows, else refused; 0 = no limit
  bool refuse_out_of_domain = false;  // else the study is flagged out_of_domain
  int measurable_slices = 3;          // a lesion that spans fewer slices is below_measurable
  std::string guide;                  // weights with another kind of guide are refused; empty: whatever they have
  std::optional<GuideSpread> sigma;   // of every click, in place of the prompts' and the weights'
  IntervalOptions interval;           // how sure a volume is; no volume and no mask hangs on it

  /// Throws std::invalid_argument that names the field.
  void Check() const {
    if (!(threshold > 0 && threshold < 1)) throw std::invalid_argument("threshold must lie between 0 and 1");
    if (!(max_memory_gib >= 0)) throw std::invalid_argument("max_memory_gib must not be negative");
    if (!guide.empty() && !GuideRuleFrom(guide)) throw std::invalid_argument("guide must be one of " + GuideWords());
    if (sigma && !IsLegal(*sigma)) throw std::invalid_argument("sigma must lie between 0.1 and 1000");
    if (measurable_slices < 1) throw std::invalid_argument("measurable_slices must be at least 1");
    interval.Check();
  }
};

}  // namespace dinsd
