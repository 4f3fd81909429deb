#pragma once

#include <string>
#include <vector>

#include "pipeline/read/volume.h"

namespace dinsd {

/// How many times the bulk of an image a voxel may be. The bulk is the 99th percentile of the absolute values of the
/// voxels that are neither 0 nor the most extreme value (by absolute value, sign counted): a padding value is one value
/// repeated, and would otherwise be the bulk wherever it fills more than a hundredth of the image. The largest seen in
/// real images is 12.6, in one voxel of a PET.
inline constexpr double kOutlierWarned = 100;
inline constexpr double kOutlierRefused = 1000;

/// The same where more than kRepeatedShare of all voxels hold the most extreme value. Saturated voxels are repeated
/// too, but they are near the bulk.
inline constexpr double kRepeatedShare = 0.001;
inline constexpr double kRepeatedWarned = 10;
inline constexpr double kRepeatedRefused = 100;

/// The least standard deviation of the voxels above 0: the published normalisation adds 1e-8 to it, whatever the unit
/// of the values is, which must not count. Such as an ADC map in m^2/s has to come in a smaller unit.
inline constexpr double kLeastSd = 1e-4;

/// The fewest steps of single precision between the least and the largest value: an offset of 1e9 on 12-bit values
/// leaves 64 of them, and one lesion of the phantom `small` of seed 7
/// grew from 18 to 34 mL.
inline constexpr double kFewestSteps = 4096;

/// The largest share of voxels below 0. None of the training's images has any: the normalisation takes mean and
/// deviation of the voxels above 0 and leaves the others as they are, so with 20 subtracted from a phantom (8 % below
/// 0) one lesion grew from 17 to 146 mL.
inline constexpr double kMostNegativeShare = 0.001;

/// Whether the intensities of an image can be normalised. The network is given (voxel - mean) / sd, of the whole image
/// or of a window, so one absurd voxel takes the contrast from all others: with 1000 times the bulk, what is left of it
/// is below the noise even in a whole body of some million voxels. Throws InputError that names `file`: NO_CONTRAST
/// (all voxels are equal, fewer than kFewestSteps lie between them, or the deviation of those above 0 is below
/// kLeastSd: normalised they are noise, in which the network would see tumours) and INTENSITY_OUTLIER (a voxel beyond
/// kOutlierRefused, or beyond kRepeatedRefused where it is repeated) and NEGATIVE_INTENSITY (more than
/// kMostNegativeShare of the voxels below 0). Returns warnings: NEGATIVE_INTENSITY for fewer; INTENSITY_OUTLIER with
/// voxel and value, beyond kOutlierWarned or kRepeatedWarned. Absurd voxels of several values that fill more than a
/// hundredth of the image go unseen. Thread-safe.
[[nodiscard]] std::vector<std::string> CheckIntensities(const Volume& volume, const std::string& file);

}  // namespace dinsd
