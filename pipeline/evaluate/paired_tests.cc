#include "pipeline/evaluate/paired_tests.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>
#include <numeric>
#include <stdexcept>

namespace dinsd {
namespace {

// Ranks of the sizes of differences; twice each, so that the mean rank of a tie is a whole number.
struct Ranks {
  std::vector<std::int64_t> doubled;  // ascending by size
  std::int64_t doubled_positive = 0;  // sum over positive differences
  double tie_term = 0;                // sum of t^3 - t over groups of t equal sizes
};

std::vector<double> NonZeroBySize(std::span<const double> differences) {
  std::vector<double> used;
  for (const double d : differences) {
    if (!std::isfinite(d)) throw std::invalid_argument("Wilcoxon: a difference is not finite");
    if (d != 0) used.push_back(d);
  }
  std::sort(used.begin(), used.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
  return used;
}

Ranks RankSizes(const std::vector<double>& by_size) {
  Ranks ranks;
  for (std::size_t begin = 0; begin < by_size.size();) {
    std::size_t end = begin;
    while (end < by_size.size() && std::abs(by_size[end]) == std::abs(by_size[begin])) ++end;
    const auto doubled = static_cast<std::int64_t>(begin + 1 + end);  // of ranks begin + 1 .. end
    for (std::size_t i = begin; i < end; ++i) {
      ranks.doubled.push_back(doubled);
      if (by_size[i] > 0) ranks.doubled_positive += doubled;
    }
    const auto size = static_cast<double>(end - begin);
    ranks.tie_term += size * size * size - size;
    begin = end;
  }
  return ranks;
}

// Twice the smaller tail of the rank sum's distribution over all signs.
double ExactP(const Ranks& ranks) {
  const std::int64_t total = std::accumulate(ranks.doubled.begin(), ranks.doubled.end(), std::int64_t{0});
  std::vector<double> share(static_cast<std::size_t>(total + 1));
  share[0] = 1;
  for (const std::int64_t rank : ranks.doubled) {
    for (std::int64_t sum = total; sum >= 0; --sum) {
      const double without = share[static_cast<std::size_t>(sum)];
      const double with = sum >= rank ? share[static_cast<std::size_t>(sum - rank)] : 0;
      share[static_cast<std::size_t>(sum)] = (without + with) / 2;
    }
  }
  const auto at = share.begin() + ranks.doubled_positive;
  const double below = std::accumulate(share.begin(), at + 1, 0.0);
  const double above = std::accumulate(at, share.end(), 0.0);
  return std::min(1.0, 2 * std::min(below, above));
}

double NormalP(const Ranks& ranks) {
  const auto n = static_cast<double>(ranks.doubled.size());
  const double mean = n * (n + 1) / 4;
  const double variance = n * (n + 1) * (2 * n + 1) / 24 - ranks.tie_term / 48;
  const double z = (static_cast<double>(ranks.doubled_positive) / 2 - mean) / std::sqrt(variance);
  return std::erfc(std::abs(z) / std::numbers::sqrt2);
}

}  // namespace

WilcoxonResult WilcoxonSignedRank(std::span<const double> differences) {
  const std::vector<double> used = NonZeroBySize(differences);
  WilcoxonResult result;
  result.pairs = static_cast<std::int64_t>(used.size());
  if (used.empty()) return result;
  const Ranks ranks = RankSizes(used);
  result.positive_rank = static_cast<double>(ranks.doubled_positive) / 2;
  result.is_exact = result.pairs <= kWilcoxonExactPairs;
  result.p = result.is_exact ? ExactP(ranks) : NormalP(ranks);
  return result;
}

std::vector<double> HolmAdjusted(std::span<const double> p_values) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> adjusted(p_values.size());
  double largest = 0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    largest = std::max(largest, p_values[order[k]] * static_cast<double>(order.size() - k));
    adjusted[order[k]] = std::min(1.0, largest);
  }
  return adjusted;
}

}  // namespace dinsd
