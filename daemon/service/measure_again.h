#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "daemon/service/context.h"

namespace dinsd {

/// Whether a volume of `method` (ResultFacts) is what this daemon would measure now: by the weights of one of its
/// [[model]]s, its options and its version.
[[nodiscard]] bool IsPresentMethod(const ServiceContext& context, const std::string& method);

/// The newest result of a done job that was measured by another method than the present one.
struct MeasuredOtherwise {
  JobId job{};
  std::int64_t revision = 0;
  std::string study;           // its name
  std::string weights_sha256;  // that it was measured with
  std::string obstacle;        // why it cannot be measured again, in words; empty: it can
};

/// All of them, by number; with `weights_sha256` only those that were measured with these. What no network measured is
/// left out.
[[nodiscard]] std::vector<MeasuredOtherwise> AllMeasuredOtherwise(ServiceContext& context,
                                                                  const std::string& weights_sha256 = "");

/// Queues a job to be measured again from its own clicks, as its next revision. False where it is not `done` any more.
bool MeasureAgain(ServiceContext& context, JobId job, const std::string& who, const std::string& why);

/// The same-model rule: the prior of `followed` is measured again where it was measured otherwise; once its new
/// revision is published, what was followed from it is looked at again. Once for each job and configuration, so that
/// two that can never agree do not go on for ever; one that could not be queued is tried again the next time. Does
/// nothing where [followup] measure_prior_again is off.
void MeasurePriorAgain(ServiceContext& context, const Timepoint& prior, JobId followed);

}  // namespace dinsd
