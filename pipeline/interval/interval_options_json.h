#pragma once

#include <nlohmann/json_fwd.hpp>

#include "pipeline/interval/interval_options.h"

namespace dinsd {

/// How re-runs are made, as reports, provenance, messages and the job's key have it: `runs` (alone where it is 0),
/// `seed`, `jitter_mm`, `drop`, `exchange`, `shift`, `flips`. It is apart from the options that volumes hang on.
[[nodiscard]] nlohmann::json IntervalOptionsJson(const IntervalOptions& options);

}  // namespace dinsd
