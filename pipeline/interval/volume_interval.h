#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/interval_calibration.h"

namespace dinsd {

/// How far a lesion's volume moved when its study was run again with varied clicks and a shifted, mirrored image, and
/// how far the place of the voxels alone moves it. It says what the volume hangs on, not how far it is from the truth.
struct VolumeSpread {
  std::vector<double> volumes_ml;  // of each re-run, 0 where nothing was left of it
  double run_log_sd = 0;           // standard deviation of their logarithms, round their own mean
  double sampling_log_sd = 0;      // of the logarithm of the volume of a sphere as large on such voxels

  /// Both together.
  [[nodiscard]] double LogSd() const;
};

/// Between which bounds the true volume lies in so many of 100 lesions as were measured to calibrate the weights.
struct VolumeInterval {
  double low_ml = 0, high_ml = 0;
  double level = 0.9;
  int runs = 0;
  std::optional<double> change_log_sd;  // of the logarithm of the volume, as far as it bears on a change, see
                                        // IntervalOfChange; nothing: the weights are not calibrated for its changes
};

/// `volumes_ml` with the standard deviation of their logarithms; a volume below half a voxel counts as one of half a
/// voxel. Throws std::invalid_argument on fewer than two.
[[nodiscard]] VolumeSpread SpreadOf(std::vector<double> volumes_ml, double voxel_ml, double sampling_log_sd);

/// The interval of a volume above 0 whose lesion spans `slices`, by the weights' calibration. A change of one that
/// spans fewer than calibration.least_slices has none.
[[nodiscard]] VolumeInterval IntervalOf(double volume_ml, int slices, const VolumeSpread& spread,
                                        const IntervalCalibration& calibration);

}  // namespace dinsd
