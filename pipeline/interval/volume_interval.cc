#include "pipeline/interval/volume_interval.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace dinsd {
namespace {

constexpr double kOf90Percent = 1.6448536269514722;  // standard deviations of a normal distribution

// Square root of the unbiased variance.
double Sd(const std::vector<double>& values) {
  double mean = 0, squares = 0;
  for (const double v : values) mean += v / static_cast<double>(values.size());
  for (const double v : values) squares += (v - mean) * (v - mean);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

}  // namespace

double VolumeSpread::LogSd() const {
  return std::hypot(run_log_sd, sampling_log_sd);
}

VolumeSpread SpreadOf(std::vector<double> volumes_ml, double voxel_ml, double sampling_log_sd) {
  if (volumes_ml.size() < 2) throw std::invalid_argument("a spread is that of at least two volumes");
  std::vector<double> logs;
  logs.reserve(volumes_ml.size());
  for (const double ml : volumes_ml) logs.push_back(std::log(std::max(ml, voxel_ml / 2)));
  const double sd = Sd(logs);
  return {std::move(volumes_ml), sd, sampling_log_sd};
}

VolumeInterval IntervalOf(double volume_ml, int slices, const VolumeSpread& spread,
                          const IntervalCalibration& calibration) {
  const double reach = kOf90Percent * calibration.volume.LogSd(spread.LogSd(), volume_ml);
  const double middle =
      volume_ml * std::exp(calibration.volume_bias + calibration.edge_bias_mm * SharePerMm(volume_ml));
  VolumeInterval interval;
  interval.low_ml = middle * std::exp(-reach);
  interval.high_ml = middle * std::exp(reach);
  interval.runs = static_cast<int>(spread.volumes_ml.size());
  if (slices >= calibration.least_slices) interval.change_log_sd = calibration.change.LogSd(spread.LogSd(), volume_ml);
  return interval;
}

}  // namespace dinsd
