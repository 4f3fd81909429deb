#include "pipeline/baseline/intensity.h"

#include <algorithm>
#include <cmath>

namespace dinsd {
namespace {

// The bin of every voxel, between the 1st and 99th percentile; what lies outside is in the first or last.
std::vector<int> BinsOf(std::span<const double> image, int bins) {
  std::vector<double> sorted(image.begin(), image.end());
  const auto percentile = [&](double share) {
    const auto at = sorted.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(sorted.size() - 1));
    std::nth_element(sorted.begin(), at, sorted.end());
    return *at;
  };
  const double low = percentile(0.01), high = percentile(0.99);
  std::vector<int> found(image.size());
  std::transform(image.begin(), image.end(), found.begin(), [&](double v) {
    const double position = high > low ? (v - low) / (high - low) * bins : 0;
    return static_cast<int>(std::clamp(position, 0.0, static_cast<double>(bins - 1)));
  });
  return found;
}

std::vector<double> Smoothed(const std::vector<double>& counts, double sd) {
  const auto n = static_cast<std::ptrdiff_t>(counts.size());
  std::vector<double> smooth(counts.size());
  for (std::ptrdiff_t to = 0; to < n; ++to) {
    for (std::ptrdiff_t from = 0; from < n; ++from) {
      const auto steps = static_cast<double>(to - from);
      smooth[static_cast<std::size_t>(to)] +=
          counts[static_cast<std::size_t>(from)] * std::exp(-steps * steps / (2 * sd * sd));
    }
  }
  return smooth;
}

// -ln p of each bin, from the seeds of one side; the same for every bin where there is no seed.
std::vector<double> CostOfBins(const std::vector<int>& bins, std::span<const Seed> seeds, Seed side,
                               const IntensityOptions& options) {
  const auto count = static_cast<std::size_t>(options.bins);
  std::vector<double> counts(count);
  for (std::size_t at = 0; at < seeds.size(); ++at) {
    if (seeds[at] == side) ++counts[static_cast<std::size_t>(bins[at])];
  }
  counts = Smoothed(counts, options.smoothing_bins);
  double sum = 0;
  for (const double c : counts) sum += c;
  std::vector<double> costs(count);
  for (std::size_t b = 0; b < count; ++b) {
    const double even = 1 / static_cast<double>(count);
    const double share = sum > 0 ? counts[b] / sum : even;
    costs[b] = -std::log((1 - options.even_share) * share + options.even_share * even);
  }
  return costs;
}

}  // namespace

IntensityCosts CostsOfIntensity(std::span<const double> image, std::span<const Seed> seeds,
                                const IntensityOptions& options) {
  const std::vector<int> bins = BinsOf(image, options.bins);
  const auto of_side = [&](Seed side) {
    const std::vector<double> of_bin = CostOfBins(bins, seeds, side, options);
    std::vector<double> costs(bins.size());
    std::transform(bins.begin(), bins.end(), costs.begin(),
                   [&](int bin) { return of_bin[static_cast<std::size_t>(bin)]; });
    return costs;
  };
  return {of_side(Seed::kForeground), of_side(Seed::kBackground)};
}

std::vector<double> ForegroundShare(std::span<const double> image, std::span<const Seed> seeds,
                                    const IntensityOptions& options) {
  const IntensityCosts costs = CostsOfIntensity(image, seeds, options);
  std::vector<double> share(image.size());
  std::transform(costs.foreground.begin(), costs.foreground.end(), costs.background.begin(), share.begin(),
                 [](double foreground, double background) { return 1 / (1 + std::exp(foreground - background)); });
  return share;
}

}  // namespace dinsd
