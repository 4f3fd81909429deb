#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace dinsd {

struct WilcoxonResult {
  std::int64_t pairs = 0;    // with a difference: the others say nothing and are left out
  double positive_rank = 0;  // sum of the ranks of the positive differences
  double p = 1;              // two-sided
  bool is_exact = true;
};

/// Wilcoxon's signed-rank test of paired differences against a median of 0. Differences of 0 are left out, equal sizes
/// share their mean rank. Up to kWilcoxonExactPairs the p-value is exact: the distribution of the positive rank sum
/// over all signs of these very ranks, ties included (a permutation test). Above, a normal approximation whose variance
/// is corrected for ties, without correction for continuity (scipy's default). No pair with a difference: p = 1. Throws
/// std::invalid_argument for a difference that is not finite.
[[nodiscard]] WilcoxonResult WilcoxonSignedRank(std::span<const double> differences);

inline constexpr std::int64_t kWilcoxonExactPairs = 50;

/// Holm's step-down adjustment of p-values of one family, in their order, each at most 1. (Holm, Scandinavian Journal
/// of Statistics 6, 1979.)
[[nodiscard]] std::vector<double> HolmAdjusted(std::span<const double> p_values);

}  // namespace dinsd
