#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "pipeline/prompt/resolve_stations.h"
#include "pipeline/read/station_map.h"
#include "pipeline/segment/plan.h"
#include "pipeline/segment/run_plan.h"
#include "pipeline/segment/study_result.h"

namespace dinsd {

// What a study in stations adds to SegmentStudy: each station goes through the network by itself, with intensities that
// are normalised over the whole examination, as in training; from its mask on, everything happens once on the common
// grid. A study that was not made in stations is its own only one, on the same way.

/// The voxels of a study, of all stations together and of each.
struct StudyVolumes {
  StationMap map;
  Volume whole;
  std::vector<Volume> parts;  // on each station's own grid; empty for a study without stations

  [[nodiscard]] const Volume& Of(std::size_t s) const { return parts.empty() ? whole : parts.at(s); }
};

/// Throws InputError of ReadStudyImage.
[[nodiscard]] StudyVolumes ReadStudyVolumes(const std::filesystem::path& root, const StudyImage& image,
                                            const StudyReadOptions& options);

/// CheckIntensities and FlagUnlikelyClicks of each station, by its own intensities; returns the warnings, flags the
/// lesions of `prompts.whole`. Throws InputError of CheckIntensities.
std::vector<std::string> CheckStations(const StudyVolumes& volumes, const StudyImage& image, StationPrompts& prompts);

/// Each station as the network will see it. Under kAuto all of them go in boxes where the examination as a whole would:
/// the mode changes volumes, and no lesion's should hang on the station that it lies in. Throws InputError of
/// PutOnArray.
[[nodiscard]] std::vector<StudyOnArray> PutStationsOnArray(const StudyImage& image, const StationPrompts& prompts,
                                                           const ModelManifest& manifest,
                                                           const SegmentOptions& options);

/// The scale that brings each station's normalised voxels to those of the whole examination, where it was put on one
/// scale: coils differ, so stations are first scaled until neighbours have the same sum of intensities in their
/// overlap. A lower leg alone has another mean and deviation than a body, and the network learnt from bodies. A study
/// without stations keeps its own.
[[nodiscard]] std::vector<IntensityScale> StationScales(const StudyVolumes& volumes);

/// How the whole study was brought to the network: `boxes` where a station was, and why, station by station.
struct StudyMode {
  std::string mode, reason;
};
[[nodiscard]] StudyMode ModeOf(const std::vector<StudyOnArray>& stations);

/// RunPlan over each station; the masks are joined on the common grid, each voxel from its owner. Remarks on lesions
/// are those of all stations.
[[nodiscard]] SeenTumour RunStations(const std::vector<StudyOnArray>& stations, const StudyVolumes& volumes,
                                     LoadedModel& model, const SegmentOptions& options, const OnPass& on_pass);

/// Flags `overlap_zone` on lesions with a voxel where two stations overlap, and `touches_border` on those that reach
/// the end of the stations elsewhere than at the border of the common grid, and sets LesionResult::stations. Nothing
/// for a study without stations.
void FlagStations(const StationMap& map, const std::vector<std::uint16_t>& labels, std::vector<LesionResult>& lesions);

/// What of the mask each station owns, on its own grid; one per station, head to feet. Nothing for a study without.
[[nodiscard]] std::vector<LabelMap> StationMasks(const StudyImage& image, const StationMap& map,
                                                 const std::vector<std::uint16_t>& labels);

}  // namespace dinsd
