#pragma once

#include <filesystem>
#include <vector>

#include "pipeline/read/station_map.h"
#include "pipeline/read/study.h"

namespace dinsd {

/// The stations of an image head to feet; of one that was not made in stations, itself.
[[nodiscard]] std::vector<const StudyImage*> StationsOf(const StudyImage& image);

/// Who owns which voxel of `image.grid`. Throws InputError as MapStations where the stations are none, but for the
/// least overlap, which was checked when they were chosen.
[[nodiscard]] StationMap MapOf(const StudyImage& image);

/// Puts several chosen images, all stations of one examination, into one that stands for them (StudyImage::stations)
/// at the place of the first. Leaves one or none as it is. Notes of all stations become its own, each with the station
/// that it is about; a station that does not lie on the voxels of the first adds one.
void JoinChosenStations(std::vector<StudyImage>& images);

/// Throws LIMIT_EXCEEDED where all stations together have more voxels than one volume may.
void CheckStationVoxels(const StudyImage& image, const StationMap& map, const ReadLimits& limits);

/// Decodes an image that was made in stations: each voxel from its owner. Throws InputError of ReadStudyImage and
/// LIMIT_EXCEEDED.
[[nodiscard]] Volume ReadStations(const std::filesystem::path& root, const StudyImage& image,
                                  const StudyReadOptions& options);

}  // namespace dinsd
