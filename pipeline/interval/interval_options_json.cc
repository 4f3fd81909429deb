#include "pipeline/interval/interval_options_json.h"

#include <nlohmann/json.hpp>

namespace dinsd {

nlohmann::json IntervalOptionsJson(const IntervalOptions& options) {
  if (options.runs == 0) return {{"runs", 0}};
  return {{"runs", options.runs},
          {"seed", options.seed},
          {"jitter_mm", options.variation.jitter_mm},
          {"drop", options.variation.drop},
          {"exchange", options.variation.exchange},
          {"shift", options.variation.shift},
          {"flips", options.variation.flips}};
}

}  // namespace dinsd
