#pragma once

#include <string>
#include <vector>

#include "pipeline/read/volume.h"

namespace dinsd {

/// How many times the bulk of an image a voxel may be. The bulk is the 99th percentile of the absolute values of the
/// voxels that are not 0; no magnitude image comes near either figure.
inline constexpr double kOutlierWarned = 100;
inline constexpr double kOutlierRefused = 1000;

/// Whether the intensities of an image can be normalised. The network is given (voxel - mean) / sd, of the whole image
/// or of a window, so one absurd voxel takes the contrast from all others: with 1000 times the bulk, what is left of it
/// is below the noise even in a whole body of some million voxels. Throws InputError that names `file`: NO_CONTRAST
/// (all voxels are equal: normalised they are noise, in which the network would see tumours) and INTENSITY_OUTLIER (a
/// voxel beyond kOutlierRefused). Returns warnings: INTENSITY_OUTLIER with voxel and value, beyond kOutlierWarned.
/// Thread-safe.
[[nodiscard]] std::vector<std::string> CheckIntensities(const Volume& volume, const std::string& file);

}  // namespace dinsd
