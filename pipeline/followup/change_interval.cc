#include "pipeline/followup/change_interval.h"

#include <cmath>

namespace dinsd {
namespace {

constexpr double kOf95Percent = 1.959963984540054;  // standard deviations of a normal distribution

bool IsKnown(const std::optional<double>& log_sd) {
  return log_sd && std::isfinite(*log_sd) && *log_sd >= 0;
}

double Percent(double log_ratio) {
  return 100 * std::expm1(log_ratio);
}

}  // namespace

std::optional<PercentInterval> IntervalOfChange(double reference_ml, double now_ml,
                                                std::optional<double> reference_log_sd,
                                                std::optional<double> now_log_sd) {
  if (!(reference_ml > 0) || !(now_ml > 0) || !IsKnown(reference_log_sd) || !IsKnown(now_log_sd)) return std::nullopt;
  const double change = std::log(now_ml / reference_ml);
  const double reach = kOf95Percent * std::hypot(*reference_log_sd, *now_log_sd);
  if (!std::isfinite(change) || !std::isfinite(std::exp(change + reach))) return std::nullopt;
  return PercentInterval{Percent(change - reach), Percent(change + reach)};
}

}  // namespace dinsd
