#pragma once

#include <optional>

#include "pipeline/followup/change.h"

namespace dinsd {

/// The 95 % interval of the change from `reference_ml` to `now_ml`, in percent:
/// 100 * (exp(ln(now / reference) -+ 1.96 * sqrt(a^2 + b^2)) - 1), where a and b are the standard deviations of the two
/// logarithms of volume as far as they bear on a change (`interval.change_log_sd` of a lesion in report.json). The
/// errors of both timepoints are in it; an error that both share is not, so both must have been measured with the same
/// weights and options, which the caller knows.
///
/// Nothing where a or b is unknown, negative or not finite, or a volume is not above 0. Thread-safe.
[[nodiscard]] std::optional<PercentInterval> IntervalOfChange(double reference_ml, double now_ml,
                                                              std::optional<double> reference_log_sd,
                                                              std::optional<double> now_log_sd);

}  // namespace dinsd
