#include "pipeline/evaluate/statistics.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>

namespace dinsd {
namespace {

void RequireValues(std::span<const double> values) {
  if (values.empty()) throw std::invalid_argument("statistics: there is no value");
}

std::vector<double> Sorted(std::span<const double> values) {
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

}  // namespace

double Mean(std::span<const double> values) {
  RequireValues(values);
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

std::optional<double> StandardDeviation(std::span<const double> values) {
  if (values.size() < 2) return std::nullopt;
  const double mean = Mean(values);
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

double Quantile(std::span<const double> sorted, double share) {
  RequireValues(sorted);
  const double rank = share * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(rank);
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (rank - static_cast<double>(low)) * (sorted[high] - sorted[low]);
}

double Median(std::span<const double> values) {
  return Quantile(Sorted(values), 0.5);
}

std::optional<Interval> BootstrapMean(std::span<const double> values, const BootstrapOptions& options) {
  options.Check();
  if (values.size() < 2) return std::nullopt;
  std::mt19937_64 engine(options.seed);
  std::vector<double> means(static_cast<std::size_t>(options.resamples));
  for (double& mean : means) {
    double sum = 0;
    for (std::size_t i = 0; i < values.size(); ++i) sum += values[engine() % values.size()];
    mean = sum / static_cast<double>(values.size());
  }
  std::sort(means.begin(), means.end());
  return Interval{Quantile(means, (1 - options.level) / 2), Quantile(means, (1 + options.level) / 2)};
}

std::optional<Summary> Summarise(std::span<const double> values, const BootstrapOptions& options) {
  if (values.empty()) return std::nullopt;
  const auto [least, largest] = std::minmax_element(values.begin(), values.end());
  return Summary{static_cast<std::int64_t>(values.size()),
                 Mean(values),
                 Median(values),
                 *least,
                 *largest,
                 StandardDeviation(values),
                 BootstrapMean(values, options)};
}

}  // namespace dinsd
