#pragma once

#include <filesystem>
#include <optional>

#include "model/interval_calibration.h"

namespace dinsd {

/// Writes a weights file of width 2 with random values of `seed`, for grids of 8 mm: a study of a few thousand voxels
/// takes milliseconds. Calibrated ones are held to their clicks too, so that each lesion has a voxel. They are trained
/// for the sequence "nothing".
void WriteTinyWeights(const std::filesystem::path& file, std::uint64_t seed,
                      const std::optional<IntervalCalibration>& interval = std::nullopt);

}  // namespace dinsd
