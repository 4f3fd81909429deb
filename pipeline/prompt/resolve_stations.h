#pragma once

#include <string>
#include <vector>

#include "pipeline/prompt/resolve.h"

namespace dinsd {

/// Prompts of an image that was made in stations.
struct StationPrompts {
  ResolvedPrompts whole;                  // on the grid of all, a click where its owner station has it
  std::vector<ResolvedPrompts> stations;  // on each station's own grid: all lesions, of each what lies in the station;
                                          // no flags and no warnings, those of `whole` say it all
};

/// ResolvePrompts for an image in stations. A click belongs to the station that owns its point (StationMap), and is a
/// click of the neighbour too where both hold the point; a box, of every station that it touches. Prompts in
/// millimetres may name any of the stations; voxel indices are those of the station that is named, and where several
/// stations are one series, of the one whose grid is stated. An image without stations is its own only station. Throws
/// the InputErrors of ResolvePrompts; PROMPT_OUTSIDE for a click that lies in no station.
[[nodiscard]] StationPrompts ResolveOnStations(const Prompts& prompts, const StudyImage& image,
                                               const std::string& study_uid, const std::string& file);

/// The station of `image` that prompts were made on, whose voxels they count; of several that are one series, the one
/// whose grid is stated. Throws InputError: PROMPT_IMAGE_MISMATCH where they name none of them, PROMPT_GRID_MISMATCH
/// where the grid that they state is none of them, or voxel indices come without one.
[[nodiscard]] const StudyImage& StationNamed(const Prompts& prompts, const StudyImage& image, const std::string& file);

}  // namespace dinsd
