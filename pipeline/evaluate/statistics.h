#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "pipeline/evaluate/statistics_options.h"

namespace dinsd {

struct Interval {
  double low = 0;
  double high = 0;

  friend bool operator==(const Interval&, const Interval&) = default;
};

/// Throws std::invalid_argument without a value; so do Median and Quantile.
[[nodiscard]] double Mean(std::span<const double> values);

/// Of the population that the values are a sample of (divides by n - 1). Nothing for fewer than two values.
[[nodiscard]] std::optional<double> StandardDeviation(std::span<const double> values);

[[nodiscard]] double Median(std::span<const double> values);

/// Linear between ranks (numpy's "linear", R's type 7); `share` in [0, 1], `sorted` ascending.
[[nodiscard]] double Quantile(std::span<const double> sorted, double share);

/// Percentile bootstrap of the mean (Efron and Tibshirani 1993, chapter 13): means of `resamples` samples of the same
/// size, drawn with replacement by a 64-bit Mersenne twister from options.seed, between their quantiles (1 - level) / 2
/// and (1 + level) / 2. The same values in the same order give the same interval on every machine. Nothing for fewer
/// than two values.
[[nodiscard]] std::optional<Interval> BootstrapMean(std::span<const double> values, const BootstrapOptions& options);

/// What a table says of one number over the cases that have it.
struct Summary {
  std::int64_t count = 0;
  double mean = 0;
  double median = 0;
  double least = 0;
  double largest = 0;
  std::optional<double> sd;
  std::optional<Interval> mean_interval;
};

/// Nothing without a value.
[[nodiscard]] std::optional<Summary> Summarise(std::span<const double> values, const BootstrapOptions& options);

}  // namespace dinsd
