#pragma once

#include <chrono>
#include <cstdint>

#include "pipeline/import/import_options.h"

namespace dinsd {

/// How a study is followed from its patient's earlier ones.
struct FollowUpOptions {
  bool propose = true;              // a study without clicks gets clicks from its prior's mask, for a person to verify
  bool measure_prior_again = true;  // a prior of another method is measured again from its own verified clicks
  std::chrono::seconds registration_time_limit{600};                 // of each station; 0 = none
  std::uint64_t registration_cache_bytes = std::uint64_t{1} << 30U;  // below state_dir; 0 = none is kept
  bool reports = true;  // results_dir/patients/ has a report over all timepoints of each patient with two or more
  ImportOptions import;

  friend bool operator==(const FollowUpOptions&, const FollowUpOptions&) = default;
};

}  // namespace dinsd
